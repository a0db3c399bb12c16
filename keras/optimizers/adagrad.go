package optimizers

import "github.com/gokeras/gokeras/internal/optional"

// Adagrad divides the gradient by the root of the sum of all its squares so far:
//
//	a += g²;  w -= rate·g/sqrt(a + Epsilon)
//
// Source: keras.optimizers.Adagrad; Duchi et al. 2011.
type Adagrad struct {
	Base
	LearningRate            float64  // 0: 0.001
	Schedule                Schedule `keras:"learning_rate"` // nil: LearningRate
	InitialAccumulatorValue *float64 // nil: 0.1; what a begins with
	Epsilon                 *float64 // nil: 1e-7
}

// Rate implements [Optimizer].
func (o *Adagrad) Rate() Rate { return Rate{o.LearningRate, 0.001, o.Schedule} }

// Build implements [Optimizer].
func (o *Adagrad) Build() error {
	first := optional.Or(o.InitialAccumulatorValue, 0.1)
	o.AddSlotSpecs(SlotSpec{Name: "accumulator", Value: first})
	return atLeast0("Adagrad: InitialAccumulatorValue", first, "Adagrad: Epsilon", optional.Or(o.Epsilon, epsilon))
}

// Update implements [Optimizer].
func (o *Adagrad) Update(p *Parameter, s Step) {
	eps := float32(optional.Or(o.Epsilon, epsilon))
	w, a := p.Value, p.Slot(0)
	for i, g := range p.Gradient {
		a[i] += float32(g * g)
		w[i] -= s.Rate * g / sqrt(a[i]+eps)
	}
}
