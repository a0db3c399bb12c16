package keras_test

import (
	"testing"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
)

// A callback that has trained one model, as in a loop over folds, does to the next one what a new callback does.
func TestSwapEMAWeightsServesSeveralModels(t *testing.T) {
	train := func(c *callbacks.SwapEMAWeights) []float32 {
		m := keras.Sequential(&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1})
		require.NoError(t, m.Compile(keras.CompileOptions{
			Loss: losses.MeanSquaredError{}, Optimizer: &optimizers.SGD{Base: optimizers.Base{UseEMA: true}}, Seed: 3,
		}))
		_, err := m.Fit(t.Context(), column(1, 2, 3, 4), column(2, 4, 6, 8), keras.FitOptions{Epochs: 2, Callbacks: []callbacks.Callback{c}})
		require.NoError(t, err)
		return m.Weights()[0].Float32s()
	}
	c := &callbacks.SwapEMAWeights{SwapOnEpoch: true}
	want := train(c)
	require.Equal(t, want, train(c))
}
