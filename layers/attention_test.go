package layers_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// applied records a layer of several tensors.
func applied(t *layers.Trace, p layers.MultiLayer, training bool, xs ...ops.Tensor) []ops.Tensor {
	return layers.NewBuilder(t, &wrapper{Inner: p}, "", training).ApplyAll(p, xs...)
}

func TestAttentionErrors(t *testing.T) {
	heads := func(m layers.MultiHeadAttention) layers.MultiLayer {
		m.NumHeads, m.KeyDim = 2, 3
		return &m
	}
	groups := func(g layers.GroupedQueryAttention) layers.MultiLayer {
		if g.HeadDim == 0 {
			g.HeadDim = 4
		}
		g.NumQueryHeads, g.NumKeyValueHeads = 4, max(g.NumKeyValueHeads, 2)
		return &g
	}
	x, y := input(-1, 5, 4), input(-1, 7, 4)
	for i, c := range []struct {
		layer layers.MultiLayer
		in    []ops.Tensor
		want  []string
	}{
		{&layers.MultiHeadAttention{KeyDim: 2}, []ops.Tensor{x}, []string{"num_heads must be positive, got 0"}},
		{&layers.MultiHeadAttention{NumHeads: 2, KeyDim: -1}, []ops.Tensor{x}, []string{"key_dim must be positive, got -1"}},
		{heads(layers.MultiHeadAttention{ValueDim: -2}), []ops.Tensor{x}, []string{"value_dim must be positive, got -2"}},
		{heads(layers.MultiHeadAttention{Dropout: 1.5}), []ops.Tensor{x}, []string{"dropout 1.5", "[0, 1]"}},
		{heads(layers.MultiHeadAttention{SlidingWindow: -1}), []ops.Tensor{x}, []string{"sliding_window", "got -1"}},
		{heads(layers.MultiHeadAttention{AttentionAxes: []int{2}}), []ops.Tensor{x}, []string{"attention_axes [2]", "[-1 5 4]"}},
		{heads(layers.MultiHeadAttention{AttentionAxes: []int{1, -2}}), []ops.Tensor{x}, []string{"each once"}},
		{heads(layers.MultiHeadAttention{AttentionAxes: []int{}}), []ops.Tensor{x}, []string{"at least one"}},
		{heads(layers.MultiHeadAttention{}), nil, []string{"query and value", "got 0"}},
		{heads(layers.MultiHeadAttention{}), []ops.Tensor{input(-1, 4)}, []string{"[-1 4]", "[batch, time, features]"}},
		{heads(layers.MultiHeadAttention{}), []ops.Tensor{x, input(-1, 7)}, []string{"[-1 7]", "as many axes"}},
		{heads(layers.MultiHeadAttention{}), []ops.Tensor{x, y, x}, []string{"value and key of shapes [-1 7 4] and [-1 5 4]"}},
		{heads(layers.MultiHeadAttention{}), []ops.Tensor{input(2, 5, 4), input(3, 5, 4)}, []string{"batches of one size"}},
		{heads(layers.MultiHeadAttention{}), []ops.Tensor{x, y, y, input(-1, 5, 6)}, []string{"mask of shape", "7"}},
		{heads(layers.MultiHeadAttention{ReturnAttentionScores: true}), []ops.Tensor{x, y, y, input(-1, 5, 6)}, []string{"mask of shape [-1 1 5 6]", "[-1 2 5 7]"}},
		{groups(layers.GroupedQueryAttention{NumKeyValueHeads: 3}), []ops.Tensor{x}, []string{"num_key_value_heads 3", "divides num_query_heads, 4"}},
		{groups(layers.GroupedQueryAttention{HeadDim: -1}), []ops.Tensor{x}, []string{"head_dim must be positive, got -1"}},
		{groups(layers.GroupedQueryAttention{}), []ops.Tensor{x, input(-1, 7, 3)}, []string{"[-1 7 3]", "as many features"}},
		{groups(layers.GroupedQueryAttention{}), []ops.Tensor{input(-1, 2, 5, 4)}, []string{"[-1 2 5 4]", "[batch, time, features]"}},
		{&layers.Attention{}, []ops.Tensor{x}, []string{"query and value, and maybe key", "got 1"}},
		{&layers.Attention{ScoreMode: "cosine"}, []ops.Tensor{x, y}, []string{`score_mode "cosine"`, "dot", "concat"}},
		{&layers.Attention{}, []ops.Tensor{x, input(-1, 7, 3)}, []string{"[-1 5 4] and [-1 7 3]", "as many features"}},
		{&layers.Attention{}, []ops.Tensor{x, y, x}, []string{"as many values as keys"}},
		{&layers.Attention{}, []ops.Tensor{input(-1, 4), input(-1, 4)}, []string{"[batch, time, features]"}},
		{&layers.AdditiveAttention{Dropout: -0.5}, []ops.Tensor{x, y}, []string{"dropout -0.5"}},
		{&layers.AdditiveAttention{}, []ops.Tensor{x, input(-1, 7, 3)}, []string{"as many features"}},
	} {
		trace := &layers.Trace{}
		applied(trace, c.layer, false, c.in...)
		require.Error(t, trace.Err(), i)
		for _, w := range append(c.want, layers.ClassName(c.layer)) {
			assert.ErrorContains(t, trace.Err(), w, i)
		}
	}
	for _, p := range []layers.Layer{&layers.MultiHeadAttention{NumHeads: 1, KeyDim: 1, ReturnAttentionScores: true}, &layers.GroupedQueryAttention{ReturnAttentionScores: true}} {
		_, err := trace(p, false, x)
		assert.ErrorContains(t, err, "return_attention_scores gives two results")
	}
	for _, p := range []layers.Merger{&layers.Attention{ReturnAttentionScores: true}, &layers.AdditiveAttention{ReturnAttentionScores: true}} {
		_, err := trace(p, false, x, y)
		assert.ErrorContains(t, err, "return_attention_scores gives two results")
	}
}

