package ops

import (
	"math"

	"github.com/pkg/errors"
)

// Norm is the length of vectors along one axis, of matrices along two, or of x as one vector where no axes are given. order nil
// means the square root of the sum of squares; for vectors it may be any number p, for (Σ|x|^p)^(1/p), ±Inf, for the largest or
// smallest |x|, or 0, for how many elements are not 0; for matrices ±1 and ±Inf, for the largest or smallest sum of |x| of a
// column or of a row. Orders of matrices that need singular values are not there, which the error says.
func Norm(x Tensor, order *float64, axes ...int) Tensor {
	x = asFloat(x)
	if x.Err() != nil {
		return x
	}
	if order == nil {
		return Sqrt(Sum(Square(x), axes...))
	}
	switch {
	case len(axes) == 1 || len(axes) == 0 && x.Rank() == 1:
		return vectorNorm(x, *order, axes)
	case len(axes) == 2:
		return matrixNorm(x, *order, axes)
	case len(axes) == 0 && x.Rank() == 2:
		return matrixNorm(x, *order, []int{0, 1})
	}
	return Fail(x.path, errors.Errorf("norm: order %v of shape %v along axes %v: expected one or two axes", *order, x.Spec().Shape, axes))
}

func vectorNorm(x Tensor, p float64, axes []int) Tensor {
	switch a := Absolute(x); {
	case p == 0:
		return Cast(CountNonzero(x, axes...), Float32)
	case p == 1:
		return Sum(a, axes...)
	case p == 2:
		return Sqrt(Sum(Square(x), axes...))
	case math.IsInf(p, 1):
		return Max(a, axes...)
	case math.IsInf(p, -1):
		return Min(a, axes...)
	default:
		return Power(Sum(Power(a, Scalar(p)), axes...), Scalar(1/p))
	}
}

func matrixNorm(x Tensor, p float64, axes []int) Tensor {
	row, err := axisOf(axes[0], x.Rank())
	if err != nil {
		return Fail(x.path, errors.Wrap(err, "norm"))
	}
	column, err := axisOf(axes[1], x.Rank())
	if err == nil && row == column {
		err = errors.Errorf("axes %v name one axis twice", axes)
	}
	if err == nil && math.Abs(p) != 1 && !math.IsInf(p, 0) {
		err = errors.Errorf("order %v of a matrix: expected 1, -1 or an infinity", p)
	}
	if err != nil {
		return Fail(x.path, errors.Wrap(err, "norm"))
	}
	along, over := column, row // columns are summed along the axis of rows
	if math.Abs(p) != 1 {
		along, over = row, column
	}
	sums := Sum(Absolute(x), over)
	if along > over {
		along--
	}
	if p < 0 {
		return Min(sums, along)
	}
	return Max(sums, along)
}

// Normalize scales vectors along an axis to length 1, by their [Norm] of a whole order of at least 1. Vectors shorter than epsilon,
// where 0 means 1e-7, are divided by it instead.
func Normalize(x Tensor, axis, order int, epsilon float64) Tensor {
	x = asFloat(x)
	if x.Err() != nil {
		return x
	}
	if epsilon == 0 {
		epsilon = 1e-7
	}
	if order < 1 {
		return Fail(x.path, errors.Errorf("normalize: order %d: expected at least 1", order))
	}
	if x.Rank() == 0 {
		x = ExpandDims(x, 0)
	}
	if order == 2 {
		scale := Rsqrt(KeepDims(Sum, Square(x), axis))
		return Multiply(x, Minimum(scale, Scalar(1/epsilon)))
	}
	length := func(x Tensor, axes ...int) Tensor { return vectorNorm(x, float64(order), axes) }
	return Divide(x, Maximum(KeepDims(length, x, axis), Scalar(epsilon)))
}

// Moments are [Mean] and [Var] along axes; along all where none are given.
func Moments(x Tensor, axes ...int) (mean, variance Tensor) {
	x = asFloat(x)
	return Mean(x, axes...), Var(x, axes...)
}
