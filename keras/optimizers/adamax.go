package optimizers

import "github.com/gokeras/gokeras/internal/optional"

// Adamax is [Adam] with the largest gradient, which fades by Beta2, in place of the root of the mean of squares:
//
//	m += (1-Beta1)·(g-m);  u = max(Beta2·u, |g|)
//	w -= rate·m/((1-Beta1^t)·(u + Epsilon))
//
// Source: keras.optimizers.Adamax; Kingma and Ba 2014, section 7.
type Adamax struct {
	Base
	LearningRate float64  // 0: 0.001
	Schedule     Schedule `keras:"learning_rate"` // nil: LearningRate
	Beta1        *float64 // nil: 0.9
	Beta2        *float64 // nil: 0.999
	Epsilon      *float64 // nil: 1e-7

	correction float32 // 1-Beta1^t of this step
}

// Rate implements [Optimizer].
func (o *Adamax) Rate() Rate { return Rate{o.LearningRate, 0.001, o.Schedule} }

// Build implements [Optimizer].
func (o *Adamax) Build() error {
	o.AddSlots("momentum", "norm")
	return adamSettings{optional.Or(o.Beta1, 0.9), optional.Or(o.Beta2, 0.999), optional.Or(o.Epsilon, epsilon), false}.check("Adamax")
}

// Begin fixes the correction for the mean's start at 0.
func (o *Adamax) Begin(s Step) {
	o.correction = 1 - power(float32(optional.Or(o.Beta1, 0.9)), float32(s.Number))
}

// Update implements [Optimizer].
func (o *Adamax) Update(p *Parameter, s Step) {
	rest, beta2, eps := float32(1-optional.Or(o.Beta1, 0.9)), float32(optional.Or(o.Beta2, 0.999)), float32(optional.Or(o.Epsilon, epsilon))
	w, m, u := p.Value, p.Slot(0), p.Slot(1)
	for i, g := range p.Gradient {
		m[i] += float32((g - m[i]) * rest)
		u[i] = max(beta2*u[i], max(g, -g))
		w[i] -= s.Rate * m[i] / (o.correction * (u[i] + eps))
	}
}
