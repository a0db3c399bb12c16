// Package optimizers holds the rules that move weights along their gradients, with Keras's names, defaults and formulas.
//
//	opt := &optimizers.Adam{LearningRate: 1e-3}
//	err := optimizers.Apply(opt, params) // one step, in place on every Value
//
// An optimizer of one's own is a struct that embeds [Base] and has the three methods of [Optimizer].
package optimizers

import (
	"github.com/pkg/errors"
)

// A Parameter is one weight and its gradient during a step.
type Parameter struct {
	Path     string    // the weight's path, such as "dense/kernel"
	Shape    []int     // nil: one axis
	Value    []float32 // row-major; its memory is what tells parameters apart
	Gradient []float32 // as long as Value, or nil: the weight is left alone in this step; clipping happens in place

	slots [][]float32
}

// Slot returns the i-th array that the optimizer keeps for p, in the order in which [Base.AddSlots] named them. It is as long as p.Value, 0 at first.
func (p *Parameter) Slot(i int) []float32 { return p.slots[i] }

// A Step is what all weights of one step have in common.
type Step struct {
	Number int     // 1 at the first step
	Rate   float32 // the learning rate
}

// A Rate says where an optimizer's learning rate comes from.
type Rate struct {
	LearningRate float64  // 0: Default
	Default      float64  // Keras's
	Schedule     Schedule // nil: a number that callbacks may change; both this and LearningRate are an error
}

// An Optimizer changes weights. To write one, embed [Base].
type Optimizer interface {
	// Rate returns the fields that say what the learning rate is.
	Rate() Rate
	// Build is called once, before the first step: it checks the fields and names the slots by [Base.AddSlots].
	Build() error
	// Update changes p.Value by one step along p.Gradient, which is clipped already. It must not allocate nor keep p.
	Update(p *Parameter, s Step)

	base() *Base
}

// Build fixes the weights that o is for, in the order of its state, and makes their slots. [Apply] does so itself at the first step;
// to restore a state before that, Build comes first. A second Build for the same weights keeps the state; for others it is an error.
func Build(o Optimizer, params []Parameter) error {
	b := o.base()
	if b.built {
		return b.sameWeights(params)
	}
	if err := b.check(o.Rate()); err != nil {
		return errors.WithMessage(err, "optimizers: Build")
	}
	index := make(map[*float32]int, len(params))
	for i := range params {
		p := &params[i]
		if err := checkParameter(p); err != nil {
			return errors.WithMessage(err, "optimizers: Build")
		}
		if j, ok := index[&p.Value[0]]; ok {
			return errors.Errorf("optimizers: Build: parameters %d and %d (%s, %s) are the same weight", j, i, params[j].Path, p.Path)
		}
		index[&p.Value[0]] = i
	}
	b.groups = nil
	if err := o.Build(); err != nil {
		return errors.WithMessage(err, "optimizers: Build")
	}
	b.index = index
	b.params = make([]Parameter, len(params))
	for i, p := range params {
		p.Gradient, p.slots = nil, b.makeSlots(len(p.Value))
		b.params[i] = p
	}
	b.built = true
	return nil
}

func checkParameter(p *Parameter) error {
	n := 1
	for _, d := range p.Shape {
		n *= d
	}
	if p.Shape == nil {
		n = len(p.Value)
	}
	if n != len(p.Value) || n == 0 {
		return errors.Errorf("parameter %s: shape %v: expected %d values, and at least one, got %d", p.Path, p.Shape, n, len(p.Value))
	}
	return nil
}

// Apply does one step: it clips the gradients, decays the weights, updates them in place and counts the step. Weights whose gradient is nil
// are left alone. It returns an error, and changes nothing, where a weight is not one that o was built with, is given twice, a
// gradient's length is wrong, or all gradients are nil. No parameters: no step.
func Apply(o Optimizer, params []Parameter) error {
	if len(params) == 0 {
		return nil
	}
	b := o.base()
	if !b.built {
		if err := Build(o, params); err != nil {
			return err
		}
	}
	if err := b.match(params); err != nil {
		return errors.WithMessage(err, "optimizers: Apply")
	}
	b.apply(o)
	return nil
}

// LearningRate returns the learning rate of the next step, as the float32 that it is used as.
func LearningRate(o Optimizer) float64 {
	return float64(o.base().currentRate(o.Rate()))
}

// SetLearningRate sets the learning rate of the steps to come. It is an error where a Schedule gives the rate, or v is not a number of 0 or more.
func SetLearningRate(o Optimizer, v float64) error {
	r := o.Rate()
	if r.Schedule != nil {
		return errors.Errorf("optimizers: SetLearningRate: the rate comes from a schedule (%T): expected an optimizer with a LearningRate", r.Schedule)
	}
	if !(v >= 0) {
		return errors.Errorf("optimizers: SetLearningRate: expected 0 or more, got %v", v)
	}
	b := o.base()
	b.configured, b.rate = r.LearningRate, float32(v)
	b.rated = true
	return nil
}
