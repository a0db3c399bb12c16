package keras_test

import (
	"iter"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// layouts are the matrix {{1, 2, 3}, {4, 5, 6}}, laid out in memory in several ways.
func layouts(t *testing.T) map[string]*tensor.Dense {
	t.Helper()
	transposed := tensor.New(tensor.WithShape(3, 2), tensor.WithBacking([]float32{1, 4, 2, 5, 3, 6}))
	require.NoError(t, transposed.T())
	wide := tensor.New(tensor.WithShape(2, 5), tensor.WithBacking([]float32{9, 1, 2, 3, 9, 9, 4, 5, 6, 9}))
	columns, err := wide.Slice(nil, tensor.S(1, 4))
	require.NoError(t, err)
	tall := tensor.New(tensor.WithShape(4, 3), tensor.WithBacking([]float32{9, 9, 9, 1, 2, 3, 4, 5, 6, 9, 9, 9}))
	rows, err := tall.Slice(tensor.S(1, 3))
	require.NoError(t, err)
	return map[string]*tensor.Dense{
		"transposed":   transposed,
		"columns":      columns.(*tensor.Dense),
		"rows":         rows.(*tensor.Dense),
		"column major": tensor.New(tensor.WithShape(2, 3), tensor.AsFortran([]float32{1, 2, 3, 4, 5, 6})),
	}
}

// What counts is what an array holds, not how it lies in memory.
func TestArraysOfAnyLayout(t *testing.T) {
	pass := keras.Sequential(&layers.Input{Shape: []int{3}}, &layers.Reshape{TargetShape: []int{3}})
	require.NoError(t, pass.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}}))
	step := keras.NewStep(func(s *keras.Step, in ...ops.Tensor) ops.Tensor {
		s.Output("x", ops.Add(in[0], ops.Scalar(0)))
		return ops.Mean(in[0])
	})
	want := []float32{1, 2, 3, 4, 5, 6}
	zero := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking(make([]float32, 6)))
	const loss = 91. / 6 // the mean of the squares
	for name, x := range layouts(t) {
		t.Run(name, func(t *testing.T) {
			p, err := pass.Predict(t.Context(), x)
			require.NoError(t, err)
			assert.Equal(t, want, p.Float32s())

			once := data.FromGenerator(1, func(uint64, int) iter.Seq2[data.Batch, error] {
				return func(yield func(data.Batch, error) bool) {
					yield(data.Batch{X: []*tensor.Dense{x}, Y: []*tensor.Dense{zero}}, nil)
				}
			})
			out, err := pass.PredictDataset(t.Context(), once)
			require.NoError(t, err)
			assert.Equal(t, want, out[0].Float32s())

			logs, err := pass.TestOnBatch(t.Context(), x, zero)
			require.NoError(t, err)
			assert.InDelta(t, loss, logs["loss"], 1e-5)

			r, err := step.Run(t.Context(), x)
			require.NoError(t, err)
			assert.Equal(t, want, r.Output("x").Float32s())

			c, err := ops.Evaluate(ops.Add(ops.Array(x), ops.Scalar(0)))
			require.NoError(t, err)
			assert.Equal(t, want, c.Float32s())
		})
	}
}
