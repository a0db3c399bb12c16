package ops

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func init() {
	goldenOps["Sparsemax"] = func(k *goldenCase, x []Tensor) []Tensor { return []Tensor{Sparsemax(x[0], k.arguments().Axis)} }
	goldenOps["CTCLoss"] = func(k *goldenCase, x []Tensor) []Tensor {
		blank := into[struct{ Blank int }](k.Attributes).Blank
		return []Tensor{CTCLoss(x[0], x[1], x[2], x[3], blank)}
	}
}

// A ctcCase is one batch for CTCLoss.
type ctcCase struct {
	batch, time, classes, width int
	blank                       int
	labels, counts, steps       []int32
	logits                      []float64
}

func drawCTC(r *rand.Rand) ctcCase {
	c := ctcCase{batch: 1 + r.IntN(3), time: 1 + r.IntN(5), classes: 2 + r.IntN(2), width: 1 + r.IntN(3)}
	c.blank = r.IntN(c.classes)
	for range c.batch {
		c.steps = append(c.steps, int32(1+r.IntN(c.time)))
		c.counts = append(c.counts, int32(r.IntN(c.width+1)))
		for range c.width {
			label := r.IntN(c.classes - 1)
			if label >= c.blank {
				label++
			}
			c.labels = append(c.labels, int32(label))
		}
	}
	for range c.batch * c.time * c.classes {
		c.logits = append(c.logits, r.NormFloat64())
	}
	return c
}

func (c ctcCase) inputs() []Tensor {
	return []Tensor{
		Placeholder("labels", Int32, c.batch, c.width), Placeholder("logits", Float32, c.batch, c.time, c.classes),
		Placeholder("counts", Int32, c.batch), Placeholder("steps", Int32, c.batch),
	}
}

func (c ctcCase) fill(p *Program) {
	for i, x := range p.Inputs() {
		switch i {
		case 1:
			copy(x.Float64s(), c.logits)
		default:
			copy(x.Int32s(), [][]int32{c.labels, nil, c.counts, c.steps}[i])
		}
	}
}

// probability adds up the probabilities of all alignments, one by one.
func (c ctcCase) probability(i int) float64 {
	want := c.labels[i*c.width : i*c.width+int(c.counts[i])]
	path := make([]int32, c.steps[i])
	total := 0.0
	for {
		if slices.Equal(c.collapse(path), want) {
			p := 1.0
			for t, k := range path {
				row := c.logits[(i*c.time+t)*c.classes:][:c.classes]
				sum := 0.0
				for _, v := range row {
					sum += math.Exp(v)
				}
				p *= math.Exp(row[k]) / sum
			}
			total += p
		}
		t := 0
		for ; t < len(path); t++ {
			if path[t]++; int(path[t]) < c.classes {
				break
			}
			path[t] = 0
		}
		if t == len(path) {
			return total
		}
	}
}

func (c ctcCase) collapse(path []int32) []int32 {
	var out []int32
	for _, k := range slices.Compact(slices.Clone(path)) {
		if int(k) != c.blank {
			out = append(out, k)
		}
	}
	return out
}

func TestCTCLossAddsUpAllAlignments(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	possible := 0
	for range 60 {
		c := drawCTC(r)
		in := c.inputs()
		p, err := Compile(Options{Inputs: in, Outputs: []Tensor{CTCLoss(in[0], in[1], in[2], in[3], c.blank)}, Float: Float64})
		require.NoError(t, err)
		c.fill(p)
		require.NoError(t, p.Run())
		for i, loss := range p.Outputs()[0].Float64s() {
			want := c.probability(i)
			if want == 0 {
				require.Greater(t, loss, 9e4, "%+v has no alignment of %d", c, i)
				continue
			}
			possible++
			require.InDelta(t, -math.Log(want), loss, 1e-9, "%+v, sequence %d", c, i)
		}
	}
	require.Greater(t, possible, 30)
}

func TestCTCLossGradient(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		c := drawCTC(r)
		for i := range c.counts { // where there is no alignment, 1e5 hides what moves
			c.counts[i] = min(c.counts[i], (c.steps[i]+1)/2)
		}
		in := c.inputs()
		loss := Sum(Square(CTCLoss(in[0], in[1], in[2], in[3], c.blank)))
		checkGradients(t, in, loss, c.fill)
	}
}

func TestCTCLossRefuses(t *testing.T) {
	ints := func(shape ...int) Tensor { return Placeholder("i", Int32, shape...) }
	x := Placeholder("x", Float32, 2, 5, 4)
	for message, y := range map[string]Tensor{
		"expected [batch, labels] and [batch, time, classes]": CTCLoss(ints(2), x, ints(2), Tensor{}, 0),
		"labels of shape [3 3]":                               CTCLoss(ints(3, 3), x, ints(2), Tensor{}, 0),
		"lengths of shape [3] do not fit":                     CTCLoss(ints(2, 3), x, ints(3), Tensor{}, 0),
		"lengths of shape [1] do not fit":                     CTCLoss(ints(2, 3), x, ints(2), ints(1), 0),
		"blank 4":                                             CTCLoss(ints(2, 3), x, ints(2), Tensor{}, 4),
		"blank -1":                                            CTCLoss(ints(2, 3), x, ints(2), Tensor{}, -1),
	} {
		require.ErrorContains(t, y.Err(), message)
	}
	for _, label := range []int32{-1, 4} {
		labels := Reshape(Ints(1, 2, 3, label), 2, 2)
		_, err := Evaluate(CTCLoss(labels, Zeros(Float32, 2, 5, 4), Ints(2, 2), Tensor{}, 0))
		require.ErrorContains(t, err, fmt.Sprintf("label %d at position [1 1] is outside [0, 4)", label))
		_, err = Evaluate(CTCLoss(labels, Zeros(Float32, 2, 5, 4), Ints(2, 1), Tensor{}, 0))
		require.NoError(t, err, "a label that does not count")
	}
}

// largeCTC is a program of a size at which sequences are computed in parallel.
func largeCTC(t testing.TB) *Program {
	const batch, time, classes, width = 16, 64, 20, 12
	labels, logits := Placeholder("labels", Int32, batch, width), Placeholder("logits", Float32, batch, time, classes)
	loss := Sum(CTCLoss(labels, logits, CountNonzero(labels, -1), Tensor{}, 0))
	p, err := Compile(Options{Inputs: []Tensor{labels, logits}, Outputs: []Tensor{loss}, Loss: loss, WithRespectTo: []Tensor{logits}})
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(5, 6))
	for i := range p.Inputs()[0].Int32s() {
		p.Inputs()[0].Int32s()[i] = r.Int32N(classes)
	}
	for i := range p.Inputs()[1].Float32s() {
		p.Inputs()[1].Float32s()[i] = float32(r.NormFloat64())
	}
	return p
}

func TestCTCLossIsTheSameOnAnyNumberOfThreads(t *testing.T) {
	p := largeCTC(t)
	var loss, gradient []float32
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for n := 1; n <= 4; n++ {
		runtime.GOMAXPROCS(n)
		require.NoError(t, p.Run())
		if n == 1 {
			loss, gradient = slices.Clone(p.Outputs()[0].Float32s()), slices.Clone(p.Gradients()[0].Float32s())
		}
		require.Equal(t, loss, p.Outputs()[0].Float32s(), n)
		require.Equal(t, gradient, p.Gradients()[0].Float32s(), n)
	}
}

func BenchmarkCTCLoss(b *testing.B) {
	p := largeCTC(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Run(); err != nil {
			b.Fatal(err)
		}
	}
}
