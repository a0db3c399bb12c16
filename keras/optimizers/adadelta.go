package optimizers

import (
	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/optional"
)

// Adadelta scales the gradient by the ratio of two running means, that of the squares of the moves so far to that of the squares of gradients:
//
//	a = Rho·a + (1-Rho)·g²;  d = -g·sqrt(u + Epsilon)/sqrt(a + Epsilon)
//	u = Rho·u + (1-Rho)·d²;  w += rate·d
//
// The paper's rule has a LearningRate of 1.
//
// Source: keras.optimizers.Adadelta; Zeiler 2012.
type Adadelta struct {
	Base
	LearningRate float64  // 0: 0.001
	Schedule     Schedule `keras:"learning_rate"` // nil: LearningRate
	Rho          *float64 // nil: 0.95
	Epsilon      *float64 // nil: 1e-7
}

// Rate implements [Optimizer].
func (o *Adadelta) Rate() Rate { return Rate{o.LearningRate, 0.001, o.Schedule} }

// Build implements [Optimizer].
func (o *Adadelta) Build() error {
	if r := optional.Or(o.Rho, 0.95); !(r >= 0 && r <= 1) {
		return errors.Errorf("Adadelta: Rho: expected a number in [0, 1], got %v", r)
	}
	o.AddSlots("accumulated_grad", "accumulated_delta_var")
	return atLeast0("Adadelta: Epsilon", optional.Or(o.Epsilon, epsilon))
}

// Update implements [Optimizer].
func (o *Adadelta) Update(p *Parameter, s Step) {
	r := optional.Or(o.Rho, 0.95)
	rho, rest, eps := float32(r), float32(1-r), float32(optional.Or(o.Epsilon, epsilon))
	w, a, u := p.Value, p.Slot(0), p.Slot(1)
	for i, g := range p.Gradient {
		a[i] = float32(rho*a[i]) + float32(rest*float32(g*g))
		d := -sqrt(u[i]+eps) * g / sqrt(a[i]+eps)
		u[i] = float32(rho*u[i]) + float32(rest*float32(d*d))
		w[i] += float32(s.Rate * d)
	}
}
