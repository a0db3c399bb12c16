package ops

import (
	"slices"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// An argument is the place of the largest or smallest element along an axis, the first of equals.
type argument struct {
	max  bool
	axis int
}

func (o argument) name() string {
	if o.max {
		return "argmax"
	}
	return "argmin"
}

func (o argument) infer(in []Spec) ([]Spec, error) {
	return []Spec{{slices.Delete(slices.Clone(in[0].Shape), o.axis, o.axis+1), Int32}}, nil
}

func (o argument) bind(c *binding) func() error {
	return pick(c, findPlaces[float32](o, c), findPlaces[float64](o, c))
}

func findPlaces[T kernel.Float](o argument, c *binding) func() error {
	x, y := data[T](c.in[0]), c.out[0].i32
	outer, n, inner := around(c.in[0].Shape, o.axis)
	return func() error { kernel.ArgReduce(o.max, y, x, outer, n, inner); return nil }
}

func placed(isMax bool, x Tensor, axis int) Tensor {
	x = asFloat(x)
	if x.Err() != nil {
		return x
	}
	a, err := axisOf(axis, x.Rank())
	if err != nil {
		return Fail(x.path, errors.Wrap(err, argument{max: isMax}.name()))
	}
	return apply(argument{isMax, a}, x)
}

// ArgMax is the place of the largest element along an axis, as int32; the first of equals.
func ArgMax(x Tensor, axis int) Tensor { return placed(true, x, axis) }

// ArgMin is the place of the smallest element along an axis, as int32; the first of equals.
func ArgMin(x Tensor, axis int) Tensor { return placed(false, x, axis) }
