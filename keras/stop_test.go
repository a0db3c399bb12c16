package keras_test

import (
	"context"
	"testing"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// stopper stops whatever runs after its first batch.
type stopper struct {
	callbacks.Base
	panics bool
}

func (s *stopper) OnTestBatchEnd(*callbacks.Run, int, callbacks.Logs) error { return s.stop() }
func (s *stopper) OnPredictBatchEnd(*callbacks.Run, int) error              { return s.stop() }

func (s *stopper) stop() error {
	if s.panics {
		panic("careless")
	}
	return callbacks.ErrStop
}

func line(t *testing.T) (*keras.Model, *tensor.Dense) {
	t.Helper()
	m := keras.Sequential(&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1})
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}, Seed: 1}))
	return m, tensor.New(tensor.WithShape(8, 1), tensor.WithBacking([]float32{0, 1, 2, 3, 4, 5, 6, 7}))
}

func TestStopIsQuiet(t *testing.T) {
	m, x := line(t)
	ctx := context.Background()
	o := keras.EvaluateOptions{BatchSize: 2, Callbacks: []callbacks.Callback{&stopper{}}}
	logs, err := m.Evaluate(ctx, x, x, o)
	require.NoError(t, err)
	require.Contains(t, logs, "loss")
	p, err := m.Predict(ctx, x, o)
	require.NoError(t, err)
	require.Equal(t, tensor.Shape{2, 1}, p.Shape())
	h, err := m.Fit(ctx, x, x, keras.FitOptions{
		Epochs: 5, ValidationData: data.Batch{X: []*tensor.Dense{x}, Y: []*tensor.Dense{x}}, Callbacks: o.Callbacks,
	})
	require.NoError(t, err)
	require.Equal(t, []int{0}, h.Epoch, "the epoch whose validation was stopped counts, and is the last")
	require.Len(t, h.Metrics["val_loss"], 1)
}

func TestPanicsOfUsersAreErrors(t *testing.T) {
	m, x := line(t)
	ctx := context.Background()
	o := keras.EvaluateOptions{Callbacks: []callbacks.Callback{&stopper{panics: true}}}
	_, err := m.Evaluate(ctx, x, x, o)
	require.ErrorContains(t, err, "panic: careless")
	_, err = m.Predict(ctx, x, o)
	require.ErrorContains(t, err, "panic: careless")
	_, err = m.Fit(ctx, x, x, keras.FitOptions{ValidationSplit: 0.5, Callbacks: o.Callbacks})
	require.ErrorContains(t, err, "panic: careless")
	_, err = m.Fit(ctx, x, x, keras.FitOptions{})
	require.NoError(t, err, "the model is whole and can go on")

	step := keras.NewStep(func(*keras.Step, ...ops.Tensor) ops.Tensor { panic("careless") }, m)
	_, err = step.Run(ctx, x)
	require.ErrorContains(t, err, "careless")
}

func TestWeightsBeyondAllMemoryAreRefused(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{1 << 30}}, &layers.Dense{Units: 1 << 30})
	require.ErrorContains(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}}), "dense (Dense)")
}
