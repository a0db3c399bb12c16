package layers_test

import (
	"math"
	"testing"

	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
)

func TestRecurrentLayersRefuse(t *testing.T) {
	x := func(shape ...int) ops.Tensor { return ops.Placeholder("x", ops.Float32, shape...) }
	masked := x(2, 3, 4).WithMask(ops.Placeholder("mask", ops.Bool, 2))
	lstm := func(units int) *layers.LSTM { return &layers.LSTM{Units: units} }
	penalized := &layers.Dense{Units: 1, ActivityRegularizer: regularizers.L2{}}
	for name, c := range map[string]struct {
		layer layers.MultiLayer
		in    []ops.Tensor
		want  []string
	}{
		"units":              {&layers.GRU{}, []ops.Tensor{x(2, 3, 4)}, []string{"inner (GRU)", "units must be positive, got 0"}},
		"rank":               {&layers.SimpleRNN{Units: 1}, []ops.Tensor{x(2, 3)}, []string{"inner (SimpleRNN)", "[2 3]", "[batch, time, features]"}},
		"unknown features":   {lstm(1), []ops.Tensor{x(2, 3, -1)}, []string{"inner (LSTM)", "[2 3 -1]", "features known"}},
		"states":             {&layers.GRU{Units: 1}, []ops.Tensor{x(2, 3, 4), x(2, 1), x(2, 1)}, []string{"inner (GRU)", "1 initial states, got 3 tensors"}},
		"states of an LSTM":  {lstm(1), []ops.Tensor{x(2, 3, 4), x(2, 1)}, []string{"2 initial states, got 2 tensors"}},
		"shape of a state":   {lstm(2), []ops.Tensor{x(2, 3, 4), x(2, 2), x(2, 1)}, []string{"initial state 1 has shape [2 1], expected [2 2]"}},
		"batch of a state":   {lstm(2), []ops.Tensor{x(2, 3, 4), x(3, 2), x(2, 2)}, []string{"initial state 0 has shape [3 2], expected [2 2]"}},
		"dropout":            {&layers.GRU{Units: 1, Dropout: 2}, []ops.Tensor{x(2, 3, 4)}, []string{"dropout 2", "[0, 1]"}},
		"recurrent dropout":  {&layers.GRU{Units: 1, RecurrentDropout: math.NaN()}, []ops.Tensor{x(2, 3, 4)}, []string{"recurrent_dropout NaN"}},
		"activation":         {&layers.GRU{Units: 1, Activation: activations.Softmax}, []ops.Tensor{x(2, 3, 4)}, []string{"inner (GRU)", "gru: activation: softmax", "hard_sigmoid"}},
		"gates":              {&layers.LSTM{Units: 1, RecurrentActivation: activations.Function("soft")}, []ops.Tensor{x(2, 3, 4)}, []string{"recurrent activation", `"soft"`}},
		"batch":              {&layers.GRU{Units: 1, Stateful: true}, []ops.Tensor{x(-1, 3, 4)}, []string{"inner (GRU)", "stateful", "BatchSize", "[-1 3 4]"}},
		"inner":              {&layers.Bidirectional{}, []ops.Tensor{x(2, 3, 4)}, []string{"inner (Bidirectional)", "got nil"}},
		"merging":            {&layers.Bidirectional{Layer: lstm(1), MergeMode: "add"}, []ops.Tensor{x(2, 3, 4)}, []string{`merge_mode "add"`, `"ave"`}},
		"both forwards":      {&layers.Bidirectional{Layer: lstm(1), BackwardLayer: lstm(1)}, []ops.Tensor{x(2, 3, 4)}, []string{"go_backwards is false in both"}},
		"two backwards":      {&layers.Bidirectional{Layer: &layers.LSTM{Units: 1, GoBackwards: true}}, []ops.Tensor{x(2, 3, 4)}, []string{"go_backwards is true in both"}},
		"sequences":          {&layers.Bidirectional{Layer: lstm(1), BackwardLayer: &layers.GRU{Units: 1, GoBackwards: true, ReturnSequences: true}}, []ops.Tensor{x(2, 3, 4)}, []string{"return_sequences is false in the forward and true"}},
		"sizes":              {&layers.Bidirectional{Layer: lstm(2), BackwardLayer: &layers.GRU{Units: 3, GoBackwards: true}, MergeMode: layers.MergeSum}, []ops.Tensor{x(2, 3, 4)}, []string{"[2 2]", "[2 3]"}},
		"states of a half":   {&layers.Bidirectional{Layer: lstm(1)}, []ops.Tensor{x(2, 3, 4), x(2, 1), x(2, 1), x(2, 1)}, []string{"inner (Bidirectional)", "got 4 tensors"}},
		"no steps":           {oneOf{&layers.TimeDistributed{Layer: &layers.Dense{Units: 1}}}, []ops.Tensor{x(2, 3)}, []string{"inner (TimeDistributed)", "[2 3]", "at least 3 axes"}},
		"no layer":           {oneOf{&layers.TimeDistributed{}}, []ops.Tensor{x(2, 3, 4)}, []string{"expected a layer, got nil"}},
		"mask of one axis":   {oneOf{&layers.TimeDistributed{Layer: &layers.Dense{Units: 1}}}, []ops.Tensor{masked}, []string{"mask of shape [2]", "[2 3]"}},
		"penalty":            {oneOf{&layers.TimeDistributed{Layer: penalized}}, []ops.Tensor{x(2, 3, 4)}, []string{"activity_regularizer"}},
		"stateful each step": {oneOf{&layers.TimeDistributed{Layer: &layers.GRU{Units: 1, Stateful: true}}}, []ops.Tensor{x(2, 3, 4, 1)}, []string{"stateful"}},
	} {
		t.Run(name, func(t *testing.T) {
			trace := &layers.Trace{}
			b := layers.NewBuilder(trace, &holding{Inner: c.layer.(layers.Part)}, "", false)
			if o, ok := c.layer.(oneOf); ok {
				b = layers.NewBuilder(trace, &holding{Inner: o.Layer}, "", false)
				b.Apply(o.Layer, c.in[0])
			} else {
				b.ApplyAll(c.layer, c.in...)
			}
			require.Error(t, trace.Err())
			for _, want := range c.want {
				require.ErrorContains(t, trace.Err(), want)
			}
		})
	}
}

// oneOf is a layer of one tensor among others.
type oneOf struct{ layers.Layer }

// CallAll implements [layers.MultiLayer].
func (o oneOf) CallAll(b *layers.Builder, xs ...ops.Tensor) []ops.Tensor {
	return []ops.Tensor{o.Call(b, xs[0])}
}

type holding struct {
	layers.Base
	Inner layers.Part
}
