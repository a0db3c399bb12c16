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

// naiveConv calls f with the places in x, k and y of every product of a convolution: the nine-fold loop.
func naiveConv(p Conv, f func(x, k, y int)) {
	inC, outC := p.C/p.Groups, p.F/p.Groups
	inside := func(i, size int) bool { return i >= 0 && i < size }
	each([]int{p.N, p.OD, p.OH, p.OW, p.F, p.KD, p.KH, p.KW, inC}, func(i []int) {
		n, od, oh, ow, o, kd, kh, kw, c := i[0], i[1], i[2], i[3], i[4], i[5], i[6], i[7], i[8]
		d, h, w := od*p.SD+kd*p.DD-p.Front, oh*p.SH+kh*p.DH-p.Top, ow*p.SW+kw*p.DW-p.Left
		if !inside(d, p.D) || !inside(h, p.H) || !inside(w, p.W) {
			return
		}
		channel := (o/outC)*inC + c
		f((((n*p.D+d)*p.H+h)*p.W+w)*p.C+channel, (((kd*p.KH+kh)*p.KW+kw)*inC+c)*p.F+o, (((n*p.OD+od)*p.OH+oh)*p.OW+ow)*p.F+o)
	})
}

// each calls f with every place of an array of the given sizes, the last counting fastest.
func each(sizes []int, f func(place []int)) {
	place := make([]int, len(sizes))
	var walk func(axis int)
	walk = func(axis int) {
		if axis == len(sizes) {
			f(place)
			return
		}
		for place[axis] = 0; place[axis] < sizes[axis]; place[axis]++ {
			walk(axis + 1)
		}
	}
	walk(0)
}

func epilogueOf[T Float](r *rand.Rand, channels, numbers int, bias, residual bool, act Activation) (e Epilogue[T]) {
	e.Activation = act
	if bias {
		e.Bias = gaussians[T](r, channels)
	}
	if residual {
		e.Residual = gaussians[T](r, numbers)
	}
	return e
}

func finishNaive[T Float](y sums, e Epilogue[T], channels int) {
	for i := range y.value {
		if e.Bias != nil {
			y.add(i, float64(e.Bias[i%channels]))
		}
		if e.Residual != nil {
			y.add(i, float64(e.Residual[i]))
		}
		y.value[i] = naiveActivation(e.Activation, y.value[i])
	}
}

func checkConv[T Float](t *testing.T, r *rand.Rand, p Conv, bias, residual bool, act Activation) {
	t.Helper()
	x, k, dy := gaussians[T](r, p.inputs()), gaussians[T](r, p.weights()), gaussians[T](r, p.outputs())
	y, dx, dk := newSums(p.outputs()), newSums(p.inputs()), newSums(p.weights())
	naiveConv(p, func(i, j, o int) {
		y.add(o, float64(x[i])*float64(k[j]))
		dx.add(i, float64(dy[o])*float64(k[j]))
		dk.add(j, float64(dy[o])*float64(x[i]))
	})
	e := epilogueOf[T](r, p.F, p.outputs(), bias, residual, act)
	finishNaive(y, e, p.F)
	back := epilogueOf[T](r, p.C, p.inputs(), bias, residual, act)
	finishNaive(dx, back, p.C)
	msg := fmt.Sprintf("%+v bias %v residual %v activation %d", p, bias, residual, act)
	// Results are filled with rubbish first: they must be written, not added to.
	gotY, gotX, gotK := gaussians[T](r, p.outputs()), gaussians[T](r, p.inputs()), gaussians[T](r, p.weights())
	ConvForward(p, x, k, gotY, e)
	assertClose(t, y.value, y.size, gotY, p.taps(), "forward "+msg)
	ConvGradInput(p, dy, k, gotX, back)
	assertClose(t, dx.value, dx.size, gotX, p.KD*p.KH*p.KW*p.F, "input gradient "+msg)
	ConvGradKernel(p, x, dy, gotK)
	assertClose(t, dk.value, dk.size, gotK, p.N*p.OD*p.OH*p.OW, "kernel gradient "+msg)
}

// flat is a convolution of images.
func flat(p Conv) Conv {
	p.D, p.KD, p.SD, p.DD, p.OD = 1, 1, 1, 1, 1
	return p
}

