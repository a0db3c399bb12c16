package layers

import (
	"slices"

	"github.com/gokeras/gokeras/internal/optional"
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
	return mergeTwoOrMore(b, xs, ops.Add)
}

// mergeTwoOrMore goes through the inputs from left to right; inputs of fewer axes and of size 1 are repeated.
func mergeTwoOrMore(b *Builder, xs []ops.Tensor, merge func(x, y ops.Tensor) ops.Tensor) ops.Tensor {
	same, y := aligned(b, xs)
	if same == nil {
		return y
	}
	for _, x := range same[1:] {
		y = merge(y, x)
	}
	return y.WithMask(anyMask(xs))
}

// aligned gives inputs of fewer axes more of them, of size 1, behind the batch's. first is the first one; where something does not fit, the
// inputs are nil, and first carries the error.
func aligned(b *Builder, xs []ops.Tensor) (same []ops.Tensor, first ops.Tensor) {
	if len(xs) < 2 {
		return nil, b.Errorf("expected at least two inputs, got %d", len(xs))
	}
	rank, batch := 0, ops.Unknown
	for _, x := range xs {
		if x.Err() != nil {
			return nil, x
		}
		n := x.Dim(0)
		if x.Rank() < 1 || n != ops.Unknown && batch != ops.Unknown && n != batch {
			return nil, b.Errorf("inputs of shapes %v: expected batches of one size", shapesOf(xs))
		}
		rank, batch = max(rank, x.Rank()), max(batch, n)
	}
	same = slices.Clone(xs)
	for i, x := range xs {
		for range rank - x.Rank() {
			same[i] = ops.ExpandDims(same[i], 1)
		}
	}
	return same, same[0]
}

func shapesOf(xs []ops.Tensor) [][]int {
	shapes := make([][]int, len(xs))
	for i, x := range xs {
		shapes[i] = x.Shape()
	}
	return shapes
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

// maskOver is a tensor's mask with axes of size 1 up to the tensor's rank.
func maskOver(x ops.Tensor) ops.Tensor {
	m := x.Mask()
	for m.Valid() && m.Err() == nil && m.Rank() < x.Rank() {
		m = ops.ExpandDims(m, -1)
	}
	return m
}

// Merge implements [Merger].
func (c *Concatenate) Merge(b *Builder, xs ...ops.Tensor) ops.Tensor {
	if len(xs) < 1 {
		return b.Errorf("expected at least one input")
	}
	axis := optional.Or(c.Axis, -1)
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
		if m := maskOver(x); m.Valid() {
			part = ops.Multiply(part, ops.Cast(m, ops.Float32))
		}
		parts = append(parts, part)
	}
	return ops.Cast(ops.Max(ops.Concatenate(axis, parts...), -1), ops.Bool)
}
