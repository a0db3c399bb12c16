package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ulps is the distance of got from want in units of want's last float32 place.
func ulps(got float32, want float64) float64 {
	w := float32(want)
	if want != want || math.IsInf(float64(w), 0) {
		if got == w || got != got && want != want {
			return 0
		}
		// One rounding away from infinity is one ulp.
		if math.IsInf(float64(w), 0) && math.Abs(float64(got)) == math.MaxFloat32 {
			return 1
		}
		return math.Inf(1)
	}
	a := float32(math.Abs(float64(w)))
	u := float64(math.Nextafter32(a, math.MaxFloat32)) - float64(a)
	if a == math.MaxFloat32 {
		u = 0x1p104
	}
	return math.Abs(float64(got)-want) / u
}

// sweep returns float32 numbers of every magnitude and sign, zeros, infinities, subnormals and NaN among them.
func sweep() []float32 {
	var x []float32
	for b := uint32(0); b < 1<<31; b += 99991 {
		v := math.Float32frombits(b)
		x = append(x, v, -v)
	}
	for i := range 20000 {
		x = append(x, float32(i-10000)*1.1e-2)
	}
	return append(x, 0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()),
		1e-45, -1e-45, 88.72283, 88.722839, 88.73, -87.33, -103.97, -103.98, -104, -150, 0.625, -0.625, 9.01, 1, math.MaxFloat32)
}

var unaryNames = map[Unary]string{
	Negative: "Negative", Absolute: "Absolute", Sign: "Sign", Square: "Square", Sqrt: "Sqrt", Rsqrt: "Rsqrt", Reciprocal: "Reciprocal",
	Exp: "Exp", Expm1: "Expm1", Log: "Log", Log1p: "Log1p", Sin: "Sin", Cos: "Cos", Tan: "Tan", TanhOp: "TanhOp", SigmoidOp: "SigmoidOp",
	Softplus: "Softplus", Softsign: "Softsign", Silu: "Silu", GeluErf: "GeluErf", GeluTanh: "GeluTanh", Elu: "Elu", Selu: "Selu",
	ReluOp: "ReluOp", Relu6: "Relu6", Erf: "Erf", Floor: "Floor", Ceil: "Ceil", Round: "Round", Arctan: "Arctan", Sinh: "Sinh",
	Cosh: "Cosh", LogSigmoid: "LogSigmoid", HardSigmoid: "HardSigmoid", Mish: "Mish",
}

// unaryBounds are the ulps that a float32 function may be off; the others are one rounding from float64.
var unaryBounds = map[Unary]float64{Exp: 2, TanhOp: 4, SigmoidOp: 4, Log: 4, Rsqrt: 2, Silu: 6, GeluTanh: 256, GeluErf: 128, Softplus: 4, LogSigmoid: 4}

// naiveUnary spells the functions once more, without the library's care for large arguments where float64 can do without.
func naiveUnary(op Unary, x float64) float64 {
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	switch op {
	case Negative:
		return -x
	case Sign:
		if x == 0 || x != x {
			return x
		}
		return math.Copysign(1, x)
	case Square:
		return math.Pow(x, 2)
	case Rsqrt:
		return 1 / math.Sqrt(x)
	case Reciprocal:
		return math.Pow(x, -1)
	case SigmoidOp:
		return sigmoid(x)
	case Softplus:
		if x > 700 {
			return x
		}
		return math.Log1p(math.Exp(x))
	case Softsign:
		return x / (1 + math.Abs(x))
	case Silu:
		return x * sigmoid(x)
	case GeluErf:
		return x * 0.5 * math.Erfc(-x*math.Sqrt(0.5))
	case GeluTanh:
		// (1 + tanh(a))/2 is sigmoid(2a).
		return x * sigmoid(2*math.Sqrt(2/math.Pi)*(x+0.044715*math.Pow(x, 3)))
	case Elu:
		if x <= 0 {
			return math.Expm1(x)
		}
		return x
	case Selu:
		if x <= 0 {
			return 1.0507009873554805 * 1.6732632423543772 * math.Expm1(x)
		}
		return 1.0507009873554805 * x
	case ReluOp:
		if x < 0 {
			return 0
		}
		return x
	case Relu6:
		return math.Min(math.Max(x, 0), 6)
	case LogSigmoid:
		if x < -700 {
			return x
		}
		return -math.Log1p(math.Exp(-x))
	case HardSigmoid:
		return math.Min(math.Max(x/6+0.5, 0), 1)
	case Mish:
		return x * math.Tanh(naiveUnary(Softplus, x))
	}
	return mathFuncs[op](x)
}

var mathFuncs = map[Unary]func(float64) float64{
	Absolute: math.Abs, Sqrt: math.Sqrt, Exp: math.Exp, Expm1: math.Expm1, Log: math.Log, Log1p: math.Log1p, Sin: math.Sin,
	Cos: math.Cos, Tan: math.Tan, TanhOp: math.Tanh, Erf: math.Erf, Floor: math.Floor, Ceil: math.Ceil, Round: math.RoundToEven,
	Arctan: math.Atan, Sinh: math.Sinh, Cosh: math.Cosh,
}

