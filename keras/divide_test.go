package keras_test

import (
	"math"
	"testing"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// counter counts the batches of evaluations.
type counter struct {
	callbacks.Base
	n int
}

func (c *counter) OnTestBatchEnd(*callbacks.Run, int, callbacks.Logs) error {
	c.n++
	return nil
}

// Where a number of batches is given and their size is not, all samples are in them, as in Keras: two of a hundred samples hold fifty each, not 32.
func TestStepsDivideTheSamples(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1})
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}, Seed: 3}))
	values := make([]float32, 100)
	for i := range values {
		values[i] = float32(i) / 100
	}
	x := column(values...)
	out, err := m.Predict(t.Context(), x, keras.PredictOptions{Steps: 2})
	require.NoError(t, err)
	require.Equal(t, 100, out.Shape()[0])
	out, err = m.Predict(t.Context(), x, keras.PredictOptions{Steps: 2, BatchSize: 32})
	require.NoError(t, err)
	require.Equal(t, 64, out.Shape()[0])

	all, err := m.Evaluate(t.Context(), x, x)
	require.NoError(t, err)
	c := &counter{}
	logs, err := m.Evaluate(t.Context(), x, x, keras.EvaluateOptions{Steps: 2, Callbacks: []callbacks.Callback{c}})
	require.NoError(t, err)
	require.InDelta(t, all["loss"], logs["loss"], 1e-6)
	require.Equal(t, 2, c.n)

	for name, o := range map[string]keras.FitOptions{
		"data":  {ValidationData: data.Batch{X: []*tensor.Dense{x}, Y: []*tensor.Dense{x}}},
		"split": {ValidationSplit: 0.75},
	} {
		c := &counter{}
		o.ValidationSteps, o.Shuffle, o.Callbacks = 2, new(false), []callbacks.Callback{c}
		h, err := m.Fit(t.Context(), x, x, o)
		require.NoError(t, err)
		require.Equal(t, 2, c.n, name)
		held := column(values[25:]...)
		if name == "data" {
			held = x
		}
		all, err := m.Evaluate(t.Context(), held, held)
		require.NoError(t, err)
		require.InDelta(t, all["loss"], h.Metrics["val_loss"][0], 1e-6, name)
	}
	h, err := m.Fit(t.Context(), x, x, keras.FitOptions{StepsPerEpoch: math.MaxInt})
	require.NoError(t, err)
	require.Len(t, h.Metrics["loss"], 1)
}
