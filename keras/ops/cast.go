package ops

import (
	"math"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A cast changes the element type. Floats lose their fraction on the way to integers.
type cast struct{ to DType }

func (o cast) name() string { return "cast" }

func (o cast) infer(in []Spec) ([]Spec, error) {
	if o.to != Float32 && o.to != Int32 && o.to != Bool {
		return nil, errors.Errorf("to %q: expected float32, int32 or bool", o.to)
	}
	return []Spec{{in[0].Shape, o.to}}, nil
}

func (o cast) bind(c *binding) func() error {
	in, out := c.in[0], c.out[0]
	switch {
	case in.DType == Int32 && o.to == Float32:
		return pick(c, func() error { return toFloats(out.f32, in.i32) }, func() error { return toFloats(out.f64, in.i32) })
	case in.DType == Bool && o.to == Float32:
		return pick(c, func() error { return fromBools(out.f32, in.bool) }, func() error { return fromBools(out.f64, in.bool) })
	case in.DType == Bool:
		return func() error { return fromBools(out.i32, in.bool) }
	case in.DType == Int32:
		return func() error { return toBools(out.bool, in.i32) }
	case o.to == Int32:
		return pick(c, func() error { return toInts(out.i32, in.f32) }, func() error { return toInts(out.i32, in.f64) })
	default:
		return pick(c, func() error { return toBools(out.bool, in.f32) }, func() error { return toBools(out.bool, in.f64) })
	}
}

func toFloats[T kernel.Float](y []T, x []int32) error {
	for i, v := range x {
		y[i] = T(v)
	}
	return nil
}

func fromBools[T kernel.Float | int32](y []T, x []bool) error {
	for i, v := range x {
		y[i] = 0
		if v {
			y[i] = 1
		}
	}
	return nil
}

func toBools[T kernel.Float | int32](y []bool, x []T) error {
	for i, v := range x {
		y[i] = v != 0
	}
	return nil
}

func toInts[T kernel.Float](y []int32, x []T) error {
	for i, v := range x {
		if !(v > math.MinInt32-1 && v < math.MaxInt32+1) {
			return errors.Errorf("element %d is %v, which is no int32", i, v)
		}
		y[i] = int32(v)
	}
	return nil
}

// Cast is x with another element type: [Float32], [Int32] or [Bool].
func Cast(x Tensor, to DType) Tensor {
	if x.Err() == nil && x.DType() == to {
		return x
	}
	return apply(cast{to}, x)
}
