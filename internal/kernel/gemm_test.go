package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// gaussians returns n numbers of mean 0 and variance 1.
func gaussians[T Float](r *rand.Rand, n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(r.NormFloat64())
	}
	return x
}

// naiveProduct is the triple loop in float64; it returns, beside C, the sum of absolute products that bounds its rounding.
func naiveProduct[T Float](p Product, a, b, c []T, e Epilogue[T]) (want, scale []float64) {
	p.resolve()
	want, scale = make([]float64, len(c)), make([]float64, len(c))
	for i, v := range c {
		want[i] = float64(v)
	}
	rowA, stepA, stepB, colB := p.LDA, 1, p.LDB, 1
	if p.TransA {
		rowA, stepA = 1, p.LDA
	}
	if p.TransB {
		stepB, colB = 1, p.LDB
	}
	for i := range p.M {
		for j := range p.N {
			var s, abs float64
			for k := range p.K {
				v := float64(a[i*rowA+k*stepA]) * float64(b[k*stepB+j*colB])
				s += v
				abs += math.Abs(v)
			}
			at := i*p.LDC + j
			for _, v := range extras(p, c, e, at, j) {
				s += v
				abs += math.Abs(v)
			}
			want[at], scale[at] = naiveActivation(e.Activation, s), abs
		}
	}
	return want, scale
}

func extras[T Float](p Product, c []T, e Epilogue[T], at, j int) (x []float64) {
	if p.Accumulate {
		x = append(x, float64(c[at]))
	}
	if e.Bias != nil {
		x = append(x, float64(e.Bias[j]))
	}
	if e.Residual != nil {
		x = append(x, float64(e.Residual[at]))
	}
	return x
}

func naiveActivation(a Activation, s float64) float64 {
	switch a {
	case ReLU:
		return math.Max(s, 0)
	case Sigmoid:
		return 1 / (1 + math.Exp(-s))
	case Tanh:
		return math.Tanh(s)
	default:
		return s
	}
}

// assertClose allows the rounding of a sum of k terms, of random signs, of total size scale.
func assertClose[T Float](t *testing.T, want, scale []float64, got []T, k int, msg string) {
	t.Helper()
	eps := 0x1p-23
	if !isFloat32[T]() {
		eps = 0x1p-52
	}
	tol := eps * (4 + math.Sqrt(float64(k)))
	for i, w := range want {
		if d := math.Abs(float64(got[i]) - w); !(d <= tol*(scale[i]+math.Abs(w))+4*eps) {
			require.Failf(t, "wrong number", "%s: element %d: want %v, got %v, off by %g, allowed %g", msg, i, w, got[i], d, tol*scale[i])
		}
	}
}

// productCase is a product with operands, and room around them that must not be touched.
type productCase[T Float] struct {
	p       Product
	a, b, c []T
	e       Epilogue[T]
}

func newProductCase[T Float](r *rand.Rand, p Product, bias, residual bool, act Activation) productCase[T] {
	q := p
	q.resolve()
	x := productCase[T]{p: p}
	x.a = gaussians[T](r, extent(pick(p.TransA, p.K, p.M), pick(p.TransA, p.M, p.K), q.LDA))
	x.b = gaussians[T](r, extent(pick(p.TransB, p.N, p.K), pick(p.TransB, p.K, p.N), q.LDB))
	x.c = gaussians[T](r, extent(p.M, p.N, q.LDC))
	x.e.Activation = act
	if bias {
		x.e.Bias = gaussians[T](r, p.N)
	}
	if residual {
		x.e.Residual = gaussians[T](r, len(x.c))
	}
	return x
}

func (x *productCase[T]) check(t *testing.T) {
	t.Helper()
	want, scale := naiveProduct(x.p, x.a, x.b, x.c, x.e)
	Gemm(x.p, x.a, x.b, x.c, x.e)
	assertClose(t, want, scale, x.c, x.p.K, fmt.Sprintf("%+v bias %v residual %v %d", x.p, x.e.Bias != nil, x.e.Residual != nil, x.e.Activation))
}

func TestGemm(t *testing.T) {
	sizes := [][3]int{
		{1, 1, 1},
		{13, 13, 13},
		{33, 33, 33},
		{14, 32, 64},
		{15, 33, 65},
		{6, 16, 8},
		{7, 17, 9},
		{5, 8, 3},
		{4, 4, 4},
		{1, 100, 300},
		{100, 1, 300},
		{64, 10, 512},
		{32, 64, 784},
		{9, 32, 1200},
		{3, 5, 2500},
		{40, 36, 1500},
		{600, 40, 20},
		{20, 600, 40},
		{120, 150, 64},
		{64, 96, 100},
		{1, 600, 200},
		{2, 3, 0},
		{0, 3, 2},
		{3, 0, 2},
		{70, 30, 1100},
	}
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, s := range sizes {
			for variant := range 4 {
				p := Product{M: s[0], N: s[1], K: s[2], TransA: variant&1 != 0, TransB: variant&2 != 0}
				x := newProductCase[float32](r, p, false, false, Linear)
				x.check(t)
				p.Accumulate = true
				x = newProductCase[float32](r, p, false, false, Linear)
				x.check(t)
			}
		}
	})
}

func TestGemmRandom(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for range 200 {
			x := randomProduct[float32](r)
			x.check(t)
		}
	})
	t.Run("float64", func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for range 100 {
			x := randomProduct[float64](r)
			x.check(t)
		}
	})
}

