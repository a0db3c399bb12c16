package ops

import (
	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A segmentSum adds up rows that have the same number. Inputs: rows [n, ...], numbers int32 [n].
type segmentSum struct{ segments int }

func (o segmentSum) name() string { return "segment_sum" }

func (o segmentSum) infer(in []Spec) ([]Spec, error) {
	x, id := in[0].Shape, in[1].Shape
	if len(x) == 0 || !agree(id, x[:1]) || in[1].DType != Int32 {
		return nil, errors.Errorf("expected [n, ...] and int32 [n], got %v and %s %v", x, in[1].DType, id)
	}
	if o.segments < 1 {
		return nil, errors.Errorf("%d segments: expected at least one", o.segments)
	}
	return []Spec{floats(append([]int{o.segments}, x[1:]...)...)}, nil
}

func (o segmentSum) bind(c *binding) func() error {
	return pick(c, sumSegments[float32](o, c), sumSegments[float64](o, c))
}

func sumSegments[T kernel.Float](o segmentSum, c *binding) func() error {
	x, id, y := data[T](c.in[0]), c.in[1].i32, data[T](c.out[0])
	width := size(c.in[0].Shape[1:])
	return func() error {
		for i, s := range id {
			if s < 0 || int(s) >= o.segments {
				return errors.Errorf("segment %d at position %d is outside [0, %d)", s, i, o.segments)
			}
		}
		clear(y)
		kernel.ScatterAdd(y, x, id, width)
		return nil
	}
}

func (o segmentSum) differentiableInput(i int) bool { return i == 0 }

func (o segmentSum) gradient(c *chain) []Tensor { return []Tensor{Take(c.g(), c.in[1], 0), {}} }

// SegmentSum adds up the rows of x [n, ...] that have the same number in ids, int32 [n]: the result is [segments, ...]. A number
// outside of [0, segments) is an error when the program runs.
func SegmentSum(x, ids Tensor, segments int) Tensor {
	return apply(segmentSum{segments}, asFloat(x), Cast(ids, Int32))
}

// OneHotAxis is [OneHot] with the new axis at the given place of the result.
func OneHotAxis(x Tensor, classes, axis int) Tensor {
	y := OneHot(x, classes)
	return MoveAxis(y, -1, axis)
}

// MultiHot is 1 for each class that is among the indices of a row, and 0 elsewhere: [batch, n] becomes [batch, classes], [n]
// becomes [classes]. An index outside of [0, classes) counts for nothing.
func MultiHot(x Tensor, classes int) Tensor {
	y := OneHot(x, classes)
	if y.Err() != nil {
		return y
	}
	if x.Rank() == 0 {
		return Fail(x.path, errors.New("multi_hot: expected at least one axis, got a scalar"))
	}
	return Max(y, min(1, x.Rank()-1))
}
