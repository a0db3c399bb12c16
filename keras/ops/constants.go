package ops

import (
	"math"

	"github.com/pkg/errors"
)

// fill is a tensor with the shape and type of its input, all of one value.
type fill struct{ value float64 }

func (o fill) name() string                    { return "full_like" }
func (o fill) infer(in []Spec) ([]Spec, error) { return in, nil }

func (o fill) bind(c *binding) func() error {
	y := c.out[0]
	switch {
	case y.DType == Int32:
		return func() error { setAll(y.i32, int32(o.value)); return nil }
	case y.DType == Bool:
		return func() error { setAll(y.bool, o.value != 0); return nil }
	}
	return pick(c, func() error { setAll(y.f32, float32(o.value)); return nil }, func() error { setAll(y.f64, o.value); return nil })
}

func setAll[T any](y []T, v T) {
	for i := range y {
		y[i] = v
	}
}

// FullLike has x's shape and type, and one value everywhere.
func FullLike(x Tensor, value float64) Tensor {
	if x.Err() == nil {
		if err := holds(x.DType(), value); err != nil {
			return Fail(x.path, errors.Wrap(err, "full_like"))
		}
	}
	return apply(fill{value}, x)
}

// ZerosLike has x's shape and type, and 0 everywhere.
func ZerosLike(x Tensor) Tensor { return FullLike(x, 0) }

// OnesLike has x's shape and type, and 1 everywhere.
func OnesLike(x Tensor) Tensor { return FullLike(x, 1) }

// holds makes sure that a type has a value.
func holds(d DType, v float64) error {
	switch d {
	case "", Float32, Bool:
		return nil
	case Int32:
		if v >= math.MinInt32 && v <= math.MaxInt32 && v == math.Trunc(v) {
			return nil
		}
		return errors.Errorf("%v: expected a whole number that int32 holds", v)
	}
	return errors.Errorf("dtype %q: expected float32, int32 or bool", d)
}

// newConstant is a constant with the elements f(0), f(1) ...
func newConstant(dtype DType, shape []int, f func(i int) float64) *constant {
	if dtype == "" {
		dtype = Float32
	}
	c := &constant{spec: Spec{shape, dtype}}
	for i := range size(shape) {
		switch dtype {
		case Int32:
			c.i32 = append(c.i32, int32(f(i)))
		case Bool:
			c.bool = append(c.bool, f(i) != 0)
		default:
			c.f64 = append(c.f64, f(i))
		}
	}
	return c
}

// Full is a constant that has one value everywhere. The type "" means Float32.
func Full(value float64, dtype DType, shape ...int) Tensor {
	if err := holds(dtype, value); err != nil {
		return Fail("", errors.Wrap(err, "full"))
	}
	if err := checkSizes([]Spec{{Shape: shape}}); err != nil || !known(shape) {
		return Fail("", errors.Errorf("full: shape %v: every axis must have a known, positive size", shape))
	}
	return BroadcastTo(apply(newConstant(dtype, nil, func(int) float64 { return value })), shape...)
}

// Zeros is 0 everywhere. The type "" means Float32.
func Zeros(dtype DType, shape ...int) Tensor { return Full(0, dtype, shape...) }

// Ones is 1 everywhere. The type "" means Float32.
func Ones(dtype DType, shape ...int) Tensor { return Full(1, dtype, shape...) }

// maxConstant bounds the number of elements of a constant that is made from a few numbers.
const maxConstant = 1 << 28

// Arange is start, start+step and so on, below stop; above it where step is negative. The type "" means Int32, as Keras has it for
// whole numbers, or Float32 where one of them is not whole.
func Arange(start, stop, step float64, dtype DType) Tensor {
	if dtype == "" {
		dtype = Int32
		if start != math.Trunc(start) || step != math.Trunc(step) || stop != math.Trunc(stop) {
			dtype = Float32
		}
	}
	n := math.Ceil((stop - start) / step)
	if !(n >= 1 && n <= maxConstant) {
		return Fail("", errors.Errorf("arange: from %v to %v by steps of %v: expected between 1 and %d elements", start, stop, step, maxConstant))
	}
	at := func(i int) float64 { return start + float64(i)*step }
	for _, v := range []float64{start, at(int(n) - 1), step} {
		if err := holds(dtype, v); err != nil {
			return Fail("", errors.Wrap(err, "arange"))
		}
	}
	return apply(newConstant(dtype, []int{int(n)}, at))
}

// Linspace is n numbers from start to stop, both included, at equal distances.
func Linspace(start, stop float64, n int) Tensor {
	if n < 1 || n > maxConstant {
		return Fail("", errors.Errorf("linspace: %d numbers: expected between 1 and %d", n, maxConstant))
	}
	return apply(newConstant(Float32, []int{n}, func(i int) float64 {
		if i == n-1 && n > 1 {
			return stop
		}
		return start + (stop-start)*float64(i)/float64(max(1, n-1))
	}))
}

// Eye is a matrix [n, m] that is 1 where the column is the row plus offset, and 0 elsewhere; m 0 means n.
func Eye(n, m, offset int) Tensor {
	if m == 0 {
		m = n
	}
	if n < 1 || m < 1 || n > maxConstant/m {
		return Fail("", errors.Errorf("eye: shape [%d %d]: expected positive sizes, at most %d elements", n, m, maxConstant))
	}
	return apply(newConstant(Float32, []int{n, m}, func(i int) float64 {
		if i%m == i/m+offset {
			return 1
		}
		return 0
	}))
}
