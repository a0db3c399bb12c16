package keras_test

import (
	"context"
	"testing"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
)

// untested is a trainer without TestStep.
type untested struct{}

func (untested) TrainStep(context.Context, data.Batch) (callbacks.Logs, error) {
	return callbacks.Logs{"loss": 1}, nil
}

func (untested) Weights() []*layers.Weight { return nil }

func TestValidationNeedsATester(t *testing.T) {
	x := column(1, 2)
	d := data.FromTensorSlices(x, x).Batch(1)
	_, err := keras.FitTrainer(t.Context(), untested{}, d, keras.FitOptions{ValidationDataset: d})
	require.ErrorContains(t, err, "expected a trainer with a method TestStep, got keras_test.untested")
	h, err := keras.FitTrainer(t.Context(), untested{}, d, keras.FitOptions{})
	require.NoError(t, err)
	require.Equal(t, []float64{1}, h.Metrics["loss"])
}
