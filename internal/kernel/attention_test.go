package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

// attentionCases are shapes with more and fewer queries than keys, several blocks, rows of scores that fill vectors and such that do not, heads
// that share keys, biases and masks that are shared along axes, and dropout.
var attentionCases = []Attention{
	{Batch: 1, Queries: 1, Keys: 1, Heads: 1, KeyHeads: 1, Dim: 1, ValueDim: 1, Scale: 1},
	{Batch: 2, Queries: 3, Keys: 5, Heads: 2, KeyHeads: 2, Dim: 4, ValueDim: 3, Scale: 0.5},
	{Batch: 2, Queries: 7, Keys: 4, Heads: 4, KeyHeads: 2, Dim: 3, ValueDim: 5, Scale: 0.7, Causal: true},
	{Batch: 2, Queries: 6, Keys: 9, Heads: 2, KeyHeads: 1, Dim: 3, ValueDim: 2, Scale: 1.5, MaskSteps: [4]int{9, 0, 0, 1}},
	{Batch: 2, Queries: 6, Keys: 9, Heads: 2, KeyHeads: 2, Dim: 3, ValueDim: 2, Scale: 0.3, MaskSteps: [4]int{54, 0, 9, 1}, ZeroEmpty: true},
	{Batch: 2, Queries: 6, Keys: 9, Heads: 2, KeyHeads: 2, Dim: 3, ValueDim: 2, Scale: 0.3, MaskSteps: [4]int{108, 54, 9, 1}, Causal: true},
	{Batch: 3, Queries: 4, Keys: 6, Heads: 2, KeyHeads: 2, Dim: 3, ValueDim: 2, Scale: 0.4, MaskSteps: [4]int{4, 0, 1, 0}, BiasSteps: [4]int{0, 24, 6, 1}},
	{Batch: 2, Queries: 5, Keys: 8, Heads: 2, KeyHeads: 1, Dim: 3, ValueDim: 4, Scale: 0.4, BiasSteps: [4]int{5, 0, 1, 0}, Causal: true},
	{Batch: 2, Queries: 5, Keys: 70, Heads: 2, KeyHeads: 2, Dim: 3, ValueDim: 4, Scale: 0.4, Rate: 0.3, DropoutKey: [2]uint32{3, 4}, Counter: 5},
	{Batch: 1, Queries: 140, Keys: 141, Heads: 2, KeyHeads: 1, Dim: 8, ValueDim: 16, Scale: 0.35, Causal: true, Rate: 0.5, ZeroEmpty: true},
	{Batch: 1, Queries: 300, Keys: 129, Heads: 2, KeyHeads: 2, Dim: 17, ValueDim: 16, Scale: 0.2, MaskSteps: [4]int{0, 0, 129, 1}},
	{Batch: 2, Queries: 20, Keys: 2100, Heads: 1, KeyHeads: 1, Dim: 2, ValueDim: 3, Scale: 0.7},
}

// newAttentionCase draws operands.
func newAttentionCase[T Float](a Attention) *AttentionCall[T] {
	queries, keys, scores := a.Batch*a.Queries*a.Heads, a.Batch*a.Keys*a.KeyHeads, a.Batch*a.Heads*a.Queries*a.Keys
	c := &AttentionCall[T]{
		Attention: a, Q: normalSlice[T](queries*a.Dim, 1), K: normalSlice[T](keys*a.Dim, 2), V: normalSlice[T](keys*a.ValueDim, 3),
		Out: make([]T, queries*a.ValueDim), DOut: normalSlice[T](queries*a.ValueDim, 4),
		DQ: make([]T, queries*a.Dim), DK: make([]T, keys*a.Dim), DV: make([]T, keys*a.ValueDim),
	}
	if a.BiasSteps != [4]int{} {
		c.Bias, c.DScores = normalSlice[T](scores, 5), make([]T, scores)
	}
	if a.MaskSteps != [4]int{} {
		c.Mask = make([]bool, scores)
		r := rand.New(rand.NewPCG(6, 6))
		for i := range c.Mask {
			c.Mask[i] = r.Float64() < 0.6
		}
		for i := range min(a.Keys, 9) { // a query that reads nothing
			c.Mask[i] = false
		}
	}
	return c
}

