package ops

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// attentionCase is a call of DotProductAttention.
type attentionCase struct {
	query, key, value, bias, mask []int
	options                       AttentionOptions
}

var attentionCases = []attentionCase{
	{query: []int{2, 3, 2, 4}, key: []int{2, 5, 2, 4}, value: []int{2, 5, 2, 3}},
	{query: []int{2, 4, 4, 3}, key: []int{2, 4, 2, 3}, value: []int{2, 4, 2, 3}, options: AttentionOptions{IsCausal: true, Scale: new(1.5)}},
	{query: []int{2, 4, 4, 3}, key: []int{2, 3, 1, 3}, value: []int{2, 3, 1, 2}, bias: []int{4, 1, 3}, mask: []int{2, 1, 4, 3}},
	{query: []int{2, 4, 2, 3}, key: []int{2, 3, 2, 3}, value: []int{2, 3, 2, 2}, bias: []int{2, 2, 4, 3}, mask: []int{2, 1, 1, 3}, options: AttentionOptions{ZeroIfMasked: true}},
	{query: []int{3, 4, 2, 3}, key: []int{3, 3, 2, 3}, value: []int{3, 3, 2, 2}, bias: []int{3, 1, 1, 1}, mask: []int{3, 1, 4, 1}, options: AttentionOptions{IsCausal: true}},
	{query: []int{2, 6, 2, 3}, key: []int{2, 7, 2, 3}, value: []int{2, 7, 2, 3}, mask: []int{6, 7}, options: AttentionOptions{Dropout: 0.3, Stream: Ints(3, 4), ZeroIfMasked: true}},
	{query: []int{1, 70, 2, 3}, key: []int{1, 75, 1, 3}, value: []int{1, 75, 1, 2}, options: AttentionOptions{Dropout: 0.5, Stream: Ints(3, 4), IsCausal: true}},
}

func (k *attentionCase) inputs() (in []Tensor, q, key, v, bias, mask Tensor) {
	q, key, v = Placeholder("q", Float32, k.query...), Placeholder("k", Float32, k.key...), Placeholder("v", Float32, k.value...)
	in = []Tensor{q, key, v}
	if k.bias != nil {
		bias = Placeholder("bias", Float32, k.bias...)
		in = append(in, bias)
	}
	if k.mask != nil {
		mask = Placeholder("mask", Bool, k.mask...)
		in = append(in, mask)
	}
	return in, q, key, v, bias, mask
}

// composed is attention by operations that Keras was asked about.
func (k *attentionCase) composed(q, key, v, bias, mask Tensor) Tensor {
	times := k.query[2] / k.key[2]
	key, v = Repeat(key, times, 2), Repeat(v, times, 2)
	scale := k.options.Scale
	if scale == nil {
		scale = new(1 / math.Sqrt(float64(k.query[3])))
	}
	s := Multiply(Einsum("btnh,bsnh->bnts", q, key), Scalar(*scale))
	if bias.Valid() {
		s = Add(s, bias)
	}
	if k.options.IsCausal {
		one := BroadcastTo(Scalar(1), k.query[1], k.key[1])
		m := GreaterEqual(CumSum(one, 0), CumSum(one, 1))
		if mask.Valid() {
			m = LogicalAnd(m, mask)
		}
		mask = m
	}
	if mask.Valid() {
		s = Where(mask, s, Scalar(-1e30))
	}
	p := Softmax(s, -1)
	if mask.Valid() && k.options.ZeroIfMasked {
		p = Where(mask, p, Scalar(0))
	}
	if k.options.Dropout > 0 {
		p = Dropout(p, k.options.Stream, k.options.Dropout)
	}
	return Einsum("bnts,bsnh->btnh", p, v)
}

// fillAttention fills a program's inputs; the first query of a mask may read nothing.
func fillAttention(p *Program, seed uint64) {
	r := rand.New(rand.NewPCG(7, seed))
	fillRandom(p, r)
	for _, in := range p.Inputs() {
		if m, ok := values(in).([]bool); ok {
			for i := range m {
				m[i] = r.Float64() < 0.6 && i >= in.Shape()[in.Dims()-1]
			}
		}
	}
}

// TestDotProductAttention holds the operation and its gradients against the composition, on the same random numbers for the dropout.
func TestDotProductAttention(t *testing.T) {
	for i, k := range attentionCases {
		var outputs [2][]float32
		var gradients [2][][]float32
		for j := range 2 {
			in, q, key, v, bias, mask := k.inputs()
			y := DotProductAttention(q, key, v, bias, mask, k.options)
			if j == 1 {
				y = k.composed(q, key, v, bias, mask)
			}
			weights := Array(dense(randomFloats(k.query[0]*k.query[1]*k.query[2]*k.value[3]), k.query[0], k.query[1], k.query[2], k.value[3]))
			loss := Sum(Multiply(y, weights))
			p, err := Compile(Options{Inputs: in, Outputs: []Tensor{y}, Loss: loss, WithRespectTo: floatsAmong(in)})
			require.NoError(t, err)
			fillAttention(p, uint64(i))
			require.NoError(t, p.Run())
			outputs[j] = append(outputs[j], p.Outputs()[0].Float32s()...)
			for _, g := range p.Gradients() {
				gradients[j] = append(gradients[j], append([]float32{}, g.Float32s()...))
			}
		}
		assert.InDeltaSlice(t, outputs[1], outputs[0], 1e-5, "case %d", i)
		for g := range gradients[0] {
			assert.InDeltaSlice(t, gradients[1][g], gradients[0][g], 1e-4, "case %d: gradient of input %d", i, g)
		}
	}
}

