package keras_test

import (
	"math"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNonsenseIsRefused(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{1}}, layers.Named("out", &layers.Dense{Units: 1}))
	mse := losses.MeanSquaredError{}
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: mse}))
	x := column(1, 2, 3, 4)
	ctx, set := t.Context(), data.FromTensorSlices(x, x).Batch(2)
	for want, do := range map[string]func() error{
		`LossWeights: output "out": expected a number, got NaN`: func() error {
			return m.Compile(keras.CompileOptions{Loss: mse, LossWeights: []float64{math.NaN()}})
		},
		`LossWeights: output "out": expected a number, got 1e+300`: func() error {
			return m.Compile(keras.CompileOptions{Loss: mse, LossWeights: []float64{1e300}})
		},
		"keras: Steps: expected 0 or more, got -1": func() error {
			_, err := m.EvaluateDataset(ctx, set, keras.EvaluateOptions{Steps: -1})
			return err
		},
		"keras: Steps: expected 0 or more, got -2": func() error {
			_, err := m.Predict(ctx, x, keras.PredictOptions{Steps: -2})
			return err
		},
		"keras: Verbose: expected 0, 1 or 2, got 3": func() error {
			_, err := m.Fit(ctx, x, x, keras.FitOptions{Verbose: 3})
			return err
		},
		"keras: Verbose: expected 0, 1 or 2, got -1": func() error {
			_, err := m.Evaluate(ctx, x, x, keras.EvaluateOptions{Verbose: -1})
			return err
		},
		"keras: BatchSize: expected 0, as a data set has its own batches, got 4": func() error {
			_, err := m.PredictDataset(ctx, set, keras.PredictOptions{BatchSize: 4})
			return err
		},
		"keras: expected a data set, got nil": func() error {
			_, err := m.EvaluateDataset(ctx, nil)
			return err
		},
		"keras: ValidationDataset: expected a data set, got a nil *data.Pipeline": func() error {
			_, err := m.Fit(ctx, x, x, keras.FitOptions{ValidationDataset: (*data.Pipeline)(nil)})
			return err
		},
	} {
		assert.ErrorContains(t, do(), want)
	}
	_, err := m.PredictDataset(ctx, nil)
	require.ErrorContains(t, err, "expected a data set, got nil")
}
