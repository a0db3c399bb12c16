package optimizers

import (
	"math"

	"github.com/gokeras/gokeras/internal/optional"
)

// Lamb takes the step of [Adam], scaled for each weight to the weight's own norm:
//
//	m += (1-Beta1)·(g-m);  v += (1-Beta2)·(g²-v)
//	u = m/(1-Beta1^t) / (sqrt(v/(1-Beta2^t)) + Epsilon)
//	w -= rate·|w|/|u| · u
//
// Where one of the norms is 0 their ratio is taken as 1.
//
// Source: keras.optimizers.Lamb; You et al. 2019.
type Lamb struct {
	Base
	LearningRate float64  // 0: 0.001
	Schedule     Schedule `keras:"learning_rate"` // nil: LearningRate
	Beta1        *float64 // nil: 0.9
	Beta2        *float64 // nil: 0.999
	Epsilon      *float64 // nil: 1e-7

	correction1, correction2, epsilon float32 // of this step
}

// Rate implements [Optimizer].
func (o *Lamb) Rate() Rate { return Rate{o.LearningRate, 0.001, o.Schedule} }

// Build implements [Optimizer].
func (o *Lamb) Build() error {
	return adamSettings{optional.Or(o.Beta1, 0.9), optional.Or(o.Beta2, 0.999), optional.Or(o.Epsilon, epsilon), false}.build(&o.Base, "Lamb")
}

// Begin fixes the corrections for the means' start at 0.
func (o *Lamb) Begin(s Step) {
	n := float32(s.Number)
	o.correction1 = 1 - power(float32(optional.Or(o.Beta1, 0.9)), n)
	o.correction2 = 1 - power(float32(optional.Or(o.Beta2, 0.999)), n)
	o.epsilon = float32(optional.Or(o.Epsilon, epsilon))
}

// Update implements [Optimizer]. The move is computed twice rather than kept: once for its norm.
func (o *Lamb) Update(p *Parameter, s Step) {
	rest1, rest2 := float32(1-optional.Or(o.Beta1, 0.9)), float32(1-optional.Or(o.Beta2, 0.999))
	w, m, v := p.Value, p.Slot(0), p.Slot(1)
	sum := 0.0
	for i, g := range p.Gradient {
		m[i] += float32((g - m[i]) * rest1)
		v[i] += float32((float32(g*g) - v[i]) * rest2)
		u := float64(o.move(m[i], v[i]))
		sum += u * u
	}
	step := s.Rate * ratio(float32(math.Sqrt(squares(w))), float32(math.Sqrt(sum)))
	for i := range w {
		w[i] -= float32(step * o.move(m[i], v[i]))
	}
}

func (o *Lamb) move(m, v float32) float32 {
	return m / o.correction1 / (sqrt(v/o.correction2) + o.epsilon)
}

// ratio is that of a weight's norm to its move's.
func ratio(weight, move float32) float32 {
	if weight > 0 && move > 0 {
		return weight / move
	}
	return 1
}
