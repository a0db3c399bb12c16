// Package optimizers holds the rules that move weights along their gradients, with Keras's names, defaults and formulas.
//
//	opt := &optimizers.Adam{LearningRate: 1e-3}
//	err := optimizers.Apply(opt, params) // one step, in place on every Value
//
// An optimizer of one's own is a struct that embeds [Base] and has the three methods of [Optimizer].
// [LossScaleOptimizer] is one optimizer around another; every function of this package takes it as well.
package optimizers

import (
	"github.com/pkg/errors"
)

// A Parameter is one weight and its gradient during a step.
type Parameter struct {
	Path     string    // the weight's path, such as "dense/kernel"
	Shape    []int     // nil: one axis
	Value    []float32 // row-major; its memory is what tells parameters apart
	Gradient []float32 // as long as Value, or nil: the weight is left alone in this step; it is scaled and clipped in place

	slots       [][]float32
	average     []float32 // of Value, with UseEMA
	accumulator []float32 // of Gradient, with GradientAccumulationSteps
	undecayed   bool      // excluded from weight decay
}

// Slot returns the i-th array that the optimizer keeps for p, in the order in which [Base.AddSlots] and [Base.AddSlotSpecs] named them.
// It is nil where the weight has none.
func (p *Parameter) Slot(i int) []float32 {
	if i >= len(p.slots) {
		return nil
	}
	return p.slots[i]
}

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

// An Optimizer changes weights. To write one, embed [Base]. An optimizer that has a method Begin(Step) too has it called once in each step,
// before the first Update.
type Optimizer interface {
	// Rate returns the fields that say what the learning rate is.
	Rate() Rate
	// Build is called once, before the first step: it checks the fields and names the slots by [Base.AddSlots].
	Build() error
	// Update changes p.Value by one step along p.Gradient, which is clipped already. It must not allocate nor keep p.
	Update(p *Parameter, s Step)

	base() *Base
	decayOf(p *Parameter) float64
}

// beginner is the optional method of an [Optimizer].
type beginner interface{ Begin(s Step) }

// Build fixes the weights that o is for, in the order of its state, and makes their slots. [Apply] does so itself at the first step;
// to restore a state before that, Build comes first. A second Build for the same weights keeps the state; for others it is an error.
func Build(o Optimizer, params []Parameter) error {
	if l, ok := o.(*LossScaleOptimizer); ok {
		return l.build(params)
	}
	b := o.base()
	if b.built {
		return b.sameWeights(params)
	}
	err := b.build(o, params)
	return errors.WithMessage(err, "optimizers: Build")
}

// Apply does one step: it unscales, accumulates and clips the gradients, decays the weights, updates them in place and counts the step.
// Weights whose gradient is nil are left alone. It returns an error, and changes nothing, where a weight is not one that o was built with, is
// given twice, a gradient's length is wrong, or all gradients are nil. No parameters: no step.
func Apply(o Optimizer, params []Parameter) error {
	if len(params) == 0 {
		return nil
	}
	inner := unwrap(o)
	b := inner.base()
	if !b.built {
		if err := Build(o, params); err != nil {
			return err
		}
	}
	if err := b.match(params); err != nil {
		return errors.WithMessage(err, "optimizers: Apply")
	}
	if l, ok := o.(*LossScaleOptimizer); ok && !l.unscale(b) {
		b.forgetGradients()
		return nil
	}
	b.apply(inner)
	return nil
}

// LossScale returns the number by which the loss is to be multiplied before its gradients are taken: 1 where nothing scales it. [Apply] divides
// the gradients by it again.
func LossScale(o Optimizer) float64 {
	if l, ok := o.(*LossScaleOptimizer); ok {
		return float64(l.currentScale())
	}
	return float64(o.base().lossScale())
}

// unwrap returns the optimizer inside of a [LossScaleOptimizer], and any other as it is.
func unwrap(o Optimizer) Optimizer {
	if l, ok := o.(*LossScaleOptimizer); ok && l.InnerOptimizer != nil {
		return l.InnerOptimizer
	}
	return o
}
