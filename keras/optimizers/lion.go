package optimizers

import (
	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/optional"
)

// Lion moves every weight by the learning rate, in the direction that an average of momentum and gradient has:
//
//	w -= rate·sign(Beta1·m + (1-Beta1)·g);  m = Beta2·m + (1-Beta2)·g
//
// Source: keras.optimizers.Lion; Chen et al. 2023.
type Lion struct {
	Base
	LearningRate float64  // 0: 0.001
	Schedule     Schedule `keras:"learning_rate"` // nil: LearningRate
	Beta1        *float64 // nil: 0.9; above 0, at most 1
	Beta2        *float64 // nil: 0.99
}

// Rate implements [Optimizer].
func (o *Lion) Rate() Rate { return Rate{o.LearningRate, 0.001, o.Schedule} }

// Build implements [Optimizer].
func (o *Lion) Build() error {
	if b := optional.Or(o.Beta1, 0.9); !(b > 0 && b <= 1) {
		return errors.Errorf("Lion: Beta1: expected a number above 0 and at most 1, got %v", b)
	}
	if b := optional.Or(o.Beta2, 0.99); !(b >= 0 && b <= 1) {
		return errors.Errorf("Lion: Beta2: expected a number in [0, 1], got %v", b)
	}
	o.AddSlots("momentum")
	return nil
}

// Update implements [Optimizer].
func (o *Lion) Update(p *Parameter, s Step) {
	beta1, beta2 := float32(optional.Or(o.Beta1, 0.9)), float32(optional.Or(o.Beta2, 0.99))
	rest1, rest2 := 1-beta1, 1-beta2
	w, m := p.Value, p.Slot(0)
	for i, g := range p.Gradient {
		w[i] -= s.Rate * sign(float32(m[i]*beta1)+float32(g*rest1))
		m[i] = float32(m[i]*beta2) + float32(g*rest2)
	}
}

// sign is 0 for 0 and NaN for NaN.
func sign(x float32) float32 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}
