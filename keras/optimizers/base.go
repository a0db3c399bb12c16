package optimizers

import (
	"github.com/pkg/errors"
)

// Base holds what all optimizers share: the treatment of gradients before an update, the step counter and the slots. The zero value leaves
// gradients as they are. At most one of the three ways of clipping may be set.
type Base struct {
	ClipNorm       float64 `keras:"clipnorm"`        // 0: off; the largest norm of each weight's gradient
	ClipValue      float64 `keras:"clipvalue"`       // 0: off; the largest absolute value of a gradient's elements
	GlobalClipNorm float64 `keras:"global_clipnorm"` // 0: off; the largest norm of all gradients together
	WeightDecay    float64 // 0: off; the share of each weight, times the learning rate, that a step takes away

	iteration  int
	rate       float32 // what steps use, unless a schedule does
	configured float64 // the LearningRate field when rate was taken from it, so that a later change of the field is seen
	rated      bool
	built      bool
	groups     [][]string
	params     []Parameter
	index      map[*float32]int
}

func (b *Base) base() *Base { return b }

// AddSlots declares arrays that the optimizer keeps for each weight. In the state, the names of one call are interleaved by weight and
// those of the next call follow after all weights.
func (b *Base) AddSlots(names ...string) { b.groups = append(b.groups, names) }

// Iterations returns the number of steps done.
func (b *Base) Iterations() int { return b.iteration }

func (b *Base) makeSlots(n int) [][]float32 {
	var slots [][]float32
	for _, group := range b.groups {
		for range group {
			slots = append(slots, make([]float32, n))
		}
	}
	return slots
}

// check returns an error for fields that contradict themselves or each other.
func (b *Base) check(r Rate) error {
	fields := []struct {
		name  string
		value float64
	}{
		{"ClipNorm", b.ClipNorm},
		{"ClipValue", b.ClipValue},
		{"GlobalClipNorm", b.GlobalClipNorm},
		{"WeightDecay", b.WeightDecay},
		{"LearningRate", r.LearningRate},
	}
	for _, f := range fields {
		if !(f.value >= 0) {
			return errors.Errorf("%s: expected 0 or more, got %v", f.name, f.value)
		}
	}
	ways := 0
	for _, f := range fields[:3] {
		if f.value != 0 {
			ways++
		}
	}
	if ways > 1 {
		return errors.Errorf("expected one of ClipNorm, ClipValue and GlobalClipNorm at most, got %v, %v and %v",
			b.ClipNorm, b.ClipValue, b.GlobalClipNorm)
	}
	if r.Schedule == nil {
		return nil
	}
	if r.LearningRate != 0 {
		return errors.Errorf("expected LearningRate or Schedule, got both: %v and %T", r.LearningRate, r.Schedule)
	}
	if s, ok := r.Schedule.(interface{ Check() error }); ok {
		return s.Check()
	}
	return nil
}

// sameWeights returns an error unless params are what b was built with.
func (b *Base) sameWeights(params []Parameter) error {
	if len(params) != len(b.params) {
		return errors.Errorf("optimizers: Build: expected the %d weights that the optimizer was built with, got %d: another model needs another optimizer",
			len(b.params), len(params))
	}
	for i := range params {
		if own := b.find(i, &params[i]); own != &b.params[i] {
			return errors.Errorf("optimizers: Build: weight %d: expected %s as the optimizer was built with, got %s: another model needs another optimizer",
				i, b.params[i].Path, params[i].Path)
		}
	}
	return nil
}

// match sets the gradients of b's parameters to those given, and those of all others to nil.
func (b *Base) match(params []Parameter) error {
	for i := range b.params {
		b.params[i].Gradient = nil
	}
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

// find returns b's own record of p, which most often stands at the same place i as in the call that built b.
func (b *Base) find(i int, p *Parameter) *Parameter {
	if len(p.Value) == 0 {
		return nil
	}
	if i < len(b.params) && &b.params[i].Value[0] == &p.Value[0] {
		return &b.params[i]
	}
	if j, ok := b.index[&p.Value[0]]; ok {
		return &b.params[j]
	}
	return nil
}

// apply does one step over the gradients that match has set.
func (b *Base) apply(o Optimizer) {
	step := Step{Number: b.iteration + 1, Rate: b.currentRate(o.Rate())}
	b.clip()
	for i := range b.params {
		p := &b.params[i]
		if p.Gradient == nil {
			continue
		}
		if b.WeightDecay != 0 {
			decay(p.Value, float32(b.WeightDecay), step.Rate)
		}
		o.Update(p, step)
		p.Gradient = nil // The caller's memory is not held on to between steps.
	}
	b.iteration++
}

// currentRate returns the rate of the next step. A LearningRate field that was changed since the last look wins over what callbacks have set.
func (b *Base) currentRate(r Rate) float32 {
	if r.Schedule != nil {
		return float32(r.Schedule.At(b.iteration))
	}
	if !b.rated || r.LearningRate != b.configured {
		b.rated, b.configured, b.rate = true, r.LearningRate, float32(r.LearningRate)
		if r.LearningRate == 0 {
			b.rate = float32(r.Default)
		}
	}
	return b.rate
}

// decay takes wd·rate of each weight away, rounding as Keras does.
func decay(w []float32, wd, rate float32) {
	for i, v := range w {
		w[i] = v - float32(float32(v*wd)*rate)
	}
}