// naiveAttention follows the definition, score by score, in float64.
type naiveAttention struct{ out, dq, dk, dv, dscores []float64 }

func naive[T Float](c *AttentionCall[T]) (n naiveAttention) {
	q, k, v, dout := as64(c.Q), as64(c.K), as64(c.V), as64(c.DOut)
	n = naiveAttention{
		make([]float64, len(dout)), make([]float64, len(q)), make([]float64, len(k)), make([]float64, len(v)),
		make([]float64, c.Batch*c.Heads*c.Queries*c.Keys),
	}
	kept := make([]float64, len(n.dscores))
	for i := range kept {
		kept[i] = 1
	}
	if c.Rate > 0 {
		Dropout(kept, make([]bool, len(kept)), kept, c.Rate, c.DropoutKey, c.Counter)
	}
	for at := range c.Batch * c.Heads * c.Queries {
		b, h, i := at/c.Queries/c.Heads, at/c.Queries%c.Heads, at%c.Queries
		kh := h / (c.Heads / c.KeyHeads)
		query, out := ((b*c.Queries+i)*c.Heads+h)*c.Dim, ((b*c.Queries+i)*c.Heads+h)*c.ValueDim
		key := func(j int) int { return (b*c.Keys+j)*c.KeyHeads + kh }
		p, sum, some := make([]float64, c.Keys), 0.0, false
		for j := range p {
			var s float64
			for d := range c.Dim {
				s += q[query+d] * k[key(j)*c.Dim+d] * c.Scale
			}
			if c.Bias != nil {
				s += float64(c.Bias[b*c.BiasSteps[0]+h*c.BiasSteps[1]+i*c.BiasSteps[2]+j*c.BiasSteps[3]])
			}
			read := !c.Causal || j <= i
			if c.Mask != nil {
				read = read && c.Mask[b*c.MaskSteps[0]+h*c.MaskSteps[1]+i*c.MaskSteps[2]+j*c.MaskSteps[3]]
			}
			if read {
				p[j], some = math.Exp(s), true
				sum += p[j]
			}
		}
		var dot float64
		dp := make([]float64, c.Keys)
		for j := range p {
			p[j] /= sum
			if !some {
				p[j] = 1 / float64(c.Keys)
				if c.ZeroEmpty {
					p[j] = 0
				}
			}
			for d := range c.ValueDim {
				n.out[out+d] += p[j] * kept[at*c.Keys+j] * v[key(j)*c.ValueDim+d]
				n.dv[key(j)*c.ValueDim+d] += p[j] * kept[at*c.Keys+j] * dout[out+d]
				dp[j] += kept[at*c.Keys+j] * dout[out+d] * v[key(j)*c.ValueDim+d]
			}
			dot += p[j] * dp[j]
		}
		for j := range p {
			if !some {
				break
			}
			ds := p[j] * (dp[j] - dot)
			n.dscores[at*c.Keys+j] = ds
			for d := range c.Dim {
				n.dq[query+d] += ds * c.Scale * k[key(j)*c.Dim+d]
				n.dk[key(j)*c.Dim+d] += ds * c.Scale * q[query+d]
			}
		}
	}
	return n
}

func TestAttentionCallForward(t *testing.T) {
	everyPath(t, testAttention[float32], testAttention[float64])
}

func TestAttentionCallBackward(t *testing.T) {
	everyPath(t, testAttention[float32], testAttention[float64])
}

func testAttention[T Float](t *testing.T) {
	for i, a := range attentionCases {
		at := fmt.Sprint(i)
		c := newAttentionCase[T](a)
		c.Forward()
		c.Backward()
		want, tol := naive(c), max(tolerance[T](256), 1e-13)
		near(t, want.out, c.Out, tol, at+": out")
		near(t, want.dq, c.DQ, tol, at+": gradient of q")
		near(t, want.dk, c.DK, 4*tol, at+": gradient of k")
		near(t, want.dv, c.DV, 4*tol, at+": gradient of v")
		if c.DScores != nil {
			near(t, want.dscores, c.DScores, tol, at+": gradient of scores")
		}
		all := [][]T{c.DQ, c.DK, c.DV}
		for skipped := range all { // gradients that nobody wants change nothing else
			one := newAttentionCase[T](a)
			one.DScores = c.DScores
			for k, d := range []*[]T{&one.DQ, &one.DK, &one.DV} {
				if k != skipped {
					*d = nil
				}
			}
			one.Backward()
			assert.Equal(t, all[skipped], [][]T{one.DQ, one.DK, one.DV}[skipped], at)
		}
	}
}

