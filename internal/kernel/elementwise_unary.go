package kernel

import "math"

// Selu's constants, from Klambauer et al., Self-Normalizing Neural Networks, 2017.
const (
	seluScale = 1.0507009873554804934193349852946
	seluAlpha = 1.6732632423543772848170429916717
)

// Gelu's tanh approximation: x/2·(1 + tanh(sqrt(2/π)·(x + 0.044715·x³))), and (1 + tanh a)/2 is sigmoid(2a).
const (
	geluRoot  = 0.79788456080286535587989211986876
	geluCubic = 0.044715
)

// cheapUnary reports whether Go computes op without a call per element.
func cheapUnary(op Unary) bool {
	switch op {
	case Negative, Absolute, Square, Sqrt, Rsqrt, Reciprocal, ReluOp, Relu6, HardSigmoid, Softsign:
		return true
	}
	return false
}

// mapLoop is the reference, and the portable path.
func mapLoop[T Float](op Unary, y, x []T) {
	switch op {
	case Negative:
		for i, v := range x {
			y[i] = -v
		}
	case Square:
		for i, v := range x {
			y[i] = v * v
		}
	case ReluOp:
		for i, v := range x {
			y[i] = max(v, 0)
		}
	case Reciprocal:
		for i, v := range x {
			y[i] = 1 / v
		}
	case Exp:
		for i, v := range x {
			y[i] = expOf(v)
		}
	case TanhOp:
		for i, v := range x {
			y[i] = tanhOf(v)
		}
	case SigmoidOp:
		for i, v := range x {
			y[i] = sigmoidOf(v)
		}
	default:
		f := unaryFuncs[op]
		for i, v := range x {
			y[i] = T(f(float64(v)))
		}
	}
}

// mapGradLoop is the reference, and the portable path.
func mapGradLoop[T Float](op Unary, dx, x, y, dy []T) {
	switch op {
	case Square:
		for i, v := range x {
			dx[i] = dy[i] * (v + v)
		}
	case ReluOp:
		for i, v := range y {
			dx[i] = reluGrad(v, dy[i])
		}
	case Exp:
		for i, v := range y {
			dx[i] = dy[i] * v
		}
	case TanhOp:
		for i, v := range y {
			dx[i] = dy[i] * (1 - v*v)
		}
	case SigmoidOp:
		for i, v := range y {
			dx[i] = dy[i] * (v * (1 - v))
		}
	case Sign, Floor, Ceil, Round:
		clear(dx)
	default:
		f := unaryDerivatives[op]
		for i, v := range x {
			dx[i] = T(float64(dy[i]) * f(float64(v), float64(y[i])))
		}
	}
}

func reluGrad[T Float](y, dy T) T {
	if y > 0 {
		return dy
	}
	return 0
}

// expOf, tanhOf and sigmoidOf use in float32 the polynomials of the vector kernels.
func expOf[T Float](x T) T {
	if isFloat32[T]() {
		return T(exp32(float32(x)))
	}
	return T(math.Exp(float64(x)))
}

func tanhOf[T Float](x T) T {
	if isFloat32[T]() {
		return T(tanh32(float32(x)))
	}
	return T(math.Tanh(float64(x)))
}

func sigmoidOf[T Float](x T) T {
	if isFloat32[T]() {
		return T(sigmoid32(float32(x)))
	}
	return T(sigmoid64(float64(x)))
}

func sigmoid64(x float64) float64 {
	e := math.Exp(-math.Abs(x))
	if x < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}