// deep gives a convolution a depth.
func deep(p Conv, depth, kernel, stride, dilation, front, outputs int) Conv {
	p.D, p.KD, p.SD, p.DD, p.Front, p.OD = depth, kernel, stride, dilation, front, outputs
	return p
}

// valid and same return a convolution with the output that Keras's padding of that name gives.
func valid(n, h, w, c, kh, kw, f int) Conv {
	return flat(Conv{N: n, H: h, W: w, C: c, KH: kh, KW: kw, F: f, SH: 1, SW: 1, DH: 1, DW: 1, OH: h - kh + 1, OW: w - kw + 1, Groups: 1})
}

func same(n, h, w, c, kh, kw, f, stride, dilation, groups int) Conv {
	p := flat(Conv{N: n, H: h, W: w, C: c, KH: kh, KW: kw, F: f, SH: stride, SW: stride, DH: dilation, DW: dilation, Groups: groups})
	p.OH, p.OW = (h+stride-1)/stride, (w+stride-1)/stride
	p.Top = max(0, (p.OH-1)*stride+(kh-1)*dilation+1-h) / 2
	p.Left = max(0, (p.OW-1)*stride+(kw-1)*dilation+1-w) / 2
	return p
}

var convShapes = []Conv{
	valid(2, 28, 28, 1, 3, 3, 32),
	valid(9, 13, 13, 32, 3, 3, 64),
	valid(1, 1, 1, 1, 1, 1, 1),
	// Short rows of several volumes without padding, whose images do not lie at one distance.
	{N: 3, D: 3, H: 3, W: 3, C: 2, KD: 2, KH: 2, KW: 2, F: 64, SD: 1, SH: 1, SW: 1, DD: 1, DH: 1, DW: 1, OD: 2, OH: 2, OW: 2, Groups: 1},
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
	same(2, 9, 10, 20, 3, 3, 40, 2, 1, 20),
	deep(same(2, 7, 9, 11, 3, 2, 33, 1, 1, 11), 4, 2, 1, 1, 0, 3),
	same(2, 7, 8, 9, 3, 3, 36, 2, 1, 9),
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
	deep(valid(3, 9, 8, 3, 3, 3, 17), 7, 3, 1, 1, 0, 5),
	deep(same(2, 8, 8, 24, 3, 3, 33, 1, 1, 1), 6, 3, 1, 1, 1, 6),
	deep(same(2, 8, 8, 16, 3, 3, 32, 2, 1, 1), 7, 3, 2, 1, 1, 4),
	deep(same(2, 7, 6, 12, 3, 3, 24, 1, 2, 3), 9, 3, 1, 2, 2, 9),
	deep(same(3, 9, 9, 20, 3, 3, 20, 1, 1, 20), 5, 2, 1, 1, 0, 5),
	deep(same(1, 12, 12, 16, 3, 3, 2, 1, 1, 1), 6, 3, 1, 1, 1, 6),
	deep(same(4, 3, 2, 40, 3, 3, 40, 1, 1, 1), 3, 3, 1, 1, 1, 3),
	deep(valid(2, 1, 30, 8, 1, 5, 16), 1, 1, 1, 1, 0, 1),
	same(2, 80, 82, 16, 3, 3, 17, 1, 1, 1),
}

func TestConv(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(21, 22))
		for i, p := range convShapes {
			checkConv[float32](t, r, p, i%2 == 0, i%3 == 0, Activation(i%4))
		}
	})
}