func randomFloats(n int) []float32 {
	r := rand.New(rand.NewPCG(5, 5))
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

func TestDotProductAttentionHasTheGradientsOfFiniteDifferences(t *testing.T) {
	for i, k := range attentionCases[:6] {
		in, q, key, v, bias, mask := k.inputs()
		loss := Sum(Square(DotProductAttention(q, key, v, bias, mask, k.options)))
		checkGradients(t, in, loss, func(p *Program) { fillAttention(p, uint64(i)) })
	}
}

func TestDotProductAttentionAllocatesNothing(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	k := attentionCase{query: []int{4, 70, 2, 16}, key: []int{4, 70, 2, 16}, value: []int{4, 70, 2, 16}, options: AttentionOptions{Dropout: 0.1, Stream: Ints(1, 2)}}
	in, q, key, v, bias, mask := k.inputs()
	loss := Sum(DotProductAttention(q, key, v, bias, mask, k.options))
	p, err := Compile(Options{Inputs: in, Loss: loss, WithRespectTo: in})
	require.NoError(t, err)
	fillAttention(p, 1)
	for _, s := range p.steps {
		if s.run == nil {
			continue
		}
		require.NoError(t, s.run())
		require.Zero(t, testing.AllocsPerRun(3, func() { _ = s.run() }), s.op.name())
	}
}

func TestDotProductAttentionErrors(t *testing.T) {
	of := func(shape ...int) Tensor { return Placeholder("x", Float32, shape...).In("encoder/attention (Focus)") }
	q, none := of(2, 3, 4, 5), Tensor{}
	for _, c := range []struct {
		y    Tensor
		want []string
	}{
		{DotProductAttention(of(2, 3, 5), q, q, none, none, AttentionOptions{}), []string{"encoder/attention (Focus)", "[2 3 5]", "[batch, time, heads, dim]"}},
		{DotProductAttention(q, of(2, 3, 4, 6), q, none, none, AttentionOptions{}), []string{"[2 3 4 6]", "same batch and dim"}},
		{DotProductAttention(q, of(3, 3, 4, 5), q, none, none, AttentionOptions{}), []string{"[3 3 4 5]", "same batch and dim"}},
		{DotProductAttention(q, q, of(2, 4, 4, 5), none, none, AttentionOptions{}), []string{"[2 4 4 5]", "batch, time and heads of key"}},
		{DotProductAttention(q, of(2, 3, 3, 5), of(2, 3, 3, 5), none, none, AttentionOptions{}), []string{"the 3 heads of key must divide the 4 of query"}},
		{DotProductAttention(q, q, q, of(2, 4, 3, 7), none, AttentionOptions{}), []string{"bias of shape [2 4 3 7]", "[2 4 3 3]"}},
		{DotProductAttention(q, q, q, none, Placeholder("m", Bool, 5, 2, 4, 3, 3), AttentionOptions{}), []string{"mask of shape [5 2 4 3 3]", "[2 4 3 3]"}},
		{DotProductAttention(q, q, q, none, of(2, 1, 3, 3), AttentionOptions{}), []string{"expected a bool mask, got float32"}},
		{DotProductAttention(q, q, q, none, none, AttentionOptions{Dropout: 0.5}), []string{"dropout 0.5", "random stream"}},
		{DotProductAttention(q, q, q, none, none, AttentionOptions{Dropout: 2, Stream: Ints(1, 2)}), []string{"dropout 2", "[0, 1]"}},
		{DotProductAttention(q, q, q, none, none, AttentionOptions{Dropout: 0.5, Stream: of(2)}), []string{"random stream"}},
	} {
		err := c.y.Err()
		require.Error(t, err, fmt.Sprint(c.want))
		for _, w := range append(c.want, "dot_product_attention") {
			assert.ErrorContains(t, err, w)
		}
	}
	open := DotProductAttention(of(Unknown, Unknown, 4, 5), of(Unknown, 7, 2, 5), of(Unknown, Unknown, 2, 3), none, Placeholder("m", Bool, Unknown, 1, Unknown, 7), AttentionOptions{})
	require.NoError(t, open.Err())
	assert.Equal(t, []int{Unknown, Unknown, 4, 3}, open.Shape())
}
