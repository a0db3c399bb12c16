package keras_test

import (
	"testing"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// What is nil, with or without a type, is an error that says what.
func TestNilIsAnError(t *testing.T) {
	x := tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float32{1, 2}))
	model := func() *keras.Model { return keras.Sequential(&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1}) }
	mse := losses.MeanSquaredError{}
	for want, do := range map[string]func() error{
		"expected a layer, got nil": func() error {
			return keras.Apply(nil, keras.Input(layers.Input{Shape: []int{1}})).Err()
		},
		"got a losses.MeanSquaredError and a nil *optimizers.Adam": func() error {
			return model().Compile(keras.CompileOptions{Loss: mse, Optimizer: (*optimizers.Adam)(nil)})
		},
		"a metric is nil": func() error {
			return model().Compile(keras.CompileOptions{Loss: mse, Metrics: []metrics.Metric{(*metrics.Accuracy)(nil)}})
		},
		"callback 0 is nil": func() error {
			m := model()
			require.NoError(t, m.Compile(keras.CompileOptions{Loss: mse}))
			_, err := m.Fit(t.Context(), x, x, keras.FitOptions{Callbacks: []callbacks.Callback{nil}})
			return err
		},
		"expected a function that records the step, got nil": func() error {
			_, err := keras.NewStep(nil).Run(t.Context(), x)
			return err
		},
	} {
		t.Run(want, func(t *testing.T) { assert.ErrorContains(t, do(), want) })
	}
}

func TestStepsLossIsOneNumber(t *testing.T) {
	x := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking(make([]float32, 6)))
	for want, define := range map[string]func(*keras.Step, ...ops.Tensor) ops.Tensor{
		"the loss has shape [2 3]": func(_ *keras.Step, in ...ops.Tensor) ops.Tensor { return ops.Square(in[0]) },
		"an added loss has shape [2 3]": func(s *keras.Step, in ...ops.Tensor) ops.Tensor {
			s.AddLoss(ops.Square(in[0]))
			return ops.Mean(in[0])
		},
	} {
		_, err := keras.NewStep(define).Run(t.Context(), x)
		assert.ErrorContains(t, err, want)
	}
}
