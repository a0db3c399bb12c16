package optimizers

import (
	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/optional"
)

// ScheduleFreeAdamW needs no schedule: beside the sequence z that gradients move as in [Adam] it keeps its average x, and training goes on at the
// weights w between both.
//
//	v += (1-Beta2)·(g²-v);  z -= rate·g/(sqrt(v/(1-Beta2^t)) + Epsilon)
//	x = (w - (1-Beta1)·z)/Beta1 before the step;  x = (1-1/t)·x + z/t
//	w = (1-Beta1)·z + Beta1·x
//
// z, called momentum in the state, begins as a copy of the weights when the optimizer is built.
//
// Source: keras.optimizers.ScheduleFreeAdamW; Defazio et al. 2024.
type ScheduleFreeAdamW struct {
	Base
	LearningRate float64  // 0: 0.0025
	Schedule     Schedule `keras:"learning_rate"` // nil: LearningRate
	Beta1        *float64 // nil: 0.9; above 0
	Beta2        *float64 // nil: 0.999
	Epsilon      *float64 // nil: 1e-8
	WarmupSteps  int      // 0; in the first steps the rate rises in a straight line

	rate, correction, weight float32 // of this step: the rate, 1-Beta2^t, 1/t
}

// Rate implements [Optimizer].
func (o *ScheduleFreeAdamW) Rate() Rate { return Rate{o.LearningRate, 0.0025, o.Schedule} }

// Build implements [Optimizer].
func (o *ScheduleFreeAdamW) Build() error {
	const class = "ScheduleFreeAdamW"
	if b := optional.Or(o.Beta1, 0.9); !(b > 0 && b <= 1) {
		return errors.Errorf("%s: Beta1: expected a number above 0 and at most 1, got %v", class, b)
	}
	if o.WarmupSteps < 0 {
		return errors.Errorf("%s: WarmupSteps: expected 0 or more, got %d", class, o.WarmupSteps)
	}
	o.AddSlotSpecs(SlotSpec{Name: "momentum", Copy: true}, SlotSpec{Name: "velocity"})
	return adamSettings{0, optional.Or(o.Beta2, 0.999), optional.Or(o.Epsilon, 1e-8), false}.check(class)
}

// Begin fixes the numbers of this step.
func (o *ScheduleFreeAdamW) Begin(s Step) {
	n := float32(s.Number)
	o.rate = s.Rate
	if o.WarmupSteps > 0 {
		o.rate *= min(n/float32(o.WarmupSteps), 1)
	}
	o.correction = 1 - power(float32(optional.Or(o.Beta2, 0.999)), n)
	o.weight = 1 / n
}

// Update implements [Optimizer].
func (o *ScheduleFreeAdamW) Update(p *Parameter, _ Step) {
	beta1, eps := float32(optional.Or(o.Beta1, 0.9)), float32(optional.Or(o.Epsilon, 1e-8))
	rest1, rest2 := 1-beta1, 1-float32(optional.Or(o.Beta2, 0.999))
	w, z, v := p.Value, p.Slot(0), p.Slot(1)
	for i, g := range p.Gradient {
		before := z[i]
		v[i] += float32((float32(g*g) - v[i]) * rest2)
		z[i] -= o.rate * g / (sqrt(v[i]/o.correction) + eps)
		x := (w[i] - float32(rest1*before)) / beta1
		x = float32((1-o.weight)*x) + float32(o.weight*z[i])
		w[i] = float32(rest1*z[i]) + float32(beta1*x)
	}
}
