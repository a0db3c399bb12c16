package optimizers

import (
	"math"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/kernel"
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
	Epsilon      float64  // 0: 1e-7
	AMSGrad      bool     `keras:"amsgrad"` // false

	step  Step // the step that alpha belongs to
	alpha float32
}

// Rate implements [Optimizer].
func (o *Adam) Rate() Rate { return Rate{o.LearningRate, 0.001, o.Schedule} }

// Build implements [Optimizer].
func (o *Adam) Build() error {
	if b := or(o.Beta1, 0.9); !(b >= 0 && b < 1) {
		return errors.Errorf("Adam: Beta1: expected a number in [0, 1), got %v", b)
	}
	if b := or(o.Beta2, 0.999); !(b >= 0 && b < 1) {
		return errors.Errorf("Adam: Beta2: expected a number in [0, 1), got %v", b)
	}
	if !(o.Epsilon >= 0) {
		return errors.Errorf("Adam: Epsilon: expected 0 or more, got %v", o.Epsilon)
	}
	o.AddSlots("momentum", "velocity")
	if o.AMSGrad {
		o.AddSlots("velocity_hat")
	}
	return nil
}

// Update implements [Optimizer].
func (o *Adam) Update(p *Parameter, s Step) {
	beta1, beta2 := or(o.Beta1, 0.9), or(o.Beta2, 0.999)
	if s != o.step {
		o.step, o.alpha = s, alpha(s, float32(beta1), float32(beta2))
	}
	rest1, rest2, eps := float32(1-beta1), float32(1-beta2), float32(orElse(o.Epsilon, 1e-7))
	if !o.AMSGrad {
		kernel.Adam(p.Value, p.Slot(0), p.Slot(1), p.Gradient, o.alpha, rest1, rest2, eps)
		return
	}
	m, v, top := p.Slot(0), p.Slot(1), p.Slot(2)
	for i, g := range p.Gradient {
		m[i] += float32((g - m[i]) * rest1)
		v[i] += float32((float32(g*g) - v[i]) * rest2)
		top[i] = max(top[i], v[i])
		p.Value[i] -= m[i] * o.alpha / (float32(math.Sqrt(float64(top[i]))) + eps)
	}
}

// alpha is the step size after the correction of both means for their start at 0. It is computed in float32 as Keras does: 1-Beta2^t loses
// digits there that are seen in the first steps.
func alpha(s Step, beta1, beta2 float32) float32 {
	p1, p2 := power(beta1, s.Number), power(beta2, s.Number)
	return s.Rate * float32(math.Sqrt(float64(1-p2))) / (1 - p1)
}

func power(x float32, n int) float32 { return float32(math.Pow(float64(x), float64(n))) }

// or returns *p, or Keras's default where p is nil.
func or(p *float64, otherwise float64) float64 {
	if p == nil {
		return otherwise
	}
	return *p
}

// orElse returns v, or Keras's default where v is 0.
func orElse(v, otherwise float64) float64 {
	if v == 0 {
		return otherwise
	}
	return v
}
