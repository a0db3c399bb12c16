package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// Subtract is its first input without its second.
type Subtract struct{ Base }

// Multiply is the product of its inputs. What an input's mask leaves out counts as 1, and the product is 0 where the masks of all inputs leave
// it out.
type Multiply struct{ Base }

// Average is the mean of its inputs.
type Average struct{ Base }

// Maximum is the largest of its inputs, element by element, of those that their masks do not leave out.
type Maximum struct{ Base }

// Minimum is the smallest of its inputs, element by element, of those that their masks do not leave out.
type Minimum struct{ Base }

func init() {
	saving.Register[Subtract]("Subtract", "keras.layers")
	saving.Register[Multiply]("Multiply", "keras.layers")
	saving.Register[Average]("Average", "keras.layers")
	saving.Register[Maximum]("Maximum", "keras.layers")
	saving.Register[Minimum]("Minimum", "keras.layers")
}

// Merge implements [Merger].
func (*Subtract) Merge(b *Builder, xs ...ops.Tensor) ops.Tensor {
	if len(xs) != 2 {
		return b.Errorf("expected two inputs, got %d", len(xs))
	}
	return mergeTwoOrMore(b, xs, ops.Subtract)
}

// Merge implements [Merger].
func (*Average) Merge(b *Builder, xs ...ops.Tensor) ops.Tensor {
	sum := mergeTwoOrMore(b, xs, ops.Add)
	return ops.Divide(sum, ops.Scalar(float64(len(xs)))).WithMask(sum.Mask())
}

// Merge implements [Merger].
func (*Multiply) Merge(b *Builder, xs ...ops.Tensor) ops.Tensor {
	same, y := aligned(b, xs)
	if same == nil {
		return y
	}
	y = ops.Tensor{}
	for _, x := range same {
		if m := maskOver(x); m.Valid() {
			x = ops.Where(m, x, ops.OnesLike(x))
		}
		if y.Valid() {
			x = ops.Multiply(y, x)
		}
		y = x
	}
	if mask := anyMask(same); mask.Valid() {
		y = ops.Where(maskOver(y.WithMask(mask)), y, ops.ZerosLike(y))
	}
	return y.WithMask(anyMask(xs))
}

// Merge implements [Merger].
func (*Maximum) Merge(b *Builder, xs ...ops.Tensor) ops.Tensor { return extreme(b, xs, ops.Maximum) }

// Merge implements [Merger].
func (*Minimum) Merge(b *Builder, xs ...ops.Tensor) ops.Tensor { return extreme(b, xs, ops.Minimum) }

// extreme takes the other one of two elements for what a mask leaves out.
func extreme(b *Builder, xs []ops.Tensor, pick func(x, y ops.Tensor) ops.Tensor) ops.Tensor {
	same, y := aligned(b, xs)
	if same == nil {
		return y
	}
	mask := maskOver(y)
	for _, x := range same[1:] {
		m := maskOver(x)
		if m.Valid() {
			x = ops.Where(m, x, y)
		}
		if mask.Valid() {
			y = ops.Where(mask, y, x)
		}
		if mask.Valid() && m.Valid() {
			mask = ops.LogicalOr(mask, m)
		} else {
			mask = ops.Tensor{}
		}
		y = pick(y, x)
	}
	return y.WithMask(anyMask(xs))
}
