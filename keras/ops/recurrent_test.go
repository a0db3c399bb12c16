package ops

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func TestRecurrentRefuses(t *testing.T) {
	p := func(shape ...int) Tensor { return Placeholder("x", Float32, shape...) }
	x, k, r := p(2, 3, 4), p(4, 12), p(3, 12)
	leaky := func(x Tensor) Tensor { return LeakyReLU(x, 0.2) }
	for name, c := range map[string]struct {
		in   RecurrentInputs
		o    RecurrentOptions
		want string
	}{
		"no such cell":          {RecurrentInputs{X: x, Kernel: k, Recurrent: r}, RecurrentOptions{Cell: 9}, "recurrent: cell 9"},
		"no recurrent kernel":   {RecurrentInputs{X: x, Kernel: k}, RecurrentOptions{Cell: LSTMCell}, "lstm: expected a sequence and a recurrent kernel"},
		"half a state":          {RecurrentInputs{X: x, Kernel: k, Recurrent: r, H: p(2, 3)}, RecurrentOptions{Cell: LSTMCell}, "expected h, and for an lstm also c"},
		"a cell state too many": {RecurrentInputs{X: x, Kernel: p(4, 9), Recurrent: p(3, 9), H: p(2, 3), C: p(2, 3)}, RecurrentOptions{Cell: GRUCell}, "gru: an initial state"},
		"rank":                  {RecurrentInputs{X: p(2, 4), Kernel: k, Recurrent: r}, RecurrentOptions{Cell: LSTMCell}, "[units, 4·units]"},
		"gates":                 {RecurrentInputs{X: x, Kernel: k, Recurrent: r}, RecurrentOptions{Cell: GRUCell}, "[units, 3·units]"},
		"kernel":                {RecurrentInputs{X: x, Kernel: p(5, 12), Recurrent: r}, RecurrentOptions{Cell: LSTMCell}, "[5 12], expected [4 12]"},
		"no kernel":             {RecurrentInputs{X: x, Recurrent: r}, RecurrentOptions{Cell: LSTMCell}, "[2 3 4], expected [2 3 12]"},
		"bias of a gru":         {RecurrentInputs{X: x, Kernel: p(4, 9), Recurrent: p(3, 9), Bias: p(9)}, RecurrentOptions{Cell: GRUCell}, "[9], expected [2 9]"},
		"kept":                  {RecurrentInputs{X: x, Kernel: k, Recurrent: r, Keep: p(2, 3)}, RecurrentOptions{Cell: LSTMCell}, "[2 3], expected [2 12]"},
		"mask":                  {RecurrentInputs{X: x, Kernel: k, Recurrent: r, Mask: p(2, 3)}, RecurrentOptions{Cell: LSTMCell}, "expected a bool mask, got float32"},
		"integers":              {RecurrentInputs{X: x, Kernel: Placeholder("k", Int32, 4, 12), Recurrent: r}, RecurrentOptions{Cell: LSTMCell}, "input 1 is int32"},
		"several kernels":       {RecurrentInputs{X: x, Kernel: k, Recurrent: r}, RecurrentOptions{Cell: LSTMCell, Activation: leaky}, "lstm: activation: add: expected the identity or a function"},
		"no result": {
			RecurrentInputs{X: x, Kernel: k, Recurrent: r},
			RecurrentOptions{Cell: LSTMCell, RecurrentActivation: func(Tensor) Tensor { return Tensor{} }},
			"recurrent activation: expected a function of a tensor",
		},
		"an error": {
			RecurrentInputs{X: x, Kernel: k, Recurrent: r},
			RecurrentOptions{Cell: LSTMCell, Activation: func(x Tensor) Tensor { return Squeeze(x, 7) }},
			"lstm: activation: squeeze",
		},
	} {
		t.Run(name, func(t *testing.T) {
			sequence, h, last := Recurrent(c.in, c.o)
			require.ErrorContains(t, sequence.Err(), c.want)
			require.Error(t, h.Err())
			require.Error(t, last.Err())
		})
	}
}

// array is filled with numbers that differ.
func sines(shape ...int) Tensor {
	v := make([]float64, size(shape))
	for i := range v {
		v[i] = math.Sin(float64(5*i+len(v))) / 2
	}
	return Array(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v)))
}

// TestRecurrentTakesAProjectedInput compares with the projection made inside, results and gradients.
func TestRecurrentTakesAProjectedInput(t *testing.T) {
	for cell, gates := range map[RecurrentCell]int{SimpleRNNCell: 1, GRUCell: 3, GRUResetBeforeCell: 3, LSTMCell: 4} {
		x, k := Placeholder("x", Float32, 2, 4, 3), Placeholder("kernel", Float32, 3, 2*gates)
		bias := sines(2 * gates)
		if cell == GRUCell {
			bias = sines(2, 2*gates)
		}
		in := RecurrentInputs{X: x, Kernel: k, Recurrent: sines(2, 2*gates), Bias: bias}
		o := RecurrentOptions{Cell: cell, Activation: Softsign, Backwards: true}
		inside, _, _ := Recurrent(in, o)
		in.X, in.Kernel = MatMul(x, k), Tensor{}
		outside, _, _ := Recurrent(in, o)
		var got [][]float64
		for _, y := range []Tensor{inside, outside} {
			weights := sines(y.Shape()...)
			p, err := Compile(Options{
				Inputs: []Tensor{x, k}, Outputs: []Tensor{y}, Loss: Sum(Multiply(y, weights)), WithRespectTo: []Tensor{x, k}, Float: Float64,
			})
			require.NoError(t, err)
			for i, a := range p.Inputs() {
				for j := range a.Float64s() {
					a.Float64s()[j] = math.Cos(float64(i + 3*j))
				}
			}
			require.NoError(t, p.Run())
			got = append(got, slices.Concat(p.Outputs()[0].Float64s(), p.Gradients()[0].Float64s(), p.Gradients()[1].Float64s()))
		}
		require.InDeltaSlice(t, got[0], got[1], 1e-12)
		require.NotEqual(t, make([]float64, len(got[0])), got[0])
	}
}

func TestTimeFoldsIntoTheBatch(t *testing.T) {
	x := Placeholder("x", Float32, Unknown, Unknown, 3, Unknown)
	folded := FoldTime(x)
	require.Equal(t, []int{Unknown, 3, Unknown}, folded.Shape())
	require.Equal(t, x.Shape(), UnfoldTime(folded, Unknown, Unknown).Shape())
	require.Equal(t, []int{6, 2}, FoldTime(Placeholder("x", Float32, 2, 3, 2)).Shape())
	require.ErrorContains(t, FoldTime(Placeholder("x", Float32, 3)).Err(), "fold_time")
	require.ErrorContains(t, UnfoldTime(Placeholder("x", Float32, 6), 2, 2).Err(), "[6]")
}
