package keras_test

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// A trial is a small model with data, large enough that its kernels share work among processors.
type trial struct {
	name  string
	build func() *keras.Model
	x, y  *tensor.Dense
}

func trials() []trial {
	const n = 40 // two batches of 16, and one of 8
	r := rand.New(rand.NewPCG(1, 2))
	y := tensor.New(tensor.WithShape(n), tensor.Of(tensor.Int32))
	for i := range y.Int32s() {
		y.Int32s()[i] = r.Int32N(4)
	}
	normal := func(shape ...int) *tensor.Dense {
		x := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
		for i := range x.Float32s() {
			x.Float32s()[i] = float32(r.NormFloat64())
		}
		return x
	}
	ids := tensor.New(tensor.WithShape(n, 6), tensor.Of(tensor.Int32))
	for i := range ids.Int32s() {
		ids.Int32s()[i] = r.Int32N(30)
	}
	head := func() layers.Layer { return &layers.Dense{Units: 4, Activation: activations.Softmax} }
	return []trial{
		{"mlp", func() *keras.Model {
			return keras.Sequential(&layers.Dense{Units: 96, Activation: activations.ReLU}, &layers.Dense{Units: 64, Activation: activations.Tanh}, head())
		}, normal(n, 120), y},
		{"cnn", func() *keras.Model {
			return keras.Sequential(&layers.Conv2D{Filters: 12, KernelSize: []int{3}, Activation: activations.ReLU}, &layers.BatchNormalization{}, &layers.MaxPooling2D{},
				&layers.Flatten{}, &layers.Dropout{Rate: 0.4}, head())
		}, normal(n, 12, 12, 3), y},
		{"text", func() *keras.Model {
			return keras.Sequential(&layers.Embedding{InputDim: 30, OutputDim: 24, MaskZero: true}, &layers.LSTM{Units: 24, Dropout: 0.2}, head())
		}, ids, y},
	}
}

// compiled is the trial's model, ready for training.
func (tr *trial) compiled(t *testing.T) *keras.Model {
	t.Helper()
	m := tr.build()
	require.NoError(t, m.Compile(keras.CompileOptions{
		Optimizer: &optimizers.Adam{LearningRate: 0.01}, Loss: losses.SparseCategoricalCrossentropy{}, Metrics: []metrics.Metric{&metrics.Accuracy{}}, Seed: 7,
	}))
	return m
}

// bits are the bits of all weights, random streams included.
func bits(m *keras.Model) []uint32 {
	var b []uint32
	for _, w := range m.Weights() {
		if w.DType() == ops.Int32 {
			for _, v := range w.Value().Int32s() {
				b = append(b, uint32(v))
			}
			continue
		}
		for _, v := range w.Float32s() {
			b = append(b, math.Float32bits(v))
		}
	}
	return b
}

