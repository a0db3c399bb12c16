package ops

import (
	"math"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A kindTest says whether floats are of some kind.
type kindTest struct {
	label string
	f     func(float64) bool
}

func (o kindTest) name() string { return o.label }

func (o kindTest) infer(in []Spec) ([]Spec, error) {
	if !in[0].DType.isFloat() {
		return nil, errors.Errorf("expected a float tensor, got %s", in[0].DType)
	}
	return []Spec{{in[0].Shape, Bool}}, nil
}

func (o kindTest) bind(c *binding) func() error {
	return pick(c, testAll[float32](o, c), testAll[float64](o, c))
}

func testAll[T kernel.Float](o kindTest, c *binding) func() error {
	x, y := data[T](c.in[0]), c.out[0].bool
	return func() error {
		for i, v := range x {
			y[i] = o.f(float64(v))
		}
		return nil
	}
}

// IsNaN is where x is not a number.
func IsNaN(x Tensor) Tensor { return apply(kindTest{"isnan", math.IsNaN}, asFloat(x)) }

// IsInf is where x is infinite, on either side.
func IsInf(x Tensor) Tensor {
	return apply(kindTest{"isinf", func(v float64) bool { return math.IsInf(v, 0) }}, asFloat(x))
}

// IsFinite is where x is neither infinite nor NaN.
func IsFinite(x Tensor) Tensor {
	return apply(kindTest{"isfinite", func(v float64) bool { return !math.IsInf(v, 0) && !math.IsNaN(v) }}, asFloat(x))
}

// NaNToNum replaces NaN by nan, and infinite elements by posInf and negInf; nil there means the largest and smallest float32.
func NaNToNum(x Tensor, nan float64, posInf, negInf *float64) Tensor {
	x = asFloat(x)
	if x.Err() != nil {
		return x
	}
	hi, lo := math.MaxFloat32, -math.MaxFloat32
	if posInf != nil {
		hi = *posInf
	}
	if negInf != nil {
		lo = *negInf
	}
	y := Where(IsNaN(x), Scalar(nan), x)
	y = Where(Equal(x, Scalar(math.Inf(1))), Scalar(hi), y)
	return Where(Equal(x, Scalar(math.Inf(-1))), Scalar(lo), y)
}
