package keras_test

import (
	"context"
	"math"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// badRate is a schedule that panics at its third step.
type badRate struct{}

func (badRate) At(step int) float64 {
	if step == 2 {
		panic("no rate for this step")
	}
	return 0.1
}

// badMetric panics.
type badMetric struct{ metrics.Mean }

func (*badMetric) Update(_, _, _ *tensor.Dense) error { panic("cannot measure this") }

// TestPanicsOfPartsAreErrors lets functions of users panic in every place; the model can be trained afterwards.
func TestPanicsOfPartsAreErrors(t *testing.T) {
	x, y := column(1, 2, 3, 4), column(2, 4, 6, 8)
	mse := losses.Loss(losses.MeanSquaredError{})
	panics := losses.Func("mine", func(ops.Tensor, ops.Tensor) ops.Tensor { panic("no loss for this") })
	for want, o := range map[string]keras.CompileOptions{
		"no rate for this step": {Loss: mse, Optimizer: &optimizers.SGD{Schedule: badRate{}}},
		"cannot measure this":   {Loss: mse, Metrics: []metrics.Metric{&badMetric{}}},
		"no loss for this":      {Loss: panics},
	} {
		m := keras.Sequential(&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1})
		require.NoError(t, m.Compile(o))
		_, err := m.Fit(t.Context(), x, y, keras.FitOptions{BatchSize: 1, Epochs: 2})
		require.ErrorContains(t, err, want)
		for range 3 { // The schedule panics at its third step, if not before.
			_, err = m.TrainOnBatch(t.Context(), x, y)
			if err != nil {
				break
			}
		}
		require.ErrorContains(t, err, want)
		if o.Metrics != nil {
			_, err = m.TestOnBatch(t.Context(), x, y)
			require.ErrorContains(t, err, want)
		}
		require.NoError(t, m.Compile(keras.CompileOptions{Loss: mse}))
		_, err = m.Fit(t.Context(), x, y, keras.FitOptions{})
		require.NoError(t, err, want)
	}
	m := keras.Sequential(&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1})
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: mse}))
	for _, c := range []callbacks.Callback{
		&callbacks.LearningRateScheduler{Schedule: func(int, float64) float64 { panic("no rate") }},
		&callbacks.FieldSchedule{Field: new(float64), Schedule: func(int, float64) float64 { panic("no value") }},
	} {
		_, err := m.Fit(t.Context(), x, y, keras.FitOptions{Callbacks: []callbacks.Callback{c}})
		require.ErrorContains(t, err, "panic: no ")
	}
	_, err := m.Fit(t.Context(), x, y, keras.FitOptions{})
	require.NoError(t, err)
}

// TestFieldsChangeInTraining lets a schedule turn dropout up to all, after which the model's output in training is its bias, while others predict.
func TestFieldsChangeInTraining(t *testing.T) {
	drop := &layers.Dropout{Rate: 0.1}
	m := keras.Sequential(&layers.Input{Shape: []int{1}}, drop, &layers.Dense{Units: 1})
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}, Optimizer: &optimizers.SGD{LearningRate: 0.001}, Seed: 2}))
	x, y := column(1, 2, 3, 4), column(2, 4, 6, 8)
	kernel := m.Weights()[1].Float32s() // behind the random stream
	var before []float32
	ctx, done := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			for ctx.Err() == nil {
				_, err := m.Predict(context.Background(), x)
				require.NoError(t, err)
			}
		})
	}
	_, err := m.Fit(t.Context(), x, y, keras.FitOptions{Epochs: 8, Callbacks: []callbacks.Callback{
		&callbacks.FieldSchedule{Field: &drop.Rate, Schedule: func(epoch int, value float64) float64 {
			if epoch >= 4 {
				return 1
			}
			return value
		}},
		&callbacks.LambdaCallback{EpochEnd: func(*callbacks.Run, int, callbacks.Logs) error {
			before = append(before, kernel[0])
			return nil
		}},
	}})
	done()
	wait.Wait()
	require.NoError(t, err)
	for epoch := range 7 {
		if moved := before[epoch+1] != before[epoch]; epoch < 3 {
			require.True(t, moved, "epoch %d", epoch+1)
		} else {
			require.False(t, moved, "epoch %d: nothing reaches the kernel", epoch+1)
		}
	}
}

// TestCallbacksReachWeights decays weights, bounds them, and exchanges them with their averages around each epoch's end.
func TestCallbacksReachWeights(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{2}}, &layers.Dense{Units: 3}, &layers.Dense{Units: 1})
	ema := optimizers.Base{UseEMA: true, EMAMomentum: new(0.5)}
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}, Optimizer: &optimizers.SGD{Base: ema, LearningRate: 0.05}, Seed: 4}))
	x := tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6, 7, 8}))
	var ended, began [][]float32
	note := func(into *[][]float32) {
		*into = append(*into, append([]float32{}, m.Weights()[0].Float32s()...))
	}
	dir := t.TempDir()
	_, err := m.Fit(t.Context(), x, column(1, 2, 3, 4), keras.FitOptions{Epochs: 3, Callbacks: []callbacks.Callback{
		&callbacks.MaxNorm{MaxValue: new(0.5)},
		&callbacks.SwapEMAWeights{SwapOnEpoch: true},
		&callbacks.LambdaCallback{
			EpochEnd:   func(*callbacks.Run, int, callbacks.Logs) error { note(&ended); return nil },
			EpochBegin: func(*callbacks.Run, int) error { note(&began); return nil },
		},
		&callbacks.ModelCheckpoint{Filepath: filepath.Join(dir, "{epoch:02d}-{loss:.2f}.weights.h5"), Monitor: "loss", SaveWeightsOnly: true},
		&callbacks.TensorBoard{LogDir: dir, HistogramFreq: 1},
	}})
	require.NoError(t, err)
	require.NotEqual(t, ended[0], began[1], "an epoch ends with the averages, and goes on with the weights")
	for unit := range 3 {
		norm := 0.0
		for i := range 2 {
			w := float64(began[2][3*i+unit])
			norm += w * w
		}
		require.LessOrEqual(t, math.Sqrt(norm), 0.5+1e-5)
	}
	files, err := filepath.Glob(filepath.Join(dir, "0?-*.weights.h5"))
	require.NoError(t, err)
	require.Len(t, files, 3)
	require.NoError(t, m.LoadWeights(files[2]))
	events, err := filepath.Glob(filepath.Join(dir, "train", "events.out.tfevents.*"))
	require.NoError(t, err)
	require.Len(t, events, 1)
}

// TestGraphNeedsNoWayOfTraining writes the graph of a model whose loss no file could hold.
func TestGraphNeedsNoWayOfTraining(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1})
	own := losses.Func("mine", func(yTrue, yPred ops.Tensor) ops.Tensor { return ops.Square(ops.Subtract(yTrue, yPred)) })
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: own}))
	_, err := m.Fit(t.Context(), column(1, 2), column(1, 2), keras.FitOptions{
		Callbacks: []callbacks.Callback{&callbacks.TensorBoard{LogDir: t.TempDir(), WriteGraph: new(true)}},
	})
	require.NoError(t, err)
}