func TestEinsumDenseErrors(t *testing.T) {
	x := input(-1, 5, 4)
	for _, c := range []struct {
		layer layers.EinsumDense
		want  []string
	}{
		{layers.EinsumDense{Equation: "abc->abc"}, []string{`equation "abc->abc"`, `"X,Y->Z"`}},
		{layers.EinsumDense{Equation: "a...,bc->a..."}, []string{"X...,Y->Z..."}},
		{layers.EinsumDense{Equation: "ab,bc->ac", OutputShape: []int{3}}, []string{"expected an input of 2 axes, got 3"}},
		{layers.EinsumDense{Equation: "abc,cd->abd", OutputShape: []int{3}}, []string{"expected 2 sizes", "got 1"}},
		{layers.EinsumDense{Equation: "abc,cd->abd", OutputShape: []int{6, 3}}, []string{"axis 'b'", "got 5 and 6"}},
		{layers.EinsumDense{Equation: "abc,cd->abe", OutputShape: []int{-1, 3}}, []string{"axis 'e' of the output"}},
		{layers.EinsumDense{Equation: "abc,cdf->abd", OutputShape: []int{-1, 3}}, []string{"axis 'f' of the kernel"}},
		{layers.EinsumDense{Equation: "abc,cd->abd", OutputShape: []int{-1, -1}}, []string{"axis 'd' of the kernel", "known and positive, got -1"}},
		{layers.EinsumDense{Equation: "abc,cd->abd", OutputShape: []int{-1, 3}, BiasAxes: "c"}, []string{`bias_axes "c"`}},
		{layers.EinsumDense{Equation: "abc,cd->abd", OutputShape: []int{-1, 3}, BiasAxes: "bd"}, []string{"axis 'b'", "known and positive, got -1"}},
	} {
		_, err := trace(&c.layer, false, x)
		for _, w := range append(c.want, "EinsumDense") {
			assert.ErrorContains(t, err, w)
		}
	}
	y, err := trace(&layers.EinsumDense{Equation: "abc,cde->abde", OutputShape: []int{-1, 2, 3}, BiasAxes: "de"}, false, input(-1, -1, 4))
	require.NoError(t, err)
	assert.Equal(t, []int{-1, -1, 2, 3}, y.Shape(), "several sizes that are not known")
}

