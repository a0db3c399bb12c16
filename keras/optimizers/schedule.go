package optimizers

import (
	"math"

	"github.com/pkg/errors"
)

// A Schedule gives the learning rate of each step. A schedule with a method Check() error has it called before the first step.
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
func (e ExponentialDecay) Check() error { return checkDecaySteps("ExponentialDecay", e.DecaySteps) }

// At implements [Schedule].
func (e ExponentialDecay) At(step int) float64 {
	p := float64(step) / float64(e.DecaySteps)
	if e.Staircase {
		p = math.Floor(p)
	}
	return e.InitialLearningRate * math.Pow(e.DecayRate, p)
}

// CosineDecay goes along half a cosine from InitialLearningRate to Alpha times it, in DecaySteps. With a WarmupTarget it first
// goes in a straight line from InitialLearningRate to the target, in WarmupSteps, and decays from there.
//
// Source: keras.optimizers.schedules.CosineDecay; Loshchilov and Hutter 2016.
type CosineDecay struct {
	InitialLearningRate float64
	DecaySteps          int      // above 0
	Alpha               float64  // 0
	WarmupTarget        *float64 // nil: no warm-up
	WarmupSteps         int      // 0
}

// Check returns an error unless DecaySteps is above 0 and WarmupSteps is not below.
func (c CosineDecay) Check() error {
	if c.WarmupSteps < 0 {
		return errors.Errorf("CosineDecay: WarmupSteps: expected 0 or more, got %d", c.WarmupSteps)
	}
	return checkDecaySteps("CosineDecay", c.DecaySteps)
}

// At implements [Schedule].
func (c CosineDecay) At(step int) float64 {
	from := c.InitialLearningRate
	if c.WarmupTarget != nil {
		if step < c.WarmupSteps {
			return from + (*c.WarmupTarget-from)*float64(step)/float64(c.WarmupSteps)
		}
		from = *c.WarmupTarget
		step -= c.WarmupSteps
	}
	done := float64(min(step, c.DecaySteps)) / float64(c.DecaySteps)
	cosine := (1 + math.Cos(math.Pi*done)) / 2
	return from * ((1-c.Alpha)*cosine + c.Alpha)
}

func checkDecaySteps(name string, n int) error {
	if n > 0 {
		return nil
	}
	return errors.Errorf("%s: DecaySteps: expected above 0, got %d", name, n)
}
