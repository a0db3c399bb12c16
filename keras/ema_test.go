package keras_test

import (
	"context"
	"slices"
	"testing"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
)

// averaged is a model with averages of its weights, and its kernel.
func averaged(t *testing.T) (*keras.Model, []float32) {
	t.Helper()
	m := keras.Sequential(&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1})
	require.NoError(t, m.Compile(keras.CompileOptions{
		Loss: losses.MeanSquaredError{}, Optimizer: &optimizers.SGD{Base: optimizers.Base{UseEMA: true}}, Seed: 3,
	}))
	return m, m.Weights()[0].Float32s()
}

// A training without a step leaves the weights alone: there are no averages yet that could take their place.
func TestAveragesOfNoStep(t *testing.T) {
	x, y := column(1, 2, 3, 4), column(2, 4, 6, 8)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, fit := range map[string]func(m *keras.Model) error{
		"cancelled": func(m *keras.Model) error {
			_, err := m.Fit(cancelled, x, y, keras.FitOptions{})
			require.ErrorIs(t, err, context.Canceled)
			return nil
		},
		"no epochs": func(m *keras.Model) error {
			_, err := m.Fit(t.Context(), x, y, keras.FitOptions{Epochs: 2, InitialEpoch: 2})
			return err
		},
		"evaluation with averages": func(m *keras.Model) error {
			want, err := m.Evaluate(t.Context(), x, y)
			require.NoError(t, err)
			got, err := m.Evaluate(t.Context(), x, y, keras.EvaluateOptions{Callbacks: []callbacks.Callback{&callbacks.SwapEMAWeights{}}})
			require.Equal(t, want, got)
			return err
		},
	} {
		m, kernel := averaged(t)
		before := slices.Clone(kernel)
		require.NotZero(t, before[0])
		_, err := m.Fit(cancelled, x, y, keras.FitOptions{}) // The optimizer knows the weights from here on.
		require.ErrorIs(t, err, context.Canceled)
		require.NoError(t, fit(m), name)
		require.Equal(t, before, kernel, name)
	}
}
