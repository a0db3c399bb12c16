package optimizers

import "github.com/gokeras/gokeras/internal/optional"

// Nadam is [Adam] with Nesterov's momentum: the mean of gradients is corrected by a schedule of its own, and looks one step ahead.
//
//	μ(t) = Beta1·(1 - 0.96^t/2);  P(t) = μ(1)·...·μ(t)
//	m += (1-Beta1)·(g-m);  v += (1-Beta2)·(g²-v)
//	w -= rate·(μ(t+1)·m/(1-P(t+1)) + (1-μ(t))·g/(1-P(t))) / (sqrt(v/(1-Beta2^t)) + Epsilon)
//
// Source: keras.optimizers.Nadam; Dozat 2015.
type Nadam struct {
	Base
	LearningRate float64  // 0: 0.001
	Schedule     Schedule `keras:"learning_rate"` // nil: LearningRate
	Beta1        *float64 // nil: 0.9
	Beta2        *float64 // nil: 0.999
	Epsilon      *float64 // nil: 1e-7

	product *float32 // P(t), part of the state
	step    nadamStep
}

// nadamStep holds the numbers of one step.
type nadamStep struct{ ahead, correctionAhead, rest, correction, correctionV float32 }

// Rate implements [Optimizer].
func (o *Nadam) Rate() Rate { return Rate{o.LearningRate, 0.001, o.Schedule} }

// Build implements [Optimizer].
func (o *Nadam) Build() error {
	o.AddSlots("momentum", "velocity")
	o.product = o.AddShared("variable", 1)
	return adamSettings{optional.Or(o.Beta1, 0.9), optional.Or(o.Beta2, 0.999), optional.Or(o.Epsilon, epsilon), false}.check("Nadam")
}

// Begin moves the product of momenta and fixes the corrections of this step.
func (o *Nadam) Begin(s Step) {
	beta1, n := float32(optional.Or(o.Beta1, 0.9)), float32(s.Number)
	now, next := 1-0.5*power(0.96, n), 1-0.5*power(0.96, n+1)
	*o.product = *o.product * beta1 * now
	ahead := beta1 * next
	o.step = nadamStep{
		ahead: ahead, correctionAhead: 1 - float32(*o.product*ahead), rest: 1 - float32(beta1*now), correction: 1 - *o.product,
		correctionV: 1 - power(float32(optional.Or(o.Beta2, 0.999)), n),
	}
}

// Update implements [Optimizer].
func (o *Nadam) Update(p *Parameter, s Step) {
	rest1, rest2, eps := 1-float32(optional.Or(o.Beta1, 0.9)), 1-float32(optional.Or(o.Beta2, 0.999)), float32(optional.Or(o.Epsilon, epsilon))
	w, m, v, t := p.Value, p.Slot(0), p.Slot(1), o.step
	for i, g := range p.Gradient {
		m[i] += float32((g - m[i]) * rest1)
		v[i] += float32((float32(g*g) - v[i]) * rest2)
		mean := t.ahead*m[i]/t.correctionAhead + t.rest*g/t.correction
		w[i] -= mean * s.Rate / (sqrt(v[i]/t.correctionV) + eps)
	}
}
