package layers

import (
	"maps"
	"reflect"
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// TimeDistributed applies a layer to each step of a sequence [batch, time, ...], with the same weights.
//
// All steps are one larger batch to the layer. Where that is not the same, because the layer keeps state that a batch changes, such as
// [BatchNormalization] in training, or adds losses, it is called step by step, as Keras does.
type TimeDistributed struct {
	Base
	// Layer takes one step of all sequences [batch, ...]; required. As in Keras, where its own activity regularizer does not count here, it must
	// have none: ActivityRegularization behind it does the same. It must not be stateful.
	Layer Layer
}

func init() { saving.Register[TimeDistributed]("TimeDistributed", "keras.layers") }

// Children implements [Container].
func (t *TimeDistributed) Children() []Child {
	if isNil(t.Layer) {
		return nil
	}
	return []Child{{Name: ownName(t.Layer), Attr: "layer", Part: t.Layer}}
}

// Call implements [Layer].
func (t *TimeDistributed) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if x.Err() != nil {
		return x
	}
	if err := t.check(x); err != nil {
		return b.Errorf("%s", err)
	}
	before := b.trace.copy()
	y := t.together(b, x)
	if x.Dim(1) != ops.Unknown && y.Err() == nil && b.trace.changedSince(before) {
		*b.trace = *before
		y = t.byStep(b, x)
	}
	return y.WithMask(x.Mask())
}

func (t *TimeDistributed) check(x ops.Tensor) error {
	if isNil(t.Layer) {
		return errors.New("layer: expected a layer, got nil")
	}
	if x.Rank() < 3 {
		return errors.Errorf("input of shape %v: expected at least 3 axes, [batch, time, ...]", x.Shape())
	}
	if m := x.Mask(); m.Valid() && (m.Rank() < 2 || !couldBe(m.Shape()[:2], x.Shape()[:2])) {
		return errors.Errorf("mask of shape %v: expected %v", m.Shape(), x.Shape()[:2])
	}
	for _, name := range []string{"ActivityRegularizer", "Stateful"} {
		if f := reflect.Indirect(reflect.ValueOf(t.Layer)).FieldByName(name); f.IsValid() && !f.IsZero() {
			return errors.Errorf("layer %T: %s: expected none within TimeDistributed", t.Layer, SnakeCase(name))
		}
	}
	return nil
}

// together applies the layer to all steps as one batch.
func (t *TimeDistributed) together(b *Builder, x ops.Tensor) ops.Tensor {
	steps := ops.FoldTime(x.WithMask(ops.Tensor{}))
	if m := x.Mask(); m.Valid() {
		steps = steps.WithMask(ops.FoldTime(m))
	}
	return ops.UnfoldTime(b.Apply(t.Layer, steps).WithMask(ops.Tensor{}), x.Dim(0), x.Dim(1))
}

// byStep applies the layer to one step after the other.
func (t *TimeDistributed) byStep(b *Builder, x ops.Tensor) ops.Tensor {
	ys := ops.Unstack(x.WithMask(ops.Tensor{}), 1)
	var masks []ops.Tensor
	if m := x.Mask(); m.Valid() {
		masks = ops.Unstack(m, 1)
	}
	for i, y := range ys {
		if masks != nil {
			y = y.WithMask(masks[i])
		}
		ys[i] = b.Apply(t.Layer, y).WithMask(ops.Tensor{})
	}
	return ops.Stack(1, ys...)
}

// SupportsMasking implements [MaskSupporter].
func (t *TimeDistributed) SupportsMasking() bool { return true }

// copy is a trace that what is recorded from now on does not change.
func (t *Trace) copy() *Trace {
	c := *t
	c.Updates, c.Losses, c.declared = slices.Clone(t.Updates), slices.Clone(t.Losses), slices.Clone(t.declared)
	c.penalized, c.current = maps.Clone(t.penalized), maps.Clone(t.current)
	return &c
}

// changedSince reports whether a layer has updated anything but random streams, or added to the losses more than penalties of weights.
func (t *Trace) changedSince(before *Trace) bool {
	if len(t.Losses)-len(t.penalized) != len(before.Losses)-len(before.penalized) {
		return true
	}
	for v, value := range t.current {
		if v.DType() == ops.Float32 && !value.Same(before.current[v]) {
			return true
		}
	}
	return false
}
