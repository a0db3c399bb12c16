package layers

import (
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
	return sum.WithMask(allMasks(xs))
}

// allMasks is true where all masks are; inputs without a mask do not count.
func allMasks(xs []ops.Tensor) ops.Tensor {
	var all ops.Tensor
	for _, x := range xs {
		m := x.Mask()
		switch {
		case !m.Valid():
		case !all.Valid():
			all = m
		default:
			all = ops.Where(all, m, all)
		}
	}
	return all
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
	if !allMasks(xs).Valid() {
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
