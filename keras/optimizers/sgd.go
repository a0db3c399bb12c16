package optimizers

import (
	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/kernel"
)

// SGD is gradient descent, with momentum where asked for:
//
//	w -= rate·g                                  Momentum 0
//	m = Momentum·m - rate·g;  w += m             Momentum above 0
//	m = Momentum·m - rate·g;  w += Momentum·m - rate·g   Nesterov too
//
// Source: keras.optimizers.SGD; Nesterov 1983.
type SGD struct {
	Base
	LearningRate float64  // 0: 0.01
	Schedule     Schedule `keras:"learning_rate"` // nil: LearningRate
	Momentum     float64  // 0; in [0, 1]
	Nesterov     bool     // false
}

// Rate implements [Optimizer].
func (o *SGD) Rate() Rate { return Rate{o.LearningRate, 0.01, o.Schedule} }

// Build implements [Optimizer].
func (o *SGD) Build() error {
	if !(o.Momentum >= 0 && o.Momentum <= 1) {
		return errors.Errorf("SGD: Momentum: expected a number in [0, 1], got %v", o.Momentum)
	}
	if o.Momentum != 0 {
		o.AddSlots("momentum")
	}
	return nil
}

// Update implements [Optimizer].
func (o *SGD) Update(p *Parameter, s Step) {
	m := p.Slot(0)
	if m == nil {
		kernel.SGD(p.Value, p.Gradient, s.Rate)
		return
	}
	kernel.SGDMomentum(p.Value, m, p.Gradient, s.Rate, float32(o.Momentum), o.Nesterov)
}