func TestAttentionWeightsHaveKerasNames(t *testing.T) {
	for _, c := range []struct {
		layer       layers.MultiLayer
		class, attr string
	}{
		{&layers.MultiHeadAttention{NumHeads: 2, KeyDim: 3, UseGate: true}, "multi_head_attention", ""},
		{&layers.GroupedQueryAttention{NumQueryHeads: 2, NumKeyValueHeads: 1, HeadDim: 3, UseGate: true}, "grouped_query_attention", "_"},
	} {
		trace := &layers.Trace{}
		applied(trace, layers.Named(c.class, c.layer), false, input(-1, 5, 4))
		require.NoError(t, trace.Err())
		var want []string
		for _, name := range []string{"query", "key", "gate", "value", "attention_output"} { // as in Keras's weights
			want = append(want, "inner/"+name+"/kernel", "inner/"+name+"/bias")
		}
		assert.Equal(t, want, paths(trace.Declared()))
		var attrs []string
		for _, child := range layers.Children(c.layer) {
			attrs = append(attrs, child.Attr)
		}
		// As in Keras's files.
		assert.Equal(t, []string{c.attr + "query_dense", c.attr + "key_dense", "_gate_dense", c.attr + "value_dense", c.attr + "output_dense"}, attrs)
	}
}

// TestAttentionWithAndWithoutScores compares the one operation with the composition that makes the scores, in training, on the same random numbers.
func TestAttentionWithAndWithoutScores(t *testing.T) {
	for name, build := range map[string]func(scores, causal bool, rate float64) layers.MultiLayer{
		"MultiHeadAttention": func(scores, causal bool, rate float64) layers.MultiLayer {
			return &layers.MultiHeadAttention{NumHeads: 2, KeyDim: 3, ValueDim: 5, Dropout: rate, UseCausalMask: causal, ReturnAttentionScores: scores, SlidingWindow: 4}
		},
		"GroupedQueryAttention": func(scores, causal bool, rate float64) layers.MultiLayer {
			return &layers.GroupedQueryAttention{NumQueryHeads: 4, NumKeyValueHeads: 2, HeadDim: 3, Dropout: rate, UseCausalMask: causal, ReturnAttentionScores: scores}
		},
		"Attention": func(scores, causal bool, rate float64) layers.MultiLayer {
			return &layers.Attention{UseScale: true, Dropout: rate, UseCausalMask: causal, ReturnAttentionScores: scores}
		},
	} {
		for _, rate := range []float64{0, 0.4} {
			for _, causal := range []bool{false, true} {
				at := fmt.Sprint(name, " ", rate, " ", causal)
				with, without := gradientsOf(t, build(true, causal, rate)), gradientsOf(t, build(false, causal, rate))
				require.Len(t, without, len(with), at)
				for i := range with {
					assert.InDeltaSlice(t, with[i], without[i], 2e-5, "%s: %d", at, i)
				}
			}
		}
	}
}

// gradientsOf are the first result of a step of training and the gradients of its inputs and weights.
func gradientsOf(t *testing.T, p layers.MultiLayer) (all [][]float32) {
	t.Helper()
	in := []ops.Tensor{input(2, 6, 4), input(2, 7, 4), ops.Placeholder("mask", ops.Bool, 2, 7)}
	xs := []ops.Tensor{in[0], in[1].WithMask(in[2])}
	first := &layers.Trace{}
	applied(first, p, true, xs...)
	require.NoError(t, first.Err())
	ws := first.Declared()
	require.NoError(t, first.Commit(3))
	trace := &layers.Trace{Sealed: true}
	y := applied(trace, p, true, xs...)[0]
	require.NoError(t, trace.Err())
	wrt := []ops.Tensor{in[0], in[1]}
	for _, w := range ws {
		if !w.Spec.NonTrainable {
			wrt = append(wrt, w.Tensor())
		}
	}
	program, err := ops.Compile(ops.Options{Inputs: in, Outputs: []ops.Tensor{y}, Loss: ops.Sum(ops.Square(y)), WithRespectTo: wrt})
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(1, 2))
	for _, x := range program.Inputs()[:2] {
		for i := range x.Float32s() {
			x.Float32s()[i] = float32(r.NormFloat64())
		}
	}
	for i := range program.Inputs()[2].Bools() {
		program.Inputs()[2].Bools()[i] = i%7 != 3
	}
	require.NoError(t, program.Run())
	all = append(all, program.Outputs()[0].Float32s())
	for _, g := range program.Gradients() {
		all = append(all, g.Float32s())
	}
	return all
}
