package keras_test

import (
	"iter"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
)

// begun counts how often a data set is run through.
type begun struct {
	data.Dataset
	n int
}

func (d *begun) Batches(seed uint64, epoch int) iter.Seq2[data.Batch, error] {
	d.n++
	return d.Dataset.Batches(seed, epoch)
}

func TestDataSetIsBegunOnceAnEpoch(t *testing.T) {
	x := column(1, 2, 3, 4)
	for want, ls := range map[int][]layers.Layer{
		3: {&layers.Dense{Units: 1}}, // The first batch's shape builds the model.
		2: {&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1}},
	} {
		m := keras.Sequential(ls...)
		require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}}))
		d := &begun{Dataset: data.FromTensorSlices(x, x).Batch(2)}
		_, err := m.FitDataset(t.Context(), d, keras.FitOptions{Epochs: 2})
		require.NoError(t, err)
		require.Equal(t, want, d.n)
		_, err = m.FitDataset(t.Context(), d, keras.FitOptions{Epochs: 2})
		require.NoError(t, err)
		require.Equal(t, want+2, d.n, "built by then")
	}
	m := keras.Sequential(&layers.Input{Shape: []int{2}}, &layers.Dense{Units: 1})
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}}))
	_, err := m.FitDataset(t.Context(), data.FromTensorSlices(x, x).Batch(2), keras.FitOptions{})
	require.ErrorContains(t, err, "keras: input 0: expected shape (None, 2), got (2, 1)")
}
