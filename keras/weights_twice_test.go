package keras_test

import (
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func TestSampleWeightsAreGivenOnce(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1})
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}}))
	x := []*tensor.Dense{column(1, 2)}
	w := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{1, 3}))
	_, err := m.FitArrays(t.Context(), data.Batch{X: x, Y: x, SampleWeight: []*tensor.Dense{w}}, keras.FitOptions{SampleWeight: w})
	require.ErrorContains(t, err, "got both")
}
