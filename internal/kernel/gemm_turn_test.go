package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// formProducts are products of every form, some cut into blocks, some with strides that leave gaps.
var formProducts = []struct {
	p    Product
	form form
}{
	{Product{M: 64, N: 64, K: 64}, straight},
	{Product{M: 16, N: 10, K: 64, TransA: true}, turned},
	{Product{M: 47, N: 17, K: 90, TransA: true, TransB: true, LDA: 50, LDB: 91, LDC: 19}, turned},
	{Product{M: 64, N: 33, K: 100, TransA: true}, turned},
	{Product{M: 256, N: 10, K: 64, TransA: true}, turned},
	{Product{M: 48, N: 130, K: 150, TransA: true, TransB: true}, turned},
	{Product{M: 32, N: 200, K: 300, TransB: true}, turned},
	{Product{M: 16, N: 1, K: 16, TransB: true}, dotted},
	{Product{M: 35, N: 2, K: 161, LDA: 170, LDB: 3, LDC: 5}, dotted},
	{Product{M: 100, N: 1, K: 300, TransB: true}, dotted},
	{Product{M: 128, N: 10, K: 250}, dotted},
	{Product{M: 200, N: 5, K: 170, LDC: 9}, dotted},
	{Product{M: 65, N: 5, K: 500, TransB: true}, dotted},
}

func TestGemmForms(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for _, c := range formProducts {
		p := c.p
		p.resolve()
		got, _ := p.bestForm()
		assert.Equal(t, c.form, got, "%+v", p)
	}
	eachPath(t, func(t *testing.T) {
		for _, c := range formProducts {
			checkEpilogues(t, r, c.p)
		}
	})
}

// checkEpilogues checks p with each thing that can be added and each activation.
func checkEpilogues(t *testing.T, r *rand.Rand, p Product) {
	t.Helper()
	for _, act := range []Activation{Linear, ReLU, Sigmoid, Tanh} {
		x := newProductCase[float32](r, p, act != Tanh, act != Sigmoid, act)
		x.check(t)
	}
	x := newProductCase[float32](r, p, false, false, Linear)
	x.check(t)
	p.Accumulate = true
	x = newProductCase[float32](r, p, false, false, Linear)
	x.check(t)
}

// TestGemmVectors has products that are matrix times vector, in every order.
func TestGemmVectors(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(15, 16))
		for _, s := range [][3]int{{1, 70, 40}, {70, 1, 40}, {1, 90, 300}, {90, 1, 300}, {1, 1, 33}, {1, 16, 5}, {17, 1, 5}, {3, 150, 350}} {
			for variant := range 4 {
				p := Product{M: s[0], N: s[1], K: s[2], TransA: variant&1 != 0, TransB: variant&2 != 0}
				checkEpilogues(t, r, p)
				p.LDA, p.LDB, p.LDC = max(p.M, p.K)+3, max(p.N, p.K)+2, p.N+1
				checkEpilogues(t, r, p)
			}
		}
	})
}

// TestGemmRemainders has columns that do not fill the last vector, which are computed apart where that is cheaper.
func TestGemmRemainders(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(17, 18))
		for n := 33; n <= 48; n += 3 {
			for variant := range 4 {
				p := Product{M: 75, N: n, K: 40, TransA: variant&1 != 0, TransB: variant&2 != 0}
				checkEpilogues(t, r, p)
			}
		}
		checkEpilogues(t, r, Product{M: 100, N: 50, K: 100, LDC: 64})
	})
}

func TestGemmFormsSameBitsOnAnyThreads(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(19, 20))
		for _, c := range formProducts {
			x := newProductCase[float32](r, c.p, true, true, Tanh)
			var want []float32
			for _, threads := range []int{1, 2, 4} {
				withThreads(threads, func() { Gemm(x.p, x.a, x.b, x.c, x.e) })
				if want == nil {
					want = append(want, x.c...)
				}
				require.Equal(t, want, x.c, "%+v on %d threads", c.p, threads)
			}
			assert.Zero(t, testing.AllocsPerRun(5, func() { Gemm(x.p, x.a, x.b, x.c, x.e) }), "%+v", c.p)
		}
	})
}

// TestGemmNarrowed computes only the last columns, each number of them and of steps that are left over.
func TestGemmNarrowed(t *testing.T) {
	g := activeGeometry()
	if !g.masked {
		return // only a path with masks has this form
	}
	r := rand.New(rand.NewPCG(21, 22))
	for _, p := range []Product{
		{M: 16, N: 17, K: 4},
		{M: 33, N: 34, K: 21},
		{M: 31, N: 35, K: 34, TransB: true, LDC: 50},
		{M: 64, N: 52, K: 39, LDA: 45, LDB: 60},
		{M: 47, N: 21, K: 40, TransB: true},
		{M: 18, N: 54, K: 5},
		{M: 200, N: 39, K: 206, TransB: true},
		{M: 77, N: 24, K: 107, LDC: 33},
	} {
		for _, accumulate := range []bool{false, true} {
			p.Accumulate = accumulate
			x := newProductCase[float32](r, p, !accumulate, !accumulate, narrowedActivation(accumulate))
			p := p
			p.resolve()
			want, scale := naiveProduct(p, x.a, x.b, x.c, x.e)
			for i := range p.M {
				for j := range p.N - p.N%turnLanes {
					want[i*p.LDC+j], scale[i*p.LDC+j] = float64(x.c[i*p.LDC+j]), 0
				}
			}
			gemmNarrow(g, &p, x.a, x.b, x.c, &x.e)
			assertClose(t, want, scale, x.c, p.K, fmt.Sprintf("%+v", p))
		}
	}
}

func narrowedActivation(accumulate bool) Activation {
	if accumulate {
		return Linear
	}
	return Tanh
}