// TestAttentionGradient holds the naive gradients against finite differences.
func TestAttentionGradient(t *testing.T) {
	for i, a := range attentionCases[:9] {
		c := newAttentionCase[float64](a)
		want := naive(c)
		for name, x := range map[string]struct{ at, gradient []float64 }{"q": {c.Q, want.dq}, "k": {c.K, want.dk}, "v": {c.V, want.dv}} {
			fd := gradientOf(x.at, c.DOut, func([]float64) []float64 { return naive(c).out })
			near(t, fd, x.gradient, 1e-7, fmt.Sprint(i, ": ", name))
		}
	}
}

func TestAttentionParallel(t *testing.T) {
	for _, a := range []Attention{attentionCases[9], attentionCases[10], {Batch: 3, Queries: 65, Keys: 65, Heads: 4, KeyHeads: 2, Dim: 16, ValueDim: 16, Scale: 0.25}} {
		c := newAttentionCase[float32](a)
		step := func() {
			c.Forward()
			c.Backward()
		}
		sameBits(t, func() [][]float32 {
			step()
			return [][]float32{append([]float32(nil), c.Out...), append([]float32(nil), c.DQ...), append([]float32(nil), c.DK...), append([]float32(nil), c.DV...)}
		})
		noAllocations(t, step)
	}
	none := &AttentionCall[float32]{Attention: Attention{Batch: 1, Queries: 1, Heads: 1, KeyHeads: 1, Dim: 1, ValueDim: 1}, Out: []float32{1}}
	none.Forward()
	assert.Zero(t, none.Out[0], "without keys")
}

// BenchmarkAttention has the shapes of a small transformer on sentences, and of larger ones.
func BenchmarkAttention(b *testing.B) {
	for _, a := range []Attention{
		{Batch: 32, Queries: 200, Keys: 200, Heads: 2, KeyHeads: 2, Dim: 32, ValueDim: 32, Scale: 0.2},
		{Batch: 32, Queries: 200, Keys: 200, Heads: 2, KeyHeads: 2, Dim: 32, ValueDim: 32, Scale: 0.2, Causal: true},
		{Batch: 32, Queries: 200, Keys: 200, Heads: 2, KeyHeads: 2, Dim: 32, ValueDim: 32, Scale: 0.2, MaskSteps: [4]int{40000, 0, 200, 1}},
		{Batch: 32, Queries: 200, Keys: 200, Heads: 2, KeyHeads: 2, Dim: 32, ValueDim: 32, Scale: 0.2, Rate: 0.1},
		{Batch: 4, Queries: 512, Keys: 512, Heads: 8, KeyHeads: 8, Dim: 64, ValueDim: 64, Scale: 0.125},
		{Batch: 64, Queries: 64, Keys: 64, Heads: 4, KeyHeads: 4, Dim: 16, ValueDim: 16, Scale: 0.25},
		{Batch: 1, Queries: 2048, Keys: 2048, Heads: 4, KeyHeads: 4, Dim: 64, ValueDim: 64, Scale: 0.125},
	} {
		c := newAttentionCase[float32](a)
		for i := range c.Mask {
			c.Mask[i] = i%200 < 150
		}
		name := fmt.Sprintf("%dx%dx%dx%d causal=%v mask=%v rate=%v", a.Batch, a.Heads, a.Queries, a.Dim, a.Causal, c.Mask != nil, a.Rate)
		b.Run(name+" forward", func(b *testing.B) {
			for b.Loop() {
				c.Forward()
			}
			reportRate(b, a.work())
		})
		b.Run(name+" backward", func(b *testing.B) {
			for b.Loop() {
				c.Backward()
			}
			reportRate(b, a.work()*5/2)
		})
	}
}
