package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sums are the results of the naive loop and the sums of absolute values that bound their rounding.
type sums struct{ value, size []float64 }

func newSums(n int) sums { return sums{make([]float64, n), make([]float64, n)} }

func (s sums) add(i int, v float64) {
	s.value[i] += v
	s.size[i] += math.Abs(v)
}

// naiveConv calls f with the places in x, k and y of every product of a convolution: the seven-fold loop.
func naiveConv(p Conv2D, f func(x, k, y int)) {
	inC, outC := p.C/p.Groups, p.F/p.Groups
	for n := range p.N {
		for oh := range p.OH {
			for ow := range p.OW {
				for o := range p.F {
					for kh := range p.KH {
						for kw := range p.KW {
							for c := range inC {
								h, w := oh*p.SH+kh*p.DH-p.Top, ow*p.SW+kw*p.DW-p.Left
								if h < 0 || h >= p.H || w < 0 || w >= p.W {
									continue
								}
								channel := (o/outC)*inC + c
								f(((n*p.H+h)*p.W+w)*p.C+channel, ((kh*p.KW+kw)*inC+c)*p.F+o, ((n*p.OH+oh)*p.OW+ow)*p.F+o)
							}
						}
					}
				}
			}
		}
	}
}

func checkConv[T Float](t *testing.T, r *rand.Rand, p Conv2D, bias, residual bool, act Activation) {
	t.Helper()
	x, k, dy := gaussians[T](r, p.inputs()), gaussians[T](r, p.weights()), gaussians[T](r, p.outputs())
	e := Epilogue[T]{Activation: act}
	y, dx, dk := newSums(p.outputs()), newSums(p.inputs()), newSums(p.weights())
	naiveConv(p, func(i, j, o int) {
		y.add(o, float64(x[i])*float64(k[j]))
		dx.add(i, float64(dy[o])*float64(k[j]))
		dk.add(j, float64(dy[o])*float64(x[i]))
	})
	if bias {
		e.Bias = gaussians[T](r, p.F)
	}
	if residual {
		e.Residual = gaussians[T](r, p.outputs())
	}
	for i := range y.value {
		if bias {
			y.add(i, float64(e.Bias[i%p.F]))
		}
		if residual {
			y.add(i, float64(e.Residual[i]))
		}
		y.value[i] = naiveActivation(act, y.value[i])
	}
	msg := fmt.Sprintf("%+v bias %v residual %v activation %d", p, bias, residual, act)
	// Results are filled with rubbish first: they must be written, not added to.
	gotY, gotX, gotK := gaussians[T](r, p.outputs()), gaussians[T](r, p.inputs()), gaussians[T](r, p.weights())
	Conv2DForward(p, x, k, gotY, e)
	assertClose(t, y.value, y.size, gotY, p.KH*p.KW*p.C, "forward "+msg)
	Conv2DGradInput(p, dy, k, gotX)
	assertClose(t, dx.value, dx.size, gotX, p.KH*p.KW*p.F, "input gradient "+msg)
	Conv2DGradKernel(p, x, dy, gotK)
	assertClose(t, dk.value, dk.size, gotK, p.N*p.OH*p.OW, "kernel gradient "+msg)
}

// valid and same return a convolution with the output that Keras's padding of that name gives.
func valid(n, h, w, c, kh, kw, f int) Conv2D {
	return Conv2D{N: n, H: h, W: w, C: c, KH: kh, KW: kw, F: f, SH: 1, SW: 1, DH: 1, DW: 1, OH: h - kh + 1, OW: w - kw + 1, Groups: 1}
}

func same(n, h, w, c, kh, kw, f, stride, dilation, groups int) Conv2D {
	p := Conv2D{N: n, H: h, W: w, C: c, KH: kh, KW: kw, F: f, SH: stride, SW: stride, DH: dilation, DW: dilation, Groups: groups}
	p.OH, p.OW = (h+stride-1)/stride, (w+stride-1)/stride
	p.Top = max(0, (p.OH-1)*stride+(kh-1)*dilation+1-h) / 2
	p.Left = max(0, (p.OW-1)*stride+(kw-1)*dilation+1-w) / 2
	return p
}

