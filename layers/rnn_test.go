package layers_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/layers/layertest"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// minimalRNNCell is the twin of the class MinimalRNNCell in internal/golden/layer_cells.py.
type minimalRNNCell struct {
	layers.Base
	Units       int
	Initializer initializers.Initializer `keras:"-"`
}

func init() { saving.Register[minimalRNNCell]("Golden>MinimalRNNCell", "") }

func (c *minimalRNNCell) StateShapes([]int) [][]int { return [][]int{{c.Units}} }

func (c *minimalRNNCell) Step(b *layers.Builder, x ops.Tensor, states []ops.Tensor) (y ops.Tensor, next []ops.Tensor) {
	spec := layers.Spec{Initializer: c.Initializer}
	y = ops.MatMul(x, b.Weight("kernel", []int{x.Dim(-1), c.Units}, spec))
	y = ops.Add(y, ops.MatMul(states[0], b.Weight("recurrent_kernel", []int{c.Units, c.Units}, spec)))
	return y, []ops.Tensor{y}
}

// A cell of one's own: with weights of 1, it sums up.
func ExampleRNN() {
	rnn := &layers.RNN{Cell: &minimalRNNCell{Units: 1, Initializer: initializers.Ones{}}, ReturnSequences: true}
	model := &block{Inner: rnn}
	record := func(t *layers.Trace, x ops.Tensor) ops.Tensor {
		return layers.NewBuilder(t, model, "", false).Apply(rnn, x)
	}

	trace, x := &layers.Trace{}, ops.Placeholder("x", ops.Float32, 1, 4, 1)
	record(trace, x)
	if err := trace.Commit(1); err != nil {
		fmt.Println(err)
		return
	}
	p, err := ops.Compile(ops.Options{Inputs: []ops.Tensor{x}, Outputs: []ops.Tensor{record(&layers.Trace{Sealed: true}, x)}})
	if err != nil {
		fmt.Println(err)
		return
	}
	copy(p.Inputs()[0].Float32s(), []float32{1, 2, 3, 4})
	if err := p.Run(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Outputs()[0].Float32s())
	for _, w := range rnn.Cell.(*minimalRNNCell).Weights() {
		fmt.Println(w.Path, w.Shape())
	}
	// Output:
	// [1 3 6 10]
	// inner/minimal_rnn_cell/kernel [1 1]
	// inner/minimal_rnn_cell/recurrent_kernel [1 1]
}

// TestRNNOfACellIsItsLayer compares in training, where with the same seed both drop the same.
func TestRNNOfACellIsItsLayer(t *testing.T) {
	for _, dropout := range []float64{0, 0.3} {
		for _, recurrent := range []float64{0, 0.4} {
			seed := new(5)
			for name, pair := range map[string]struct {
				layer layers.Layer
				cell  layers.Cell
			}{
				"SimpleRNN": {
					&layers.SimpleRNN{Units: 3, Dropout: dropout, RecurrentDropout: recurrent, Seed: seed, ReturnSequences: true},
					&layers.SimpleRNNCell{Units: 3, Dropout: dropout, RecurrentDropout: recurrent, Seed: seed},
				},
				"GRU": {
					&layers.GRU{Units: 3, Dropout: dropout, RecurrentDropout: recurrent, Seed: seed, ReturnSequences: true},
					&layers.GRUCell{Units: 3, Dropout: dropout, RecurrentDropout: recurrent, Seed: seed},
				},
				"GRU, reset before": {
					&layers.GRU{Units: 3, Dropout: dropout, RecurrentDropout: recurrent, Seed: seed, ReturnSequences: true, ResetAfter: new(false)},
					&layers.GRUCell{Units: 3, Dropout: dropout, RecurrentDropout: recurrent, Seed: seed, ResetAfter: new(false)},
				},
				"LSTM": {
					&layers.LSTM{Units: 3, Dropout: dropout, RecurrentDropout: recurrent, Seed: seed, ReturnSequences: true},
					&layers.LSTMCell{Units: 3, Dropout: dropout, RecurrentDropout: recurrent, Seed: seed},
				},
			} {
				t.Run(fmt.Sprint(name, dropout, recurrent), func(t *testing.T) {
					x, rnn := ramp(2, 4, 5), &layers.RNN{Cell: pair.cell, ReturnSequences: true}
					want, got := compiled(t, pair.layer, x, true), compiled(t, rnn, x, true)
					require.NoError(t, layers.SetWeights(rnn, layers.GetWeights(pair.layer)))
					for range 2 { // The second step drops others.
						require.InDeltaSlice(t, step(t, want, x).Float32s(), step(t, got, x).Float32s(), 1e-6)
					}
				})
			}
		}
	}
}

