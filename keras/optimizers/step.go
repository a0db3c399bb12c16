package optimizers

import (
	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/kernel"
)

// match sets the gradients of b's parameters to those given, and those of all others to nil.
func (b *Base) match(params []Parameter) error {
	b.forgetGradients()
	some := false
	for i := range params {
		p := &params[i]
		own := b.find(i, p)
		switch {
		case own == nil:
			return errors.Errorf("parameter %s: expected a weight that the optimizer was built with", p.Path)
		case p.Gradient == nil:
			continue
		case len(p.Gradient) != len(own.Value):
			return errors.Errorf("parameter %s: expected a gradient of %d values, got %d", p.Path, len(own.Value), len(p.Gradient))
		case own.Gradient != nil:
			return errors.Errorf("parameter %s: expected it once, got it twice", p.Path)
		}
		own.Gradient = p.Gradient
		some = true
	}
	if !some {
		return errors.Errorf("expected a gradient for at least one of %d parameters, got none", len(params))
	}
	return nil
}

// forgetGradients lets go of the caller's memory between steps.
func (b *Base) forgetGradients() {
	for i := range b.params {
		b.params[i].Gradient = nil
	}
}

// apply does one step over the gradients that match has set.
func (b *Base) apply(o Optimizer) {
	b.divideGradients(b.lossScale())
	if b.accumulate() {
		b.update(o)
	}
	b.moveAverages()
	b.forgetGradients()
	b.iteration++
}

// lossScale is what gradients are divided by.
func (b *Base) lossScale() float32 {
	if b.LossScaleFactor == 0 || b.outer {
		return 1
	}
	return float32(b.LossScaleFactor)
}

func (b *Base) divideGradients(scale float32) {
	if scale == 1 {
		return
	}
	for i := range b.params {
		g := b.params[i].Gradient
		kernel.ZipScalar(kernel.Divide, g, g, scale)
	}
}

// accumulate adds the gradients to their sums. It reports whether this step moves the weights; their gradients are then the means.
func (b *Base) accumulate() (moves bool) {
	n := b.GradientAccumulationSteps
	if n == 0 || b.params[0].accumulator == nil {
		return true
	}
	moves = (b.iteration+1)%n == 0
	for i := range b.params {
		p := &b.params[i]
		if p.Gradient == nil || p.accumulator == nil {
			continue
		}
		kernel.Zip(kernel.Add, p.accumulator, p.Gradient, p.accumulator)
		if moves {
			kernel.ZipScalar(kernel.Divide, p.accumulator, p.accumulator, float32(n))
			p.Gradient = p.accumulator
		}
	}
	return moves
}

// update moves the weights.
func (b *Base) update(o Optimizer) {
	step := Step{Number: b.Iterations() + 1, Rate: b.currentRate(o.Rate())}
	b.clip()
	if first, ok := o.(beginner); ok {
		first.Begin(step)
	}
	for i := range b.params {
		p := &b.params[i]
		if p.Gradient == nil {
			continue
		}
		if wd := o.decayOf(p); wd != 0 && !p.undecayed {
			decay(p.Value, float32(wd), step.Rate)
		}
		o.Update(p, step)
		if p.accumulator != nil {
			clear(p.accumulator)
		}
	}
}

// decay takes wd·rate of each weight away, rounding as Keras does.
func decay(w []float32, wd, rate float32) {
	for i, v := range w {
		w[i] = v - float32(float32(v*wd)*rate)
	}
}