var convShapes = []Conv2D{
	valid(2, 28, 28, 1, 3, 3, 32),
	valid(9, 13, 13, 32, 3, 3, 64),
	valid(1, 1, 1, 1, 1, 1, 1),
	valid(3, 5, 6, 33, 1, 1, 13),
	valid(2, 9, 9, 3, 5, 4, 17),
	same(2, 16, 16, 16, 3, 3, 16, 1, 1, 1),
	same(2, 16, 15, 16, 3, 3, 48, 2, 1, 1),
	same(1, 8, 8, 40, 1, 1, 24, 2, 1, 1),
	same(2, 10, 11, 5, 3, 3, 7, 1, 3, 1),
	same(2, 10, 11, 24, 3, 3, 12, 1, 2, 4),
	same(1, 12, 12, 20, 3, 5, 20, 1, 1, 20),
	same(3, 12, 12, 37, 3, 3, 37, 2, 1, 37),
	same(1, 9, 9, 6, 3, 3, 12, 1, 1, 6),
	same(1, 40, 40, 3, 7, 7, 10, 2, 1, 1),
	same(1, 3, 3, 64, 3, 3, 64, 1, 1, 1),
	same(5, 2, 2, 70, 3, 3, 33, 1, 1, 1),
	same(3, 11, 19, 32, 3, 3, 1, 1, 1, 1),
	same(2, 9, 10, 16, 3, 3, 3, 2, 1, 1),
	same(2, 9, 10, 2, 5, 4, 2, 1, 1, 1),
	valid(2, 9, 17, 3, 3, 3, 16),
	same(7, 2, 2, 5, 3, 3, 40, 1, 2, 1),
	valid(9, 4, 4, 20, 4, 4, 35),
	valid(3, 30, 5, 6, 3, 3, 33),
	valid(20, 4, 4, 700, 3, 3, 8),
}

func TestConv2D(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(21, 22))
		for i, p := range convShapes {
			checkConv[float32](t, r, p, i%2 == 0, i%3 == 0, Activation(i%4))
		}
	})
}

func TestConv2DRandom(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(23, 24))
		for range 120 {
			checkConv[float32](t, r, randomConv(r), r.IntN(2) == 0, r.IntN(2) == 0, Activation(r.IntN(4)))
		}
	})
	t.Run("float64", func(t *testing.T) {
		r := rand.New(rand.NewPCG(23, 24))
		for range 100 {
			checkConv[float64](t, r, randomConv(r), r.IntN(2) == 0, r.IntN(2) == 0, Activation(r.IntN(4)))
		}
	})
}

func randomConv(r *rand.Rand) Conv2D {
	groups := 1
	if r.IntN(3) == 0 {
		groups = 1 + r.IntN(5)
	}
	p := Conv2D{
		N: 1 + r.IntN(4), H: 1 + r.IntN(12), W: 1 + r.IntN(12), C: groups * (1 + r.IntN(20)), KH: 1 + r.IntN(4), KW: 1 + r.IntN(4),
		F: groups * (1 + r.IntN(20)), SH: 1 + r.IntN(3), SW: 1 + r.IntN(3), DH: 1 + r.IntN(3), DW: 1 + r.IntN(3),
		Top: r.IntN(4), Left: r.IntN(4), OH: 1 + r.IntN(8), OW: 1 + r.IntN(8), Groups: groups,
	}
	if r.IntN(5) == 0 {
		p.Groups, p.F = p.C, p.C*(1+r.IntN(2))
	}
	return p
}

func TestConv2DWithoutSums(t *testing.T) {
	p := valid(2, 4, 4, 0, 3, 3, 5)
	got := make([]float32, p.outputs())
	Conv2DForward(p, nil, nil, got, Epilogue[float32]{Bias: []float32{1, 2, 3, 4, 5}})
	for i, v := range got {
		require.EqualValues(t, i%5+1, v)
	}
	p = valid(0, 4, 4, 2, 3, 3, 5)
	dk := gaussians[float32](rand.New(rand.NewPCG(1, 1)), p.weights())
	Conv2DGradKernel(p, nil, nil, dk)
	assert.Equal(t, make([]float32, p.weights()), dk)
}

