package keras_test

import (
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// TestManyOutputsKeepTheirOrder predicts with more outputs than a digit counts.
func TestManyOutputsKeepTheirOrder(t *testing.T) {
	in := keras.Input(layers.Input{Shape: []int{1}})
	var outs []ops.Tensor
	for i := range 13 {
		outs = append(outs, ops.Add(in, ops.Scalar(float64(i))))
	}
	p, err := keras.NewModel([]ops.Tensor{in}, outs).Predict(t.Context(), column(100))
	require.Error(t, err)
	require.Nil(t, p)
	all, err := keras.NewModel([]ops.Tensor{in}, outs).PredictArrays(t.Context(), []*tensor.Dense{column(100)})
	require.NoError(t, err)
	require.Len(t, all, 13)
	for i, a := range all {
		require.Equal(t, []float32{float32(100 + i)}, a.Float32s())
	}
}
