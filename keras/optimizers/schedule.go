package optimizers

import (
	"math"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/optional"
)

// A Schedule gives the learning rate of each step. A schedule with a method Check() error has it called before the first step.
//
// Keras's schedules are computed in float32, operation by operation as Keras does it.
type Schedule interface {
	// At returns the learning rate of the step after step steps; 0 is the first.
	At(step int) float64
}

// ExponentialDecay is InitialLearningRate · DecayRate^(step/DecaySteps).
//
// Source: keras.optimizers.schedules.ExponentialDecay.
type ExponentialDecay struct {
	InitialLearningRate float64
	DecaySteps          int // above 0
	DecayRate           float64
	Staircase           bool // false; true: the exponent is rounded down to whole numbers
}

// Check returns an error unless DecaySteps is above 0.
func (e ExponentialDecay) Check() error { return above0("ExponentialDecay: DecaySteps", e.DecaySteps) }

// At implements [Schedule].
func (e ExponentialDecay) At(step int) float64 {
	p := passed(step, e.DecaySteps, e.Staircase)
	return float64(float32(e.InitialLearningRate) * power(float32(e.DecayRate), p))
}

// InverseTimeDecay is InitialLearningRate / (1 + DecayRate · step/DecaySteps).
//
// Source: keras.optimizers.schedules.InverseTimeDecay.
type InverseTimeDecay struct {
	InitialLearningRate float64
	DecaySteps          int // above 0
	DecayRate           float64
	Staircase           bool // false; true: step/DecaySteps is rounded down to whole numbers
}

// Check returns an error unless DecaySteps is above 0.
func (d InverseTimeDecay) Check() error { return above0("InverseTimeDecay: DecaySteps", d.DecaySteps) }

// At implements [Schedule].
func (d InverseTimeDecay) At(step int) float64 {
	p := passed(step, d.DecaySteps, d.Staircase)
	return float64(float32(d.InitialLearningRate) / (1 + float32(float32(d.DecayRate)*p)))
}

// PolynomialDecay goes from InitialLearningRate to EndLearningRate in DecaySteps: the distance that is left is a power of the time that is left.
// With Cycle it starts again, over a multiple of DecaySteps, whenever it has come to the end.
//
// Source: keras.optimizers.schedules.PolynomialDecay.
type PolynomialDecay struct {
	InitialLearningRate float64
	DecaySteps          int      // above 0
	EndLearningRate     *float64 // nil: 0.0001
	Power               *float64 // nil: 1
	Cycle               bool     // false
}

// Check returns an error unless DecaySteps is above 0.
func (d PolynomialDecay) Check() error { return above0("PolynomialDecay: DecaySteps", d.DecaySteps) }

// At implements [Schedule].
func (d PolynomialDecay) At(step int) float64 {
	first, end := float32(d.InitialLearningRate), float32(optional.Or(d.EndLearningRate, 0.0001))
	now, all := float32(step), float32(d.DecaySteps)
	if d.Cycle {
		all *= max(1, float32(math.Ceil(float64(now/all))))
	} else {
		now = min(now, all)
	}
	return float64(float32((first-end)*power(1-now/all, float32(optional.Or(d.Power, 1)))) + end)
}

// PiecewiseConstantDecay is Values[0] up to and with step Boundaries[0], then Values[1] up to and with Boundaries[1], and so on.
//
// Source: keras.optimizers.schedules.PiecewiseConstantDecay.
type PiecewiseConstantDecay struct {
	Boundaries []float64 // steps, each more than the one before; what is behind the point does not count
	Values     []float64 // one more than Boundaries
}

// Check returns an error unless there are boundaries, in order, and one more value.
func (d PiecewiseConstantDecay) Check() error {
	if len(d.Boundaries) == 0 || len(d.Values) != len(d.Boundaries)+1 {
		return errors.Errorf("PiecewiseConstantDecay: expected at least one of Boundaries and one more of Values, got %d and %d",
			len(d.Boundaries), len(d.Values))
	}
	for i := range d.Boundaries[1:] {
		if a, b := d.Boundaries[i], d.Boundaries[i+1]; !(a < b) {
			return errors.Errorf("PiecewiseConstantDecay: Boundaries: expected each above the one before, got %v after %v", b, a)
		}
	}
	return nil
}

// At implements [Schedule].
func (d PiecewiseConstantDecay) At(step int) float64 {
	for i, b := range d.Boundaries {
		if i < len(d.Values) && float64(step) <= math.Trunc(b) {
			return float64(float32(d.Values[i]))
		}
	}
	if len(d.Values) == 0 {
		return 0
	}
	return float64(float32(d.Values[len(d.Values)-1]))
}

// passed is how many times steps have passed.
func passed(step, steps int, whole bool) float32 {
	p := float32(step) / float32(steps)
	if whole {
		p = float32(math.Floor(float64(p)))
	}
	return p
}

func above0(field string, n int) error {
	if n > 0 {
		return nil
	}
	return errors.Errorf("%s: expected above 0, got %d", field, n)
}