func TestRNNOfCellsIsLayersOneAfterTheOther(t *testing.T) {
	x := ramp(2, 4, 5)
	lstm, gru := &layers.LSTM{Units: 3, ReturnSequences: true, GoBackwards: true}, &layers.GRU{Units: 2, ReturnSequences: true}
	first := compiled(t, lstm, x, false)
	between := step(t, first, x)
	second := compiled(t, gru, between.Dense, false)
	rnn := &layers.RNN{Cells: []layers.Cell{&layers.LSTMCell{Units: 3}, &layers.GRUCell{Units: 2}}, ReturnSequences: true, GoBackwards: true}
	p := compiled(t, rnn, x, false)
	require.NoError(t, layers.SetWeights(rnn, slices.Concat(layers.GetWeights(lstm), layers.GetWeights(gru))))
	require.InDeltaSlice(t, step(t, second, between.Dense).Float32s(), step(t, p, x).Float32s(), 1e-6)

	config, err := saving.ToConfig(&layers.RNN{Cells: []layers.Cell{&layers.LSTMCell{Units: 3}, &layers.GRUCell{Units: 2}}})
	require.NoError(t, err)
	loaded, err := saving.FromConfig(config)
	require.NoError(t, err)
	require.Len(t, loaded.(*layers.RNN).Cell.(*layers.StackedRNNCells).Cells, 2, "as Keras saves a list of cells")
}

func TestRNNKeepsTheContract(t *testing.T) {
	c := layertest.Case{Specs: []ops.Spec{{Shape: []int{3, 4, 5}, DType: ops.Float32}}, Trainable: new(3), NonTrainable: new(0)}
	for _, build := range []func() layers.Cell{
		func() layers.Cell { return &layers.SimpleRNNCell{Units: 3, Dropout: 0.4, RecurrentDropout: 0.3} },
		func() layers.Cell { return &layers.GRUCell{Units: 3, Dropout: 0.4, RecurrentDropout: 0.3} },
		func() layers.Cell { return &layers.GRUCell{Units: 3, RecurrentDropout: 0.3, ResetAfter: new(false)} },
		func() layers.Cell { return &layers.LSTMCell{Units: 3, Dropout: 0.4, RecurrentDropout: 0.3} },
		func() layers.Cell { return &layers.LSTMCell{Units: 3, Dropout: 0.4, Seed: new(3)} },
	} {
		layertest.Run(t, func() layers.Layer { return &layers.RNN{Cell: build(), ReturnSequences: true} }, c)
	}
	c.Trainable = new(6)
	layertest.Run(t, func() layers.Layer {
		cells := &layers.StackedRNNCells{Cells: []layers.Cell{&layers.LSTMCell{Units: 2, Dropout: 0.2}, &layers.LSTMCell{Units: 3, RecurrentDropout: 0.5}}}
		return &layers.RNN{Cell: cells, Unroll: true}
	}, c)
	layertest.Run(t, func() layers.Layer { return &layers.Bidirectional{Layer: &layers.RNN{Cell: &layers.GRUCell{Units: 2}}} }, c)
	c.Trainable, c.Specs = new(3), []ops.Spec{{Shape: []int{2, 3, 4, 2}, DType: ops.Float32}}
	layertest.Run(t, func() layers.Layer {
		return &layers.TimeDistributed{Layer: &layers.RNN{Cell: &layers.GRUCell{Units: 2}}}
	}, c)
}

func TestRNNTakesSequencesOfAnyShape(t *testing.T) {
	l := &layers.RNN{Cell: &boxes{}, ReturnSequences: true}
	y, err := trace(l, false, input(-1, -1, 2, 3))
	require.NoError(t, err)
	require.Equal(t, []int{-1, -1, 2, 3}, y.Shape())
	x := ramp(2, 3, 2, 3)
	got := step(t, compiled(t, l, x, false), x).Float32s()
	for i, v := range x.Float32s() {
		if within := i % 18; within >= 6 {
			v += got[i-6] / 2
		}
		require.InDelta(t, v, got[i], 1e-6)
	}
}