func softplus64(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func sign64(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // 0 or NaN
}

func clamp64(x, lo, hi float64) float64 {
	if x < lo {
		return lo
	}
	if x > hi {
		return hi
	}
	return x
}

// inside is the derivative of a clip: 1 between the bounds, 0 on them and outside.
func inside(x, lo, hi float64) float64 {
	if x > lo && x < hi {
		return 1
	}
	return 0
}

func gelu64(x float64) float64 { return 0.5 * x * math.Erfc(-x/math.Sqrt2) }

func geluTanh64(x float64) float64 { return x * sigmoid64(2*geluRoot*(x+geluCubic*x*x*x)) }

func geluTanhDerivative(x, _ float64) float64 {
	s := sigmoid64(2 * geluRoot * (x + geluCubic*x*x*x))
	return s + x*s*(1-s)*2*geluRoot*(1+3*geluCubic*x*x)
}

func elu64(x float64) float64 {
	if x > 0 {
		return x
	}
	return math.Expm1(x)
}

func selu64(x float64) float64 {
	if x > 0 {
		return seluScale * x
	}
	return seluScale * seluAlpha * math.Expm1(x)
}

var unaryFuncs = [unaryCount]func(float64) float64{
	Negative:    func(x float64) float64 { return -x },
	Absolute:    math.Abs,
	Sign:        sign64,
	Square:      func(x float64) float64 { return x * x },
	Sqrt:        math.Sqrt,
	Rsqrt:       func(x float64) float64 { return 1 / math.Sqrt(x) },
	Reciprocal:  func(x float64) float64 { return 1 / x },
	Exp:         math.Exp,
	Expm1:       math.Expm1,
	Log:         math.Log,
	Log1p:       math.Log1p,
	Sin:         math.Sin,
	Cos:         math.Cos,
	Tan:         math.Tan,
	TanhOp:      math.Tanh,
	SigmoidOp:   sigmoid64,
	Softplus:    softplus64,
	Softsign:    func(x float64) float64 { return x / (1 + math.Abs(x)) },
	Silu:        func(x float64) float64 { return x * sigmoid64(x) },
	GeluErf:     gelu64,
	GeluTanh:    geluTanh64,
	Elu:         elu64,
	Selu:        selu64,
	ReluOp:      func(x float64) float64 { return clamp64(x, 0, math.Inf(1)) },
	Relu6:       func(x float64) float64 { return clamp64(x, 0, 6) },
	Erf:         math.Erf,
	Floor:       math.Floor,
	Ceil:        math.Ceil,
	Round:       math.RoundToEven,
	Arctan:      math.Atan,
	Sinh:        math.Sinh,
	Cosh:        math.Cosh,
	LogSigmoid:  func(x float64) float64 { return -softplus64(-x) },
	HardSigmoid: func(x float64) float64 { return clamp64(x/6+0.5, 0, 1) },
	Mish:        func(x float64) float64 { return x * math.Tanh(softplus64(x)) },
}

// unaryDerivatives holds op'(x) as a function of x and y = op(x).
var unaryDerivatives = [unaryCount]func(x, y float64) float64{
	Negative:    func(_, _ float64) float64 { return -1 },
	Absolute:    absoluteDerivative,
	Sign:        func(_, _ float64) float64 { return 0 },
	Square:      func(x, _ float64) float64 { return 2 * x },
	Sqrt:        func(_, y float64) float64 { return 0.5 / y },
	Rsqrt:       func(x, y float64) float64 { return -0.5 * y / x },
	Reciprocal:  func(_, y float64) float64 { return -y * y },
	Exp:         func(_, y float64) float64 { return y },
	Expm1:       func(_, y float64) float64 { return y + 1 },
	Log:         func(x, _ float64) float64 { return 1 / x },
	Log1p:       func(x, _ float64) float64 { return 1 / (1 + x) },
	Sin:         func(x, _ float64) float64 { return math.Cos(x) },
	Cos:         func(x, _ float64) float64 { return -math.Sin(x) },
	Tan:         func(_, y float64) float64 { return 1 + y*y },
	TanhOp:      func(_, y float64) float64 { return 1 - y*y },
	SigmoidOp:   func(_, y float64) float64 { return y * (1 - y) },
	Softplus:    func(x, _ float64) float64 { return sigmoid64(x) },
	Softsign:    func(x, _ float64) float64 { d := 1 + math.Abs(x); return 1 / (d * d) },
	Silu:        func(x, _ float64) float64 { s := sigmoid64(x); return s * (1 + x*(1-s)) },
	GeluErf:     func(x, _ float64) float64 { return 0.5*math.Erfc(-x/math.Sqrt2) + x*normalDensity(x) },
	GeluTanh:    geluTanhDerivative,
	Elu:         eluDerivative,
	Selu:        seluDerivative,
	ReluOp:      func(x, _ float64) float64 { return inside(x, 0, math.Inf(1)) },
	Relu6:       func(x, _ float64) float64 { return inside(x, 0, 6) },
	Erf:         func(x, _ float64) float64 { return 2 / math.SqrtPi * math.Exp(-x*x) },
	Floor:       func(_, _ float64) float64 { return 0 },
	Ceil:        func(_, _ float64) float64 { return 0 },
	Round:       func(_, _ float64) float64 { return 0 },
	Arctan:      func(x, _ float64) float64 { return 1 / (1 + x*x) },
	Sinh:        func(x, _ float64) float64 { return math.Cosh(x) },
	Cosh:        func(x, _ float64) float64 { return math.Sinh(x) },
	LogSigmoid:  func(x, _ float64) float64 { return sigmoid64(-x) },
	HardSigmoid: func(x, _ float64) float64 { return inside(x, -3, 3) / 6 },
	Mish:        mishDerivative,
}

// absoluteDerivative is 1 at 0, as JAX has it.
func absoluteDerivative(x, _ float64) float64 {
	if x < 0 {
		return -1
	}
	return 1
}

func normalDensity(x float64) float64 { return math.Exp(-0.5*x*x) / math.Sqrt(2*math.Pi) }

func eluDerivative(x, _ float64) float64 {
	if x > 0 {
		return 1
	}
	return math.Exp(x)
}

func seluDerivative(x, _ float64) float64 {
	if x > 0 {
		return seluScale
	}
	return seluScale * seluAlpha * math.Exp(x)
}

func mishDerivative(x, _ float64) float64 {
	t := math.Tanh(softplus64(x))
	return t + x*(1-t*t)*sigmoid64(x)
}