// alongside runs f in many goroutines until the returned function is called, which hands back the first error.
func alongside(goroutines int, f func(i int) error) (stop func() error) {
	done := make(chan struct{})
	errs := make(chan error, goroutines)
	var wg sync.WaitGroup
	for i := range goroutines {
		wg.Go(func() {
			for {
				if err := f(i); err != nil {
					errs <- err
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	return func() error {
		close(done)
		wg.Wait()
		close(errs)
		return <-errs
	}
}

func TestSameSeedSameBits(t *testing.T) {
	ctx := t.Context()
	for _, tr := range trials() {
		t.Run(tr.name, func(t *testing.T) {
			var want []uint32
			var wantHistory *keras.History
			for _, processors := range []int{1, 2, 4} {
				for _, beside := range []int{0, 16} {
					old := runtime.GOMAXPROCS(processors)
					m := tr.compiled(t)
					stop := func() error { return nil }
					if beside > 0 {
						_, err := m.Predict(ctx, tr.x) // builds the model, so that goroutines do not race for that
						require.NoError(t, err)
						stop = alongside(beside, func(int) error { _, err := m.Predict(ctx, tr.x); return err })
					}
					h, err := m.Fit(ctx, tr.x, tr.y, keras.FitOptions{Epochs: 2, BatchSize: 16})
					require.NoError(t, stop())
					runtime.GOMAXPROCS(old)
					require.NoError(t, err)
					got := bits(m)
					if want == nil {
						want, wantHistory = got, h
					}
					require.Equal(t, want, got, "%d processors, %d goroutines predicting", processors, beside)
					require.Equal(t, wantHistory, h)
				}
			}
			require.NotEmpty(t, want)
		})
	}
}

func TestAnotherSeedOtherBits(t *testing.T) {
	tr := trials()[0]
	var all [][]uint32
	for seed := range uint64(2) {
		m := tr.build()
		require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.SparseCategoricalCrossentropy{}, Seed: seed + 1}))
		_, err := m.Predict(t.Context(), tr.x)
		require.NoError(t, err)
		all = append(all, bits(m))
	}
	require.NotEqual(t, all[0], all[1])
}

func TestPredictAndEvaluateWhileFitRuns(t *testing.T) {
	ctx := t.Context()
	for _, tr := range trials() {
		t.Run(tr.name, func(t *testing.T) {
			m := tr.compiled(t)
			stop := alongside(16, func(i int) error {
				if i%2 == 0 {
					p, err := m.Predict(ctx, tr.x, keras.PredictOptions{BatchSize: 8 + i})
					if err != nil {
						return err
					}
					return probabilities(p)
				}
				logs, err := m.Evaluate(ctx, tr.x, tr.y, keras.EvaluateOptions{BatchSize: 8 + i})
				if err == nil && (math.IsNaN(logs["loss"]) || logs["accuracy"] < 0 || logs["accuracy"] > 1) {
					err = errors.Errorf("evaluate: %v", logs)
				}
				return err
			})
			_, err := m.Fit(ctx, tr.x, tr.y, keras.FitOptions{Epochs: 3, BatchSize: 16})
			require.NoError(t, stop())
			require.NoError(t, err)

			want, err := m.Predict(ctx, tr.x)
			require.NoError(t, err)
			require.NoError(t, alongside(16, func(int) error {
				p, err := m.Predict(ctx, tr.x)
				for i := range want.Float32s() {
					if err == nil && p.Float32s()[i] != want.Float32s()[i] {
						err = errors.Errorf("element %d: %v, alone it is %v", i, p.Float32s()[i], want.Float32s()[i])
					}
				}
				return err
			})())
		})
	}
}

// probabilities checks that rows sum to 1.
func probabilities(p *tensor.Dense) error {
	n, width := p.Shape()[0], p.Shape()[1]
	for i := range n {
		sum := 0.0
		for _, v := range p.Float32s()[i*width : (i+1)*width] {
			sum += float64(v)
		}
		if !(math.Abs(sum-1) < 1e-4) {
			return errors.Errorf("row %d sums to %v", i, sum)
		}
	}
	return nil
}

// usesModel uses a model from within its own training.
type usesModel struct {
	callbacks.Base
	t        *testing.T
	m        *keras.Model
	tr       *trial
	calls    int
	cancel   func()
	cancelAt int
}

// OnTrainBatchEnd implements [callbacks.Callback].
func (c *usesModel) OnTrainBatchEnd(r *callbacks.Run, batch int, _ callbacks.Logs) error {
	c.calls++
	if c.calls == c.cancelAt {
		c.cancel()
		return nil
	}
	p, err := c.m.Predict(r.Context(), c.tr.x)
	if err != nil {
		return err
	}
	return probabilities(p)
}

// OnEpochEnd implements [callbacks.Callback].
func (c *usesModel) OnEpochEnd(r *callbacks.Run, _ int, logs callbacks.Logs) error {
	_, err := c.m.Fit(r.Context(), c.tr.x, c.tr.y, keras.FitOptions{})
	require.ErrorIs(c.t, err, keras.ErrTraining)
	_, err = c.m.TrainOnBatch(r.Context(), c.tr.x, c.tr.y)
	require.ErrorIs(c.t, err, keras.ErrTraining)
	require.ErrorIs(c.t, c.m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}}), keras.ErrTraining)
	before := logs["loss"]
	_, err = c.m.Evaluate(r.Context(), c.tr.x, c.tr.y)
	require.Equal(c.t, before, logs["loss"], "evaluation inside of a callback must leave the epoch's results alone")
	return err
}

