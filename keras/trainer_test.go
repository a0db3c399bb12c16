package keras_test

import (
	"context"
	"testing"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// observer is a trainer that notes the data it is given.
type observer struct {
	seed   uint64
	seen   []float32
	tested int
	stop   func()
}

func (o *observer) Seed() uint64 { return o.seed }

func (o *observer) TrainStep(_ context.Context, b data.Batch) (callbacks.Logs, error) {
	o.seen = append(o.seen, b.X[0].Float32s()...)
	return callbacks.Logs{"loss": 1}, nil
}

func (o *observer) TestStep(context.Context, data.Batch) (callbacks.Logs, error) {
	o.tested++
	if o.stop != nil {
		o.stop()
	}
	return callbacks.Logs{"loss": 2}, nil
}

func (*observer) Weights() []*layers.Weight { return nil }

func numbers(n int) data.Pipeline {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(i)
	}
	return data.FromTensorSlices(tensor.New(tensor.WithShape(n, 1), tensor.WithBacking(v)), nil)
}

func TestFitTrainerRepeatsWithASeed(t *testing.T) {
	run := func(seed uint64) []float32 {
		o := &observer{seed: seed}
		_, err := keras.FitTrainer(t.Context(), o, numbers(20).Shuffle(20).Batch(8), keras.FitOptions{Epochs: 2})
		require.NoError(t, err)
		return o.seen
	}
	assert.Equal(t, run(7), run(7))
	assert.NotEqual(t, run(7), run(8))
}

func TestFitTrainerValidatesAfterEverySoManyEpochs(t *testing.T) {
	o := &observer{}
	d := numbers(6).Batch(2)
	h, err := keras.FitTrainer(t.Context(), o, d, keras.FitOptions{Epochs: 4, ValidationDataset: d, ValidationFreq: 2})
	require.NoError(t, err)
	assert.Equal(t, 2*3, o.tested)
	assert.Len(t, h.Metrics["val_loss"], 2)
}

func TestFitTrainerStopsWithinAnEvaluation(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	o := &observer{stop: stop}
	d := numbers(6).Batch(2)
	_, err := keras.FitTrainer(ctx, o, d, keras.FitOptions{Epochs: 4, ValidationDataset: d})
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, o.tested)
}
