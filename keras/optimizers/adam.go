package optimizers

import (
	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/gokeras/gokeras/internal/optional"
)

// Adam follows a running mean of gradients, divided by the root of a running mean of their squares:
//
//	m += (1-Beta1)·(g-m);  v += (1-Beta2)·(g²-v)
//	w -= rate·sqrt(1-Beta2^t)/(1-Beta1^t) · m/(sqrt(v)+Epsilon)
//
// With AMSGrad the largest v so far takes the place of v.
//
// Source: keras.optimizers.Adam; Kingma and Ba 2014; Reddi et al. 2018.
type Adam struct {
	Base
	LearningRate float64  // 0: 0.001
	Schedule     Schedule `keras:"learning_rate"` // nil: LearningRate
	Beta1        *float64 // nil: 0.9
	Beta2        *float64 // nil: 0.999
	Epsilon      *float64 // nil: 1e-7
	AMSGrad      bool     `keras:"amsgrad"` // false

	rule adamRule
}

// Rate implements [Optimizer].
func (o *Adam) Rate() Rate { return Rate{o.LearningRate, 0.001, o.Schedule} }

// Build implements [Optimizer].
func (o *Adam) Build() error { return o.settings().build(&o.Base, "Adam") }

// Begin fixes the step size of all weights.
func (o *Adam) Begin(s Step) { o.rule = o.settings().rule(s) }

// Update implements [Optimizer].
func (o *Adam) Update(p *Parameter, _ Step) { o.rule.update(p, p.Slot(0), p.Slot(1), p.Slot(2)) }

func (o *Adam) settings() adamSettings {
	return adamSettings{optional.Or(o.Beta1, 0.9), optional.Or(o.Beta2, 0.999), optional.Or(o.Epsilon, epsilon), o.AMSGrad}
}

// AdamW is [Adam] with WeightDecay by default.
//
// Source: keras.optimizers.AdamW; Loshchilov and Hutter 2017.
type AdamW struct {
	Base                  // its WeightDecay stays 0: the field of AdamW counts
	LearningRate float64  // 0: 0.001
	Schedule     Schedule `keras:"learning_rate"` // nil: LearningRate
	WeightDecay  *float64 // nil: 0.004; the share of each weight, times the learning rate, that a step takes away
	Beta1        *float64 // nil: 0.9
	Beta2        *float64 // nil: 0.999
	Epsilon      *float64 // nil: 1e-7
	AMSGrad      bool     `keras:"amsgrad"` // false

	rule adamRule
}

// Rate implements [Optimizer].
func (o *AdamW) Rate() Rate { return Rate{o.LearningRate, 0.001, o.Schedule} }

// Build implements [Optimizer].
func (o *AdamW) Build() error {
	if err := ownDecay("AdamW", &o.Base, o.WeightDecay); err != nil {
		return err
	}
	return o.settings().build(&o.Base, "AdamW")
}

// Begin fixes the step size of all weights.
func (o *AdamW) Begin(s Step) { o.rule = o.settings().rule(s) }

// Update implements [Optimizer].
func (o *AdamW) Update(p *Parameter, _ Step) { o.rule.update(p, p.Slot(0), p.Slot(1), p.Slot(2)) }

func (o *AdamW) decayOf(*Parameter) float64 { return optional.Or(o.WeightDecay, 0.004) }

func (o *AdamW) settings() adamSettings {
	return adamSettings{optional.Or(o.Beta1, 0.9), optional.Or(o.Beta2, 0.999), optional.Or(o.Epsilon, epsilon), o.AMSGrad}
}

// ownDecay checks the WeightDecay of an optimizer that has its own field for it.
func ownDecay(class string, b *Base, decay *float64) error {
	if b.WeightDecay != 0 {
		return errors.Errorf("%s: Base.WeightDecay: expected 0, as %s has a field WeightDecay of its own, got %v", class, class, b.WeightDecay)
	}
	return atLeast0(class+": WeightDecay", optional.Or(decay, 0))
}

// adamSettings are the fields that optimizers of Adam's kind share.
type adamSettings struct {
	beta1, beta2, epsilon float64
	amsgrad               bool
}

func (a adamSettings) check(class string) error {
	if err := shares(class+": Beta1", a.beta1, class+": Beta2", a.beta2); err != nil {
		return err
	}
	return atLeast0(class+": Epsilon", a.epsilon)
}

func (a adamSettings) build(b *Base, class string) error {
	if err := a.check(class); err != nil {
		return err
	}
	b.AddSlots("momentum", "velocity")
	if a.amsgrad {
		b.AddSlots("velocity_hat")
	}
	return nil
}

// rule returns what a step does with every weight. The step size is corrected for the start of both means at 0, in float32 as Keras does: 1-Beta2^t
// loses digits there that are seen in the first steps.
func (a adamSettings) rule(s Step) adamRule {
	n := float32(s.Number)
	p1, p2 := power(float32(a.beta1), n), power(float32(a.beta2), n)
	return adamRule{
		alpha: s.Rate * sqrt(1-p2) / (1 - p1), rest1: float32(1 - a.beta1), rest2: float32(1 - a.beta2), epsilon: float32(a.epsilon),
	}
}

type adamRule struct{ alpha, rest1, rest2, epsilon float32 }

// update moves one weight; top is nil without AMSGrad.
func (a adamRule) update(p *Parameter, m, v, top []float32) {
	if top == nil {
		kernel.Adam(p.Value, m, v, p.Gradient, a.alpha, a.rest1, a.rest2, a.epsilon)
		return
	}
	for i, g := range p.Gradient {
		m[i] += float32((g - m[i]) * a.rest1)
		v[i] += float32((float32(g*g) - v[i]) * a.rest2)
		top[i] = max(top[i], v[i])
		p.Value[i] -= m[i] * a.alpha / (sqrt(top[i]) + a.epsilon)
	}
}