// boxes adds half of the state to its input.
type boxes struct{ layers.Base }

func (c *boxes) StateShapes(input []int) [][]int { return [][]int{input} }

func (c *boxes) Step(_ *layers.Builder, x ops.Tensor, states []ops.Tensor) (y ops.Tensor, next []ops.Tensor) {
	y = ops.Add(x, ops.Divide(states[0], ops.Scalar(2)))
	return y, []ops.Tensor{y}
}

func TestRNNNeedsNoKnownSizesOfBatchAndTime(t *testing.T) {
	for _, l := range []layers.Layer{
		&layers.RNN{Cells: []layers.Cell{&layers.LSTMCell{Units: 3, Dropout: 0.1}, &layers.GRUCell{Units: 2, RecurrentDropout: 0.1}}, ReturnSequences: true},
		&layers.RNN{Cell: &layers.SimpleRNNCell{Units: 2}, ReturnSequences: true, GoBackwards: true},
		&layers.RNN{Cell: &minimalRNNCell{Units: 2}, ReturnSequences: true, ZeroOutputForMask: true},
	} {
		y, err := trace(l, true, input(-1, -1, 3).WithMask(ops.Placeholder("mask", ops.Bool, -1, -1)))
		require.NoError(t, err)
		require.Equal(t, []int{-1, -1, 2}, y.Shape())
	}
	y, err := trace(&layers.RNN{Cell: &minimalRNNCell{Units: 2}, ZeroOutputForMask: true}, true, input(-1, -1, 3).WithMask(ops.Placeholder("mask", ops.Bool, -1, -1)))
	require.NoError(t, err)
	require.Equal(t, []int{-1, 2}, y.Shape())
	y, err = trace(&layers.ConvLSTM3D{Filters: 2, KernelSize: []int{2}, Dropout: 0.1, RecurrentDropout: 0.1}, true, input(-1, -1, 3, 4, 5, 1))
	require.NoError(t, err)
	require.Equal(t, []int{-1, 2, 3, 4, 2}, y.Shape())
}

func TestCellsGoOnWhereTheLastBatchEnded(t *testing.T) {
	one := initializers.RandomNormal{Seed: new(1)}
	for name, build := range map[string]func(stateful bool) statefulLayer{
		"RNN": func(s bool) statefulLayer {
			cells := []layers.Cell{&layers.GRUCell{Units: 2, RecurrentInitializer: one}, &layers.LSTMCell{Units: 3, RecurrentInitializer: one}}
			return &layers.RNN{Cells: cells, ReturnSequences: true, Stateful: s}
		},
		"ConvLSTM1D": func(s bool) statefulLayer {
			return &layers.ConvLSTM1D{Filters: 2, KernelSize: []int{2}, ReturnSequences: true, Stateful: s, RecurrentInitializer: one}
		},
		"ConvLSTM1D, channels first": func(s bool) statefulLayer {
			return &layers.ConvLSTM1D{
				Filters: 2, KernelSize: []int{2}, ReturnSequences: true, Stateful: s, RecurrentInitializer: one, DataFormat: layers.ChannelsFirst,
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := ramp(2, 4, 3)
			if name != "RNN" {
				x = ramp(2, 4, 3, 4)
			}
			whole := steps(step(t, compiled(t, build(false), x, false), x))
			stateful := build(true)
			p := compiled(t, stateful, window(t, x, 0, 2), false)
			require.InDeltaSlice(t, whole.at(0, 2), steps(step(t, p, window(t, x, 0, 2))).at(0, 2), 1e-6)
			require.InDeltaSlice(t, whole.at(2, 4), steps(step(t, p, window(t, x, 2, 4))).at(0, 2), 1e-6, "the state goes on")
			stateful.ResetStates()
			require.InDeltaSlice(t, whole.at(0, 2), steps(step(t, p, window(t, x, 0, 2))).at(0, 2), 1e-6, "the state is reset")
		})
	}
}

// steps makes the outputs of a step one axis.
func steps(s sequences) sequences {
	shape := s.Shape()
	y := s.Clone().(*tensor.Dense)
	if err := y.Reshape(shape[0], shape[1], shape.TotalSize()/shape[0]/shape[1]); err != nil {
		panic(err)
	}
	return sequences{y}
}
