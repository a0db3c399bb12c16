package optimizers

import (
	"github.com/pkg/errors"
)

// LearningRate returns the learning rate of the next step, as the float32 that it is used as.
func LearningRate(o Optimizer) float64 {
	o = unwrap(o)
	return float64(o.base().currentRate(o.Rate()))
}

// SetLearningRate sets the learning rate of the steps to come. It is an error where a Schedule gives the rate, or v is not a number of 0 or more that is finite as a float32.
func SetLearningRate(o Optimizer, v float64) error {
	o = unwrap(o)
	r := o.Rate()
	if r.Schedule != nil {
		return errors.Errorf("optimizers: SetLearningRate: the rate comes from a schedule (%T): expected an optimizer with a LearningRate", r.Schedule)
	}
	if err := atLeast0("SetLearningRate", v); err != nil {
		return errors.WithMessage(err, "optimizers")
	}
	b := o.base()
	b.configured, b.rate = r.LearningRate, float32(v)
	b.rated = true
	return nil
}

// currentRate returns the rate of the next step. A LearningRate field that was changed since the last look wins over what callbacks have set.
// A schedule is asked for the step by the number of all calls of [Apply], those that only accumulate gradients included, as in Keras.
func (b *Base) currentRate(r Rate) float32 {
	if r.Schedule != nil {
		return float32(r.Schedule.At(b.iteration))
	}
	if !b.rated || r.LearningRate != b.configured {
		b.rated, b.configured, b.rate = true, r.LearningRate, float32(r.LearningRate)
		if r.LearningRate == 0 {
			b.rate = float32(r.Default)
		}
	}
	return b.rate
}