func TestConvRandom(t *testing.T) {
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

func randomConv(r *rand.Rand) Conv {
	groups := 1
	if r.IntN(3) == 0 {
		groups = 1 + r.IntN(5)
	}
	p := Conv{
		N: 1 + r.IntN(4), H: 1 + r.IntN(12), W: 1 + r.IntN(12), C: groups * (1 + r.IntN(20)), KH: 1 + r.IntN(4), KW: 1 + r.IntN(4),
		F: groups * (1 + r.IntN(20)), SH: 1 + r.IntN(3), SW: 1 + r.IntN(3), DH: 1 + r.IntN(3), DW: 1 + r.IntN(3),
		Top: r.IntN(4), Left: r.IntN(4), OH: 1 + r.IntN(8), OW: 1 + r.IntN(8), Groups: groups,
	}
	p = flat(p)
	if r.IntN(3) == 0 {
		p = deep(p, 1+r.IntN(5), 1+r.IntN(3), 1+r.IntN(3), 1+r.IntN(3), r.IntN(3), 1+r.IntN(4))
	}
	if r.IntN(5) == 0 {
		p.Groups, p.F = p.C, p.C*(1+r.IntN(2))
	}
	return p
}

func TestConvWithoutSums(t *testing.T) {
	p := valid(2, 4, 4, 0, 3, 3, 5)
	got := make([]float32, p.outputs())
	ConvForward(p, nil, nil, got, Epilogue[float32]{Bias: []float32{1, 2, 3, 4, 5}})
	for i, v := range got {
		require.EqualValues(t, i%5+1, v)
	}
	p = valid(0, 4, 4, 2, 3, 3, 5)
	dk := gaussians[float32](rand.New(rand.NewPCG(1, 1)), p.weights())
	ConvGradKernel(p, nil, nil, dk)
	assert.Equal(t, make([]float32, p.weights()), dk)
}

func TestConvPanics(t *testing.T) {
	x := make([]float32, 1000)
	for name, f := range map[string]func(){
		"groups":   func() { ConvForward(same(1, 4, 4, 4, 3, 3, 4, 1, 1, 3), x, x, x, Epilogue[float32]{}) },
		"from 1":   func() { ConvForward(same(1, 4, 4, 4, 3, 3, 4, 1, 0, 1), x, x, x, Epilogue[float32]{}) },
		"elements": func() { ConvGradInput(valid(9, 9, 9, 9, 3, 3, 9), x, x, x, Epilogue[float32]{}) },
		"bias":     func() { ConvForward(valid(1, 4, 4, 4, 3, 3, 4), x, x, x, Epilogue[float32]{Bias: x[:3]}) },
		"residual": func() { ConvForward(valid(1, 4, 4, 4, 3, 3, 4), x, x, x, Epilogue[float32]{Residual: x[:3]}) },
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
	p                       Conv
	x, k, dy, y, dx, dk     []float32
	forward, input, weights func()
}

func newConvRun(p Conv) *convRun {
	r := rand.New(rand.NewPCG(25, 26))
	c := &convRun{p: p, x: gaussians[float32](r, p.inputs()), k: gaussians[float32](r, p.weights()), dy: gaussians[float32](r, p.outputs())}
	c.y, c.dx, c.dk = make([]float32, p.outputs()), make([]float32, p.inputs()), make([]float32, p.weights())
	bias := gaussians[float32](r, p.F)
	c.forward = func() { ConvForward(p, c.x, c.k, c.y, Epilogue[float32]{Bias: bias, Activation: ReLU}) }
	c.input = func() { ConvGradInput(p, c.dy, c.k, c.dx, Epilogue[float32]{}) }
	c.weights = func() { ConvGradKernel(p, c.x, c.dy, c.dk) }
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

var convRuns = []Conv{
	valid(16, 28, 28, 1, 3, 3, 32), valid(17, 13, 13, 32, 3, 3, 64), same(3, 16, 16, 16, 3, 3, 24, 2, 1, 1),
	same(2, 24, 24, 40, 3, 3, 40, 1, 1, 40), same(3, 24, 24, 40, 3, 3, 80, 1, 1, 40), valid(8, 14, 14, 64, 1, 1, 64), same(1, 32, 32, 32, 3, 3, 64, 1, 1, 1),
	same(4, 28, 28, 32, 3, 3, 1, 1, 1, 1), same(2, 20, 20, 64, 5, 5, 3, 2, 1, 1),
	same(30, 2, 2, 64, 3, 3, 64, 1, 1, 1), deep(same(2, 12, 12, 16, 3, 3, 32, 1, 1, 1), 8, 3, 1, 1, 1, 8),
	same(2, 90, 80, 16, 3, 3, 20, 1, 1, 1),
}

func TestConvSameBitsOnAnyThreads(t *testing.T) {
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

func TestConvConcurrentCallers(t *testing.T) {
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

func TestConvAllocatesNothing(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		for _, p := range convRuns {
			c := newConvRun(p)
			assert.Zero(t, testing.AllocsPerRun(5, c.all), "%+v", p)
		}
	})
}