func randomProduct[T Float](r *rand.Rand) productCase[T] {
	p := Product{M: r.IntN(70), N: r.IntN(70), K: r.IntN(70), TransA: r.IntN(2) == 0, TransB: r.IntN(2) == 0}
	if r.IntN(2) == 0 {
		p.LDA, p.LDB, p.LDC = max(p.M, p.K)+r.IntN(9), max(p.N, p.K)+r.IntN(9), p.N+r.IntN(9)
	}
	if r.IntN(3) == 0 {
		p.Accumulate = true
		return newProductCase[T](r, p, false, false, Linear)
	}
	return newProductCase[T](r, p, r.IntN(2) == 0, r.IntN(2) == 0, Activation(r.IntN(4)))
}

// TestGemmLarge has shapes that take several rounds, packing of A and split k, each with all of the epilogue.
func TestGemmLarge(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for _, p := range []Product{
			{M: 40, N: 130, K: 1100},
			{M: 60, N: 100, K: 512, LDA: 512},
			{M: 60, N: 100, K: 700, TransA: true, TransB: true, LDA: 256},
			{M: 20, N: 33, K: 2200},
			{M: 20, N: 33, K: 2200, TransB: true, LDC: 50},
			{M: 600, N: 33, K: 100, TransA: true},
			{M: 44, N: 3, K: 20_000, TransA: true},
			{M: 20, N: 70, K: 600, LDB: 1024},
			{M: 60, N: 70, K: 100, LDB: 1024},
			{M: 120, N: 70, K: 30, LDB: 2048},
			{M: 300, N: 40, K: 20, LDB: 512},
			{M: 90, N: 70, K: 30, LDC: 512},
			{M: 32, N: 130, K: 70, TransB: true},
			{M: 1, N: 700, K: 300},
		} {
			x := newProductCase[float32](r, p, true, true, ReLU)
			x.check(t)
			x = newProductCase[float32](r, p, true, false, Tanh)
			x.check(t)
		}
	})
}

func TestGemmWritesInsideOnly(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		p := Product{M: 17, N: 19, K: 5, LDC: 40}
		c := make([]float32, 17*40)
		for i := range c {
			c[i] = 7
		}
		Gemm(p, make([]float32, 17*5), make([]float32, 5*19), c, Epilogue[float32]{})
		for i, v := range c {
			want := float32(0)
			if i%40 >= 19 {
				want = 7
			}
			require.Equal(t, want, v, "row %d, column %d", i/40, i%40)
		}
	})
}

func TestGemmReLUKeepsNaN(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		p := Product{M: 15, N: 35, K: 2}
		a, b, c := make([]float32, 30), make([]float32, 70), make([]float32, 15*35)
		a[2*7] = float32(math.NaN())
		Gemm(p, a, b, c, Epilogue[float32]{Activation: ReLU})
		for i, v := range c {
			require.Equal(t, i/35 == 7, math.IsNaN(float64(v)), "element %d", i)
		}
	})
}

func TestGemmPanics(t *testing.T) {
	x := make([]float32, 6)
	none := Epilogue[float32]{}
	p := Product{M: 2, N: 2, K: 3}
	for name, f := range map[string]func(){
		"A":        func() { Gemm(p, x[:5], x, x, none) },
		"B":        func() { Gemm(p, x, x[:5], x, none) },
		"C":        func() { Gemm(p, x, x, x[:3], none) },
		"stride":   func() { Gemm(Product{M: 2, N: 2, K: 3, LDA: 2}, x, x, x, none) },
		"below 0":  func() { Gemm(Product{M: -1}, x, x, x, none) },
		"bias":     func() { Gemm(p, x, x, x, Epilogue[float32]{Bias: x[:1]}) },
		"residual": func() { Gemm(p, x, x, x, Epilogue[float32]{Residual: x[:3]}) },
		"Accumulate": func() {
			Gemm(Product{M: 2, N: 2, K: 3, Accumulate: true}, x, x, x, Epilogue[float32]{Activation: ReLU})
		},
	} {
		msg := func() (msg string) {
			defer func() { msg = fmt.Sprint(recover()) }()
			f()
			return ""
		}()
		assert.Contains(t, msg, name)
	}
}

// withThreads runs f with GOMAXPROCS n.
func withThreads(n int, f func()) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
	f()
}

var determinismProducts = []Product{
	{M: 33, N: 100, K: 200},
	{M: 128, N: 64, K: 784},
	{M: 16, N: 20, K: 5000},
	{M: 400, N: 90, K: 50, TransB: true},
	{M: 150, N: 140, K: 300, TransA: true},
	{M: 200, N: 35, K: 300},
	{M: 1, N: 1030, K: 600},
}

func TestGemmSameBitsOnAnyThreads(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		for _, p := range determinismProducts {
			x := newProductCase[float32](r, p, true, true, Sigmoid)
			var want []float32
			for _, threads := range []int{1, 2, 4} {
				withThreads(threads, func() { Gemm(x.p, x.a, x.b, x.c, x.e) })
				if want == nil {
					want = append(want, x.c...)
				}
				require.Equal(t, want, x.c, "%+v on %d threads", p, threads)
			}
		}
	})
}

func TestGemmConcurrentCallers(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	x := newProductCase[float32](r, Product{M: 64, N: 96, K: 128}, true, false, ReLU)
	Gemm(x.p, x.a, x.b, x.c, x.e)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			c := make([]float32, len(x.c))
			for range 30 {
				Gemm(x.p, x.a, x.b, c, x.e)
				assert.Equal(t, x.c, c)
			}
		})
	}
	wg.Wait()
}

func TestGemmAllocatesNothing(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(11, 12))
		for _, p := range append(determinismProducts, Product{M: 3, N: 4, K: 5}) {
			x := newProductCase[float32](r, p, true, false, ReLU)
			n := testing.AllocsPerRun(5, func() { Gemm(x.p, x.a, x.b, x.c, x.e) })
			assert.Zero(t, n, "%+v", p)
		}
	})
}
