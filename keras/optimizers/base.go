package optimizers

import (
	"regexp"
	"strings"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/optional"
)

// Base holds what all optimizers share: the treatment of gradients before an update, of weights after it, the step counter and the slots.
// The zero value leaves gradients as they are. At most one of the three ways of clipping may be set.
type Base struct {
	WeightDecay               float64  // 0: off; the share of each weight, times the learning rate, that a step takes away
	ClipNorm                  float64  `keras:"clipnorm"`        // 0: off; the largest norm of each weight's gradient
	ClipValue                 float64  `keras:"clipvalue"`       // 0: off; the largest absolute value of a gradient's elements
	GlobalClipNorm            float64  `keras:"global_clipnorm"` // 0: off; the largest norm of all gradients together
	UseEMA                    bool     // false; true: averages of the weights are kept, see [Finalize]
	EMAMomentum               *float64 // nil: 0.99; how much of the average a step keeps
	EMAOverwriteFrequency     int      // 0: at the end of training only; n: every n steps the averages become the weights
	LossScaleFactor           float64  // 0: off; what the loss is multiplied by, see [LossScale]
	GradientAccumulationSteps int      // 0: off; n of 2 or more: only every n-th step moves the weights, along the mean of n gradients

	iteration  int
	rate       float32 // what steps use, unless a schedule does
	configured float64 // the LearningRate field when rate was taken from it, so that a later change of the field is seen
	rated      bool
	built      bool
	outer      bool // a LossScaleOptimizer scales the loss in place of LossScaleFactor
	excluded   *regexp.Regexp
	groups     []slotGroup
	entries    []Slot
	params     []Parameter
	index      map[*float32]int
}

func (b *Base) base() *Base { return b }

func (b *Base) decayOf(*Parameter) float64 { return b.WeightDecay }

// Iterations returns the number of steps done. With GradientAccumulationSteps only those count that moved the weights.
func (b *Base) Iterations() int { return b.iteration / max(1, b.GradientAccumulationSteps) }

// ExcludeFromWeightDecay leaves the weights alone whose name (the last part of the path: "bias", "kernel") has a match of one of the names, which
// are regular expressions. It replaces what an earlier call has said. A name that is no regular expression is an error.
func (b *Base) ExcludeFromWeightDecay(names ...string) error {
	var pattern *regexp.Regexp
	if len(names) > 0 {
		var err error
		if pattern, err = regexp.Compile(strings.Join(names, "|")); err != nil {
			return errors.Wrap(err, "optimizers: ExcludeFromWeightDecay: expected regular expressions")
		}
	}
	b.excluded = pattern
	b.exclude()
	return nil
}

// exclude marks the weights that do not decay.
func (b *Base) exclude() {
	for i := range b.params {
		p := &b.params[i]
		p.undecayed = b.excluded != nil && b.excluded.MatchString(p.name())
	}
}

// name returns the weight's own name, without its layer's.
func (p *Parameter) name() string { return p.Path[strings.LastIndexByte(p.Path, '/')+1:] }

func (b *Base) build(o Optimizer, params []Parameter) error {
	if err := b.check(o.Rate()); err != nil {
		return err
	}
	index := make(map[*float32]int, len(params))
	for i := range params {
		p := &params[i]
		if err := checkParameter(p); err != nil {
			return err
		}
		if j, ok := index[&p.Value[0]]; ok {
			return errors.Errorf("parameters %d and %d (%s, %s) are the same weight", j, i, params[j].Path, p.Path)
		}
		index[&p.Value[0]] = i
	}
	b.groups = nil
	if err := o.Build(); err != nil {
		return err
	}
	b.index = index
	b.params = make([]Parameter, len(params))
	for i, p := range params {
		b.params[i] = Parameter{Path: p.Path, Shape: p.Shape, Value: p.Value}
	}
	b.exclude()
	b.makeSlots()
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

// check returns an error for fields that contradict themselves or each other.
func (b *Base) check(r Rate) error {
	if err := b.checkClipping(); err != nil {
		return err
	}
	if err := atLeast0("WeightDecay", b.WeightDecay, "LossScaleFactor", b.LossScaleFactor, "LearningRate", r.LearningRate); err != nil {
		return err
	}
	if n := b.GradientAccumulationSteps; n < 0 || n == 1 {
		return errors.Errorf("GradientAccumulationSteps: expected 2 or more, or 0 for none, got %d", n)
	}
	if b.EMAOverwriteFrequency < 0 {
		return errors.Errorf("EMAOverwriteFrequency: expected 1 or more, or 0 for never, got %d", b.EMAOverwriteFrequency)
	}
	if m := optional.Or(b.EMAMomentum, 0.99); b.UseEMA && !(m >= 0 && m <= 1) {
		return errors.Errorf("EMAMomentum: expected a number in [0, 1], got %v", m)
	}
	if r.Schedule == nil {
		return nil
	}
	if r.LearningRate != 0 {
		return errors.Errorf("expected LearningRate or Schedule, got both: %v and %T", r.LearningRate, r.Schedule)
	}
	if s, ok := r.Schedule.(interface{ Check() error }); ok {
		if err := s.Check(); err != nil {
			return err
		}
	}
	return errors.WithMessagef(atLeast0("the rate of the first step", r.Schedule.At(0)), "%T", r.Schedule)
}

func (b *Base) checkClipping() error {
	if err := atLeast0("ClipNorm", b.ClipNorm, "ClipValue", b.ClipValue, "GlobalClipNorm", b.GlobalClipNorm); err != nil {
		return err
	}
	ways := 0
	for _, v := range []float64{b.ClipNorm, b.ClipValue, b.GlobalClipNorm} {
		if v != 0 {
			ways++
		}
	}
	if ways > 1 {
		return errors.Errorf("expected one of ClipNorm, ClipValue and GlobalClipNorm at most, got %v, %v and %v",
			b.ClipNorm, b.ClipValue, b.GlobalClipNorm)
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
