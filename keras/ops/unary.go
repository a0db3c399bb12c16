package ops

import (
	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A unary operation is a function of each element.
type unary struct {
	label string
	f     kernel.Unary
}

func (o unary) name() string { return o.label }

func (o unary) infer(in []Spec) ([]Spec, error) {
	if !in[0].DType.isFloat() {
		return nil, errors.Errorf("expected a float tensor, got %s", in[0].DType)
	}
	return in, nil
}

func (o unary) bind(c *binding) func() error {
	return pick(c, mapAll[float32](o, c), mapAll[float64](o, c))
}

func mapAll[T kernel.Float](o unary, c *binding) func() error {
	x, y := data[T](c.in[0]), data[T](c.out[0])
	return func() error {
		kernel.Map(o.f, y, x)
		return nil
	}
}

func (o unary) gradient(c *chain) []Tensor {
	return []Tensor{apply(unaryGradient(o), c.in[0], c.out[0], c.g())}
}

type unaryGradient unary

func (o unaryGradient) name() string                    { return o.label + "_gradient" }
func (o unaryGradient) infer(in []Spec) ([]Spec, error) { return in[:1], nil }

func (o unaryGradient) bind(c *binding) func() error {
	return pick(c, mapGradient[float32](o, c), mapGradient[float64](o, c))
}

func mapGradient[T kernel.Float](o unaryGradient, c *binding) func() error {
	x, y, dy, dx := data[T](c.in[0]), data[T](c.in[1]), data[T](c.in[2]), data[T](c.out[0])
	return func() error {
		kernel.MapGrad(o.f, dx, x, y, dy)
		return nil
	}
}

// asFloat casts integers and booleans, as Keras does where a function needs floats.
func asFloat(x Tensor) Tensor {
	if x.Err() == nil && !x.DType().isFloat() {
		return Cast(x, Float32)
	}
	return x
}

func mapped(label string, f kernel.Unary, x Tensor) Tensor { return apply(unary{label, f}, asFloat(x)) }

// Negative is -x.
func Negative(x Tensor) Tensor { return mapped("negative", kernel.Negative, x) }

// Absolute is |x|.
func Absolute(x Tensor) Tensor { return mapped("absolute", kernel.Absolute, x) }

// Sign is -1, 0 or 1.
func Sign(x Tensor) Tensor { return mapped("sign", kernel.Sign, x) }

// Square is x².
func Square(x Tensor) Tensor { return mapped("square", kernel.Square, x) }

// Sqrt is the square root; NaN for negative elements.
func Sqrt(x Tensor) Tensor { return mapped("sqrt", kernel.Sqrt, x) }

// Rsqrt is 1/√x.
func Rsqrt(x Tensor) Tensor { return mapped("rsqrt", kernel.Rsqrt, x) }

// Reciprocal is 1/x.
func Reciprocal(x Tensor) Tensor { return mapped("reciprocal", kernel.Reciprocal, x) }

// Exp is e to the x.
func Exp(x Tensor) Tensor { return mapped("exp", kernel.Exp, x) }

// Expm1 is e to the x, minus 1, exact near 0.
func Expm1(x Tensor) Tensor { return mapped("expm1", kernel.Expm1, x) }

// Log is the natural logarithm.
func Log(x Tensor) Tensor { return mapped("log", kernel.Log, x) }

// Log1p is log(1+x), exact near 0.
func Log1p(x Tensor) Tensor { return mapped("log1p", kernel.Log1p, x) }

// Sin is the sine of an angle in radians.
func Sin(x Tensor) Tensor { return mapped("sin", kernel.Sin, x) }

// Cos is the cosine of an angle in radians.
func Cos(x Tensor) Tensor { return mapped("cos", kernel.Cos, x) }

// Tan is the tangent of an angle in radians.
func Tan(x Tensor) Tensor { return mapped("tan", kernel.Tan, x) }

// Sinh is the hyperbolic sine.
func Sinh(x Tensor) Tensor { return mapped("sinh", kernel.Sinh, x) }

// Cosh is the hyperbolic cosine.
func Cosh(x Tensor) Tensor { return mapped("cosh", kernel.Cosh, x) }

// Tanh is the hyperbolic tangent.
func Tanh(x Tensor) Tensor { return mapped("tanh", kernel.TanhOp, x) }

// Arctan is the angle in radians whose tangent is x.
func Arctan(x Tensor) Tensor { return mapped("arctan", kernel.Arctan, x) }

// Erf is the Gauss error function.
func Erf(x Tensor) Tensor { return mapped("erf", kernel.Erf, x) }

// Floor is the largest whole number that is not above x.
func Floor(x Tensor) Tensor { return mapped("floor", kernel.Floor, x) }

// Ceil is the smallest whole number that is not below x.
func Ceil(x Tensor) Tensor { return mapped("ceil", kernel.Ceil, x) }

// Round is the nearest whole number, the even one of two.
func Round(x Tensor) Tensor { return mapped("round", kernel.Round, x) }

// Sigmoid is 1/(1+exp(-x)).
func Sigmoid(x Tensor) Tensor { return mapped("sigmoid", kernel.SigmoidOp, x) }

// ReLU is max(x, 0).
func ReLU(x Tensor) Tensor { return mapped("relu", kernel.ReluOp, x) }

// ReLU6 is min(max(x, 0), 6).
func ReLU6(x Tensor) Tensor { return mapped("relu6", kernel.Relu6, x) }

// Softplus is log(1+exp(x)).
func Softplus(x Tensor) Tensor { return mapped("softplus", kernel.Softplus, x) }

// Softsign is x/(1+|x|).
func Softsign(x Tensor) Tensor { return mapped("softsign", kernel.Softsign, x) }

// SiLU is x·sigmoid(x).
func SiLU(x Tensor) Tensor { return mapped("silu", kernel.Silu, x) }

// LogSigmoid is log(sigmoid(x)).
func LogSigmoid(x Tensor) Tensor { return mapped("log_sigmoid", kernel.LogSigmoid, x) }

// HardSigmoid is x/6+0.5, clipped to [0, 1].
func HardSigmoid(x Tensor) Tensor { return mapped("hard_sigmoid", kernel.HardSigmoid, x) }

// SELU is the scaled exponential linear unit (Klambauer et al. 2017).
func SELU(x Tensor) Tensor { return mapped("selu", kernel.Selu, x) }

// Mish is x·tanh(softplus(x)).
func Mish(x Tensor) Tensor { return mapped("mish", kernel.Mish, x) }

// GELU is x·Φ(x), or with approximate its tanh approximation, which is Keras's default.
func GELU(x Tensor, approximate bool) Tensor {
	if approximate {
		return mapped("gelu", kernel.GeluTanh, x)
	}
	return mapped("gelu", kernel.GeluErf, x)
}

// ELU is x above 0 and alpha·(exp(x)-1) below.
func ELU(x Tensor, alpha float64) Tensor {
	if alpha == 1 {
		return mapped("elu", kernel.Elu, x)
	}
	return Add(ReLU(x), Multiply(Scalar(alpha), Expm1(Minimum(x, Scalar(0)))))
}

// LeakyReLU is x above 0 and slope·x below.
func LeakyReLU(x Tensor, slope float64) Tensor {
	return Add(ReLU(x), Multiply(Scalar(slope), Minimum(x, Scalar(0))))
}
