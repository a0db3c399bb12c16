package layers_test

import (
	"testing"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
)

// A residualCell adds its input to what another cell makes of it, and drops a part of that.
type residualCell struct {
	layers.Base
	Inner layers.Cell
	Drop  layers.Dropout
}

func (c *residualCell) StateShapes(input []int) [][]int { return c.Inner.StateShapes(input) }

func (c *residualCell) Step(b *layers.Builder, x ops.Tensor, states []ops.Tensor) (y ops.Tensor, next []ops.Tensor) {
	y, next = b.Step(c.Inner, x, states)
	return ops.Add(x, b.Apply(&c.Drop, y)), next
}

func TestCellsWithinCells(t *testing.T) {
	x := ramp(2, 4, 3)
	plain := &layers.RNN{Cell: &layers.GRUCell{Units: 3}, ReturnSequences: true}
	residual := &layers.RNN{Cell: &residualCell{Inner: &layers.GRUCell{Units: 3}}, ReturnSequences: true}
	want, got := compiled(t, plain, x, true), compiled(t, residual, x, true)
	require.NoError(t, layers.SetWeights(residual, layers.GetWeights(plain)))
	y, z := step(t, want, x).Float32s(), step(t, got, x).Float32s()
	for i := range y {
		require.InDelta(t, y[i]+x.Float32s()[i], z[i], 1e-6)
	}
	require.Equal(t, "inner/residual_cell/inner/kernel", residual.Cell.(*residualCell).Inner.(*layers.GRUCell).Weights()[0].Path)
}

func TestLayersInACellDropTheSameAtEachStep(t *testing.T) {
	const units, time = 200, 3
	l := &layers.RNN{Cell: &residualCell{Inner: &boxes{}, Drop: layers.Dropout{Rate: 0.5}}, ReturnSequences: true}
	y := run(t, l, 1, ones(1, time, units), 2)
	dropped := 0
	for j := range units {
		for k := range time {
			require.Equal(t, y[0][j] == 1, y[0][k*units+j] == 1)
		}
		if y[0][j] == 1 {
			dropped++
		}
	}
	require.InDelta(t, units/2, dropped, 45)
	require.NotEqual(t, y[0], y[1], "each batch draws anew")
}

// A wrongCell does in a step what a step must not do.
type wrongCell struct {
	layers.Base
	Norm  layers.BatchNormalization
	Dense layers.Dense
	wrong string
}

func (c *wrongCell) StateShapes([]int) [][]int { return [][]int{{2}} }

func (c *wrongCell) Step(b *layers.Builder, x ops.Tensor, states []ops.Tensor) (y ops.Tensor, next []ops.Tensor) {
	switch c.wrong {
	case "update":
		x = b.Apply(&c.Norm, x)
	case "loss":
		c.Dense = layers.Dense{Units: 2, ActivityRegularizer: regularizers.L2{}}
		x = b.Apply(&c.Dense, x)
	case "states":
		return x, nil
	case "shape":
		return x, []ops.Tensor{ops.Sum(x, -1)}
	case "panic":
		panic("no")
	case "output":
		return ops.Sum(x, -1), states
	}
	return x, states
}

func TestRNNRefuses(t *testing.T) {
	x := input(3, 4, 2)
	masked := x.WithMask(ops.Placeholder("mask", ops.Bool, 3, 4))
	for name, c := range map[string]struct {
		layer layers.Layer
		x     ops.Tensor
		want  string
	}{
		"no cell":         {&layers.RNN{}, x, "cell: expected a cell, got nil"},
		"two":             {&layers.RNN{Cell: &boxes{}, Cells: []layers.Cell{&boxes{}}}, x, "expected one of them"},
		"no cells":        {&layers.RNN{Cell: &layers.StackedRNNCells{}}, x, "stacked_rnn_cells (StackedRNNCells): cells: expected at least one"},
		"a nil cell":      {&layers.RNN{Cells: []layers.Cell{&boxes{}, nil}}, x, "none that is nil"},
		"rank":            {&layers.RNN{Cell: &boxes{}}, input(3), "expected at least 2 axes"},
		"the cell's rank": {&layers.RNN{Cell: &layers.LSTMCell{Units: 2}}, input(3, 4, 2, 2), "lstm_cell (LSTMCell): a step's input has shape [2 2]"},
		"units":           {&layers.RNN{Cell: &layers.GRUCell{}}, x, "units must be positive"},
		"a rate":          {&layers.RNN{Cell: &layers.GRUCell{Units: 1, Dropout: 2}}, x, "dropout 2"},
		"states":          {&layers.RNN{Cell: &layers.LSTMCell{Units: 2}, ReturnState: true}, x, "ApplyAll"},
		"stateful":        {&layers.RNN{Cell: &layers.LSTMCell{Units: 2}, Stateful: true}, input(-1, 4, 2), "the batch must have a fixed size"},
		"an update":       {&layers.RNN{Cell: &wrongCell{wrong: "update"}}, x, "inner/wrong_cell (wrongCell): an update of inner/wrong_cell/norm/moving_mean depends on"},
		"a loss":          {&layers.RNN{Cell: &wrongCell{wrong: "loss"}}, x, "wrong_cell (wrongCell): a loss depends on a step's inputs"},
		"an activity": {
			&layers.RNN{Cell: &layers.GRUCell{Base: layers.Base{ActivityRegularizer: regularizers.L2{}}, Units: 2}}, x,
			"gru_cell (GRUCell): a loss depends on a step's inputs",
		},
		"lost states":    {&layers.RNN{Cell: &wrongCell{wrong: "states"}}, x, "wrong_cell (wrongCell): the step returned 0 states: expected 1"},
		"other states":   {&layers.RNN{Cell: &wrongCell{wrong: "shape"}}, x, "the step hands on float32 [3], but gets float32 [3 2]"},
		"a panic":        {&layers.RNN{Cell: &wrongCell{wrong: "panic"}}, x, "wrong_cell (wrongCell): panic: no"},
		"masked outputs": {&layers.RNN{Cell: &wrongCell{wrong: "output"}}, masked, "expected the shape of the first state"},
		"a mask":         {&layers.RNN{Cell: &boxes{}}, x.WithMask(ops.Placeholder("mask", ops.Bool, 3, 4, 2)), "mask of shape [3 4 2]"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := trace(c.layer, true, c.x)
			require.ErrorContains(t, err, c.want)
		})
	}
	lstm := &layers.LSTMCell{Units: 2}
	for want, xs := range map[string][]ops.Tensor{
		"expected an input and 2 states, got 2 tensors": {input(3, 4), input(3, 2)},
		"state 1 has shape [3 3], expected [3 2]":       {input(3, 4), input(3, 2), input(3, 3)},
		"expected an input [batch, ...] and states":     nil,
	} {
		ys := layers.NewBuilder(&layers.Trace{}, &wrapper{Inner: lstm}, "", false).ApplyAll(lstm, xs...)
		require.ErrorContains(t, ys[0].Err(), want)
	}
}
