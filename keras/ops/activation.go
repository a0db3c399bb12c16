package ops

import (
	"github.com/pkg/errors"
)

// HardTanh is x, clipped to [-1, 1].
func HardTanh(x Tensor) Tensor { return Clip(x, -1, 1) }

// HardSiLU is x·[HardSigmoid](x).
func HardSiLU(x Tensor) Tensor {
	x = asFloat(x)
	return Multiply(x, HardSigmoid(x))
}

// HardSwish is another name of [HardSiLU].
func HardSwish(x Tensor) Tensor { return HardSiLU(x) }

// CELU is x above 0 and alpha·(exp(x/alpha)-1) below.
func CELU(x Tensor, alpha float64) Tensor {
	x = asFloat(x)
	if x.Err() == nil && alpha == 0 {
		return Fail(x.path, errors.New("celu: alpha is 0"))
	}
	below := Expm1(Multiply(Minimum(x, Scalar(0)), Scalar(1/alpha)))
	return Where(Greater(x, Scalar(0)), x, Multiply(Scalar(alpha), below))
}

// GLU cuts x in two halves along an axis, a and b, and is a·sigmoid(b).
func GLU(x Tensor, axis int) Tensor {
	halves := Split(asFloat(x), 2, axis)
	return Multiply(halves[0], Sigmoid(halves[1]))
}

// TanhShrink is x-tanh(x).
func TanhShrink(x Tensor) Tensor {
	x = asFloat(x)
	return Subtract(x, Tanh(x))
}

// SoftShrink moves x towards 0 by threshold (Keras's default is 0.5), at most to 0.
func SoftShrink(x Tensor, threshold float64) Tensor {
	x = asFloat(x)
	t := Scalar(threshold)
	below := Where(Less(x, Negative(t)), Add(x, t), Scalar(0))
	return Where(Greater(x, t), Subtract(x, t), below)
}

// HardShrink is x where |x| is above threshold (Keras's default is 0.5), and 0 elsewhere.
func HardShrink(x Tensor, threshold float64) Tensor {
	x = asFloat(x)
	return Where(Greater(Absolute(x), Scalar(threshold)), x, Scalar(0))
}

// Threshold is x above threshold and value elsewhere.
func Threshold(x Tensor, threshold, value float64) Tensor {
	x = asFloat(x)
	return Where(Greater(x, Scalar(threshold)), x, Scalar(value))
}

// SquarePlus is (x+√(x²+b))/2; Keras's default for b is 4.
func SquarePlus(x Tensor, b float64) Tensor {
	x = asFloat(x)
	return Multiply(Scalar(0.5), Add(x, Sqrt(Add(Square(x), Scalar(b)))))
}

// SparsePlus is 0 below -1, x above 1, and (x+1)²/4 between.
func SparsePlus(x Tensor) Tensor {
	x = asFloat(x)
	between := Multiply(Scalar(0.25), Square(Add(x, Scalar(1))))
	return Where(LessEqual(x, Scalar(-1)), Scalar(0), Where(GreaterEqual(x, Scalar(1)), x, between))
}

// SparseSigmoid is (x+1)/2, clipped to [0, 1].
func SparseSigmoid(x Tensor) Tensor {
	return Clip(Multiply(Scalar(0.5), Add(x, Scalar(1))), 0, 1)
}