func TestMap(t *testing.T) {
	require.Len(t, unaryNames, int(unaryCount))
	everyPath(t, func(t *testing.T) {
		x := sweep()
		y := make([]float32, len(x))
		for op := range unaryCount {
			t.Run(unaryNames[op], func(t *testing.T) {
				bound, ok := unaryBounds[op]
				if !ok {
					bound = 1
				}
				Map(op, y, x)
				worst, where := 0.0, float32(0)
				for i, v := range x {
					want := naiveUnary(op, float64(v))
					if d := ulps(y[i], want); d > worst && !(math.Abs(want) < 1e-30 && math.Abs(float64(y[i])-want) < 1e-37) {
						worst, where = d, v
					}
				}
				t.Logf("within %.2f ulp, at %g", worst, where)
				assert.LessOrEqual(t, worst, bound, "at %g", where)
			})
		}
		testMapTails[float32](t)
	}, func(t *testing.T) {
		x := uniformSlice[float64](1000, 1, -20, 20)
		y := make([]float64, len(x))
		for op := range unaryCount {
			want := make([]float64, len(x))
			for i, v := range x {
				want[i] = naiveUnary(op, v)
			}
			Map(op, y, x)
			near(t, want, y, 1e-13, unaryNames[op])
		}
		testMapTails[float64](t)
	})
}

// testMapTails demands that an element has the same bits in any place of a slice of any size, also in place, and that nothing
// beyond the end is written.
func testMapTails[T Float](t *testing.T) {
	for op := range unaryCount {
		x := normalSlice[T](1000, 3)
		whole := make([]T, len(x))
		Map(op, whole, x)
		for _, n := range sizes {
			y := append([]T(nil), x...)
			Map(op, y[:n], y[:n])
			for i := range y {
				want := x[i]
				if i < n {
					want = whole[i]
				}
				require.Truef(t, y[i] == want || y[i] != y[i] && want != want, "%s n=%d [%d]", unaryNames[op], n, i)
			}
		}
	}
}

func TestMapGrad(t *testing.T) {
	everyPath(t, testMapGrad[float32], testMapGrad[float64])
}

func testMapGrad[T Float](t *testing.T) {
	for op := range unaryCount {
		for _, n := range sizes {
			x := uniformSlice[T](n, uint64(n), 0.02, 2.9)
			if op != Log && op != Sqrt && op != Rsqrt {
				for i := range x {
					if i%2 == 1 {
						x[i] *= -0.9 // stays above Log1p's pole only where it is not used
					}
				}
			}
			if op == Log1p || op == Tan {
				for i := range x {
					x[i] = T(math.Mod(float64(x[i]), 0.9))
				}
			}
			dy, y, want := normalSlice[T](n, 5), make([]T, n), make([]float64, n)
			Map(op, y, x)
			const h = 1e-6
			for i, v := range as64(x) {
				want[i] = float64(dy[i]) * (naiveUnary(op, v+h) - naiveUnary(op, v-h)) / (2 * h)
			}
			dx := make([]T, n)
			MapGrad(op, dx, x, y, dy)
			near(t, want, dx, max(tolerance[T](200), 1e-7), fmt.Sprint(unaryNames[op], n))
			MapGrad(op, dy, x, y, dy)
			assert.Equal(t, dx, dy, "in place")
		}
	}
}

// The values at kinks are those of jax.grad.
func TestMapGradKinks(t *testing.T) {
	everyPath(t, testMapGradKinks[float32], testMapGradKinks[float64])
}

func testMapGradKinks[T Float](t *testing.T) {
	x := []T{0, 6, 3, -3, 7}
	for op, want := range map[Unary][]float64{
		ReluOp: {0, 1, 1, 0, 1}, Relu6: {0, 0, 1, 0, 0}, HardSigmoid: {1. / 6, 0, 0, 0, 0}, Elu: {1, 1, 1, math.Exp(-3), 1},
		Selu: {1.7580993408473766, 1.0507009873554805, 1.0507009873554805, 1.7580993408473766 * math.Exp(-3), 1.0507009873554805},
		Sign: {0, 0, 0, 0, 0}, Absolute: {1, 1, 1, -1, 1}, Softsign: {1, 1. / 49, 1. / 16, 1. / 16, 1. / 64},
	} {
		y, dx := make([]T, len(x)), make([]T, len(x))
		Map(op, y, x)
		MapGrad(op, dx, x, y, []T{1, 1, 1, 1, 1})
		near(t, want, dx, tolerance[T](8), unaryNames[op])
	}
}

func TestMapParallel(t *testing.T) {
	x := normalSlice[float32](300_001, 1)
	y, dx := make([]float32, len(x)), make([]float32, len(x))
	for _, op := range []Unary{Exp, Sin, ReluOp} {
		sameBits(t, func() [][]float32 {
			y, dx := make([]float32, len(x)), make([]float32, len(x))
			Map(op, y, x)
			MapGrad(op, dx, x, y, x)
			return [][]float32{y, dx}
		})
		noAllocations(t, func() { Map(op, y, x); MapGrad(op, dx, x, y, x) })
	}
}

// Many goroutines at once: one has the pool, the others run serially, and all get what one alone gets.
func TestConcurrentCallers(t *testing.T) {
	const n = 40_000
	x := normalSlice[float32](n, 1)
	run := func() []float32 {
		y, mask, sum := make([]float32, n), make([]bool, n), make([]float32, 200)
		Map(Exp, y, x)
		Softmax(y, y, 200, n/200)
		Dropout(y, mask, y, 0.5, randomKey, 1)
		LogSoftmaxGrad(y, y, x, 200, n/200)
		BatchNormInfer(y, y, nil, nil, x[:100], y[:100], n/100, 100, 10, ReLU)
		ActivationGradBias(Tanh, y, x, y, sum)
		return append(y, sum...)
	}
	want := run()
	results := make(chan []float32)
	for range 8 {
		go func() { results <- run() }()
	}
	for range 8 {
		requireSameBits(t, want, <-results, "concurrent")
	}
}