func TestModelIsUsableFromCallbacks(t *testing.T) {
	for _, tr := range trials() {
		t.Run(tr.name, func(t *testing.T) {
			m, alone := tr.compiled(t), tr.compiled(t)
			c := &usesModel{t: t, m: m, tr: &tr}
			h, err := m.Fit(t.Context(), tr.x, tr.y, keras.FitOptions{Epochs: 2, BatchSize: 16, Callbacks: []callbacks.Callback{c}})
			require.NoError(t, err)
			require.Equal(t, 6, c.calls)
			want, err := alone.Fit(t.Context(), tr.x, tr.y, keras.FitOptions{Epochs: 2, BatchSize: 16})
			require.NoError(t, err)
			require.Equal(t, want, h)
			require.Equal(t, bits(alone), bits(m))
		})
	}
}

func TestCancelledFitGoesOn(t *testing.T) {
	for _, tr := range trials() {
		t.Run(tr.name, func(t *testing.T) {
			m := tr.compiled(t)
			ctx, cancel := context.WithCancel(t.Context())
			c := &usesModel{t: t, m: m, tr: &tr, cancel: cancel, cancelAt: 5}
			h, err := m.Fit(ctx, tr.x, tr.y, keras.FitOptions{Epochs: 9, BatchSize: 16, Callbacks: []callbacks.Callback{c}})
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, []int{0}, h.Epoch, "the second of three batches of the second epoch was the last")
			require.Equal(t, 5, c.calls)

			before := bits(m)
			again, err := m.Fit(t.Context(), tr.x, tr.y, keras.FitOptions{Epochs: 12, BatchSize: 16})
			require.NoError(t, err)
			require.NotEqual(t, before, bits(m))
			loss := again.Metrics["loss"]
			require.Less(t, loss[len(loss)-1], h.Metrics["loss"][0])
		})
	}
}

func TestOneModelManySizesAtOnce(t *testing.T) {
	tr := trials()[0]
	m := tr.compiled(t)
	want, err := m.Predict(t.Context(), tr.x)
	require.NoError(t, err)
	var wg sync.WaitGroup
	errs := make(chan error, 16)
	for i := range 16 {
		wg.Go(func() {
			p, err := m.Predict(t.Context(), tr.x, keras.PredictOptions{BatchSize: 1 + 3*i})
			for k := range want.Float32s() {
				if err == nil && math.Abs(float64(p.Float32s()[k]-want.Float32s()[k])) > 1e-5 {
					err = errors.Errorf("batches of %d: element %d is %v, expected %v", 1+3*i, k, p.Float32s()[k], want.Float32s()[k])
				}
			}
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
}

func TestManyGoroutinesBuildOnce(t *testing.T) {
	for _, tr := range trials() {
		t.Run(tr.name, func(t *testing.T) {
			m := tr.build()
			results, errs := make([]*tensor.Dense, 16), make([]error, 16)
			var wg sync.WaitGroup
			for i := range results {
				wg.Go(func() { results[i], errs[i] = m.Predict(t.Context(), tr.x) })
			}
			wg.Wait()
			for i := range results {
				require.NoError(t, errs[i])
				require.Equal(t, results[0].Float32s(), results[i].Float32s())
			}
		})
	}
}
