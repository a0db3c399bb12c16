package layers

import (
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// Add is the sum of its inputs.
type Add struct{ Base }

// Concatenate joins its inputs along an axis, which is all they may differ in.
type Concatenate struct {
	Base
	Axis *int // nil: -1
}

func init() {
	saving.Register[Add]("Add", "keras.layers")
	saving.Register[Concatenate]("Concatenate", "keras.layers")
}

// Merge implements [Merger].
func (*Add) Merge(b *Builder, xs ...ops.Tensor) ops.Tensor {
	if len(xs) < 2 {
		return b.Errorf("expected at least two inputs, got %d", len(xs))
	}
	sum := xs[0]
	for _, x := range xs[1:] {
		sum = ops.Add(sum, x)
	}
	return sum.WithMask(anyMask(xs))
}

// anyMask is true where one of the masks is; none where an input has none.
func anyMask(xs []ops.Tensor) ops.Tensor {
	mask := xs[0].Mask()
	for _, x := range xs[1:] {
		m := x.Mask()
		if !mask.Valid() || !m.Valid() {
			return ops.Tensor{}
		}
		mask = ops.LogicalOr(mask, m)
	}
	return mask
}

// Merge implements [Merger].
func (c *Concatenate) Merge(b *Builder, xs ...ops.Tensor) ops.Tensor {
	if len(xs) < 1 {
		return b.Errorf("expected at least one input")
	}
	axis := valueOr(c.Axis, -1)
	return ops.Concatenate(axis, xs...).WithMask(joinedMask(axis, xs))
}

// joinedMask is true where, after joining, any element of the last axis counts; inputs without a mask count everywhere.
func joinedMask(axis int, xs []ops.Tensor) ops.Tensor {
	if !slices.ContainsFunc(xs, func(x ops.Tensor) bool { return x.Mask().Valid() }) {
		return ops.Tensor{}
	}
	var parts []ops.Tensor
	for _, x := range xs {
		part := ops.BroadcastTo(ops.Scalar(1), x.Shape()...)
		if m := x.Mask(); m.Valid() {
			m = ops.Cast(m, ops.Float32)
			for m.Err() == nil && m.Rank() < x.Rank() {
				m = ops.ExpandDims(m, -1)
			}
			part = ops.Multiply(part, m)
		}
		parts = append(parts, part)
	}
	return ops.Cast(ops.Max(ops.Concatenate(axis, parts...), -1), ops.Bool)
}
