package optimizers

import (
	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/optional"
)

// Ftrl follows the regularized leader: the weight is what would have been best so far, under L1 and L2 penalties that make many weights 0.
//
//	h = g + 2·L2ShrinkageRegularizationStrength·w;  n' = n + g²;  p = -LearningRatePower
//	z += h - (n'^p - n^p)/rate·w
//	q = n'^p/rate + 2·(L2RegularizationStrength + Beta/(2·rate))
//	w = (clip(z, ±L1RegularizationStrength) - z)/q;  n = n'
//
// Source: keras.optimizers.Ftrl; McMahan et al. 2013.
type Ftrl struct {
	Base
	LearningRate                      float64  // 0: 0.001
	Schedule                          Schedule `keras:"learning_rate"` // nil: LearningRate
	LearningRatePower                 *float64 // nil: -0.5; at most 0
	InitialAccumulatorValue           *float64 // nil: 0.1; what n begins with
	L1RegularizationStrength          float64  // 0
	L2RegularizationStrength          float64  // 0
	L2ShrinkageRegularizationStrength float64  // 0
	Beta                              float64  // 0
}

// Rate implements [Optimizer].
func (o *Ftrl) Rate() Rate { return Rate{o.LearningRate, 0.001, o.Schedule} }

// Build implements [Optimizer].
func (o *Ftrl) Build() error {
	if p := optional.Or(o.LearningRatePower, -0.5); !(p <= 0) {
		return errors.Errorf("Ftrl: LearningRatePower: expected 0 or less, got %v", p)
	}
	if o.Beta != o.Beta {
		return errors.New("Ftrl: Beta: expected a number, got NaN")
	}
	first := optional.Or(o.InitialAccumulatorValue, 0.1)
	o.AddSlotSpecs(SlotSpec{Name: "accumulator", Value: first}, SlotSpec{Name: "linear"})
	return atLeast0(
		"Ftrl: InitialAccumulatorValue", first,
		"Ftrl: L1RegularizationStrength", o.L1RegularizationStrength,
		"Ftrl: L2RegularizationStrength", o.L2RegularizationStrength,
		"Ftrl: L2ShrinkageRegularizationStrength", o.L2ShrinkageRegularizationStrength,
	)
}

// Update implements [Optimizer].
func (o *Ftrl) Update(p *Parameter, s Step) {
	l1, shrink := float32(o.L1RegularizationStrength), float32(2*o.L2ShrinkageRegularizationStrength)
	l2 := 2 * (float32(o.L2RegularizationStrength) + float32(o.Beta)/(2*s.Rate))
	exponent := float32(-optional.Or(o.LearningRatePower, -0.5))
	w, n, z := p.Value, p.Slot(0), p.Slot(1)
	for i, g := range p.Gradient {
		sum := n[i] + float32(g*g)
		before, after := raise(n[i], exponent), raise(sum, exponent)
		z[i] += g + float32(shrink*w[i]) - float32((after-before)/s.Rate*w[i])
		w[i] = (min(max(z[i], -l1), l1) - z[i]) / (after/s.Rate + l2)
		n[i] = sum
	}
}

// raise is power, quick for the usual exponent.
func raise(x, exponent float32) float32 {
	if exponent == 0.5 {
		return sqrt(x)
	}
	return power(x, exponent)
}
