package keras_test

import (
	"iter"
	"testing"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// closes counts how often it is closed.
type closes struct {
	callbacks.Base
	n   int
	err error
}

func (c *closes) Close() error { c.n++; return c.err }

// TestEpochsOfSteps trains on a stream that knows no end of its own, in epochs of three steps, and lets go of it in every case.
func TestEpochsOfSteps(t *testing.T) {
	open := 0
	stream := data.FromGenerator(-1, func(uint64, int) iter.Seq2[data.Batch, error] {
		return func(yield func(data.Batch, error) bool) {
			open++
			defer func() { open-- }()
			for i := 0; ; i++ {
				x := column(float32(i))
				var err error
				if i == 8 {
					err = errors.New("the stream broke")
				}
				if !yield(data.Batch{X: []*tensor.Dense{x}, Y: []*tensor.Dense{x}}, err) {
					return
				}
			}
		}
	})
	m := keras.Sequential(&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1})
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}}))
	c := &closes{}
	h, err := m.FitDataset(t.Context(), stream, keras.FitOptions{Epochs: 2, StepsPerEpoch: 3, Callbacks: []callbacks.Callback{c}})
	require.NoError(t, err)
	require.Len(t, h.Epoch, 2)
	require.Zero(t, open)
	require.Equal(t, 1, c.n)

	c.err = errors.New("the disk is full")
	h, err = m.FitDataset(t.Context(), stream, keras.FitOptions{Epochs: 9, StepsPerEpoch: 3, Callbacks: []callbacks.Callback{c}})
	require.ErrorContains(t, err, "the stream broke") // and not the disk: the first error counts
	require.Len(t, h.Epoch, 2)
	require.Zero(t, open)
	_, err = m.FitDataset(t.Context(), stream, keras.FitOptions{StepsPerEpoch: 3, Callbacks: []callbacks.Callback{c}})
	require.ErrorContains(t, err, "closes.Close: the disk is full")
	require.Equal(t, 3, c.n)

	logs, err := m.EvaluateDataset(t.Context(), stream, keras.EvaluateOptions{Steps: 4})
	require.NoError(t, err)
	require.Contains(t, logs, "loss")
	p, err := m.PredictDataset(t.Context(), stream, keras.PredictOptions{Steps: 5})
	require.NoError(t, err)
	require.Equal(t, []int{5, 1}, []int(p[0].Shape()))
	require.Zero(t, open)
}