func TestConv2DPanics(t *testing.T) {
	x := make([]float32, 1000)
	for name, f := range map[string]func(){
		"groups":   func() { Conv2DForward(same(1, 4, 4, 4, 3, 3, 4, 1, 1, 3), x, x, x, Epilogue[float32]{}) },
		"from 1":   func() { Conv2DForward(same(1, 4, 4, 4, 3, 3, 4, 1, 0, 1), x, x, x, Epilogue[float32]{}) },
		"elements": func() { Conv2DGradInput(valid(9, 9, 9, 9, 3, 3, 9), x, x, x) },
		"bias":     func() { Conv2DForward(valid(1, 4, 4, 4, 3, 3, 4), x, x, x, Epilogue[float32]{Bias: x[:3]}) },
		"residual": func() { Conv2DForward(valid(1, 4, 4, 4, 3, 3, 4), x, x, x, Epilogue[float32]{Residual: x[:3]}) },
	} {
		msg := func() (msg string) {
			defer func() { msg = fmt.Sprint(recover()) }()
			f()
			return ""
		}()
		assert.Contains(t, msg, name)
	}
}

// convRun holds the operands and results of one convolution in both directions.
type convRun struct {
	p                       Conv2D
	x, k, dy, y, dx, dk     []float32
	forward, input, weights func()
}

func newConvRun(p Conv2D) *convRun {
	r := rand.New(rand.NewPCG(25, 26))
	c := &convRun{p: p, x: gaussians[float32](r, p.inputs()), k: gaussians[float32](r, p.weights()), dy: gaussians[float32](r, p.outputs())}
	c.y, c.dx, c.dk = make([]float32, p.outputs()), make([]float32, p.inputs()), make([]float32, p.weights())
	bias := gaussians[float32](r, p.F)
	c.forward = func() { Conv2DForward(p, c.x, c.k, c.y, Epilogue[float32]{Bias: bias, Activation: ReLU}) }
	c.input = func() { Conv2DGradInput(p, c.dy, c.k, c.dx) }
	c.weights = func() { Conv2DGradKernel(p, c.x, c.dy, c.dk) }
	return c
}

func (c *convRun) all() {
	c.forward()
	c.input()
	c.weights()
}

func (c *convRun) results() [][]float32 {
	var copies [][]float32
	for _, s := range [][]float32{c.y, c.dx, c.dk} {
		copies = append(copies, append([]float32(nil), s...))
	}
	return copies
}

var convRuns = []Conv2D{
	valid(16, 28, 28, 1, 3, 3, 32), valid(17, 13, 13, 32, 3, 3, 64), same(3, 16, 16, 16, 3, 3, 24, 2, 1, 1),
	same(2, 24, 24, 40, 3, 3, 40, 1, 1, 40), valid(8, 14, 14, 64, 1, 1, 64), same(1, 32, 32, 32, 3, 3, 64, 1, 1, 1),
	same(4, 28, 28, 32, 3, 3, 1, 1, 1, 1), same(2, 20, 20, 64, 5, 5, 3, 2, 1, 1),
	same(30, 2, 2, 64, 3, 3, 64, 1, 1, 1),
}

func TestConv2DSameBitsOnAnyThreads(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		for _, p := range convRuns {
			c := newConvRun(p)
			var want [][]float32
			for _, threads := range []int{1, 2, 4} {
				withThreads(threads, c.all)
				if want == nil {
					want = c.results()
				}
				require.Equal(t, want, c.results(), "%+v on %d threads", p, threads)
			}
		}
	})
}

func TestConv2DConcurrentCallers(t *testing.T) {
	c := newConvRun(convRuns[1])
	c.all()
	want := c.results()
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			c := newConvRun(convRuns[1])
			for range 3 {
				c.all()
				assert.Equal(t, want, c.results())
			}
		})
	}
	wg.Wait()
}

func TestConv2DAllocatesNothing(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		for _, p := range convRuns {
			c := newConvRun(p)
			assert.Zero(t, testing.AllocsPerRun(5, c.all), "%+v", p)
		}
	})
}
