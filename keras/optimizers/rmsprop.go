package optimizers

import (
	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/gokeras/gokeras/internal/optional"
)

// RMSprop divides the gradient by the root of a running mean of its squares:
//
//	v = Rho·v + (1-Rho)·g²;  a = Rho·a + (1-Rho)·g
//	d = rate·g/sqrt(v + Epsilon)              or, Centered, rate·g/sqrt(v - a² + Epsilon)
//	w -= d                                    Momentum 0
//	m = Momentum·m + d;  w -= m               Momentum above 0
//
// Source: keras.optimizers.RMSprop; Hinton 2012.
type RMSprop struct {
	Base
	LearningRate float64  // 0: 0.001
	Schedule     Schedule `keras:"learning_rate"` // nil: LearningRate
	Rho          *float64 // nil: 0.9
	Momentum     float64  // 0
	Epsilon      *float64 // nil: 1e-7
	Centered     bool     // false

	momenta, averages int // which slots they are, 0: none
}

// Rate implements [Optimizer].
func (o *RMSprop) Rate() Rate { return Rate{o.LearningRate, 0.001, o.Schedule} }

// Build implements [Optimizer].
func (o *RMSprop) Build() error {
	if r := optional.Or(o.Rho, 0.9); !(r >= 0 && r <= 1) {
		return errors.Errorf("RMSprop: Rho: expected a number in [0, 1], got %v", r)
	}
	if err := atLeast0("RMSprop: Momentum", o.Momentum, "RMSprop: Epsilon", optional.Or(o.Epsilon, epsilon)); err != nil {
		return err
	}
	o.AddSlots("velocity")
	o.momenta, o.averages = 0, 0
	if o.Momentum > 0 {
		o.AddSlots("momentum")
		o.momenta = 1
	}
	if o.Centered {
		o.AddSlots("average_gradient")
		o.averages = o.momenta + 1
	}
	return nil
}

// Update implements [Optimizer].
func (o *RMSprop) Update(p *Parameter, s Step) {
	rho, eps := optional.Or(o.Rho, 0.9), float32(optional.Or(o.Epsilon, epsilon))
	if o.momenta == 0 && o.averages == 0 {
		kernel.RMSprop(p.Value, p.Slot(0), p.Gradient, s.Rate, float32(rho), float32(1-rho), eps)
		return
	}
	o.update(p, s.Rate, float32(rho), float32(1-rho), eps)
}

// update is the rule with all its options.
func (o *RMSprop) update(p *Parameter, rate, rho, rest, eps float32) {
	v := p.Slot(0)
	var m, a []float32
	if o.momenta > 0 {
		m = p.Slot(o.momenta)
	}
	if o.averages > 0 {
		a = p.Slot(o.averages)
	}
	momentum := float32(o.Momentum)
	for i, g := range p.Gradient {
		v[i] = float32(rho*v[i]) + float32(rest*float32(g*g))
		d := v[i]
		if a != nil {
			a[i] = float32(rho*a[i]) + float32(rest*g)
			d -= float32(a[i] * a[i])
		}
		d = rate * g / sqrt(d+eps)
		if m != nil {
			m[i] = float32(momentum*m[i]) + d
			d = m[i]
		}
		p.Value[i] -= d
	}
}
