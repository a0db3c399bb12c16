package keras_test

import (
	"math"
	"testing"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func column(v ...float32) *tensor.Dense {
	return tensor.New(tensor.WithShape(len(v), 1), tensor.WithBacking(v))
}

func twoOutputs() *keras.Model {
	in := keras.Input(layers.Input{Shape: []int{1}})
	a := keras.Apply(layers.Named("a", &layers.Dense{Units: 1}), in)
	b := keras.Apply(layers.Named("b", &layers.Dense{Units: 1}), in)
	return keras.NewModel([]ops.Tensor{in}, []ops.Tensor{a, b})
}

func TestOptionsThatCannotBe(t *testing.T) {
	mse := losses.MeanSquaredError{}
	m := twoOutputs()
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: mse}))
	x := column(1, 2)
	b := data.Batch{X: []*tensor.Dense{x}, Y: []*tensor.Dense{x, x}}
	fit := func(o keras.FitOptions) error { _, err := m.FitArrays(t.Context(), b, o); return err }
	assert.ErrorContains(t, fit(keras.FitOptions{BatchSize: -1}), "batch size -1")
	assert.ErrorContains(t, fit(keras.FitOptions{Epochs: -1}), "Epochs: expected 0 or more, got -1")
	assert.ErrorContains(t, fit(keras.FitOptions{ValidationFreq: -2}), "ValidationFreq: expected 0 or more, got -2")
	_, err := keras.FitTrainer(t.Context(), &observer{}, numbers(2).Batch(1), keras.FitOptions{Epochs: -1})
	assert.ErrorContains(t, err, "Epochs: expected 0 or more, got -1")
	assert.ErrorContains(t, fit(keras.FitOptions{ValidationEpochs: []int{0}}), "ValidationEpochs: expected epochs from 1 on, got 0")
	assert.ErrorContains(t, fit(keras.FitOptions{ClassWeight: map[int]float64{0: 1}}), "labels of one output, got 2")
	b.SampleWeight = []*tensor.Dense{x, x, x}
	assert.ErrorContains(t, fit(keras.FitOptions{}), "3 arrays of sample weights")
	_, err = m.FitDataset(t.Context(), data.FromArrays(b).Batch(2), keras.FitOptions{})
	assert.ErrorContains(t, err, "3 arrays of sample weights")
	_, err = m.FitDataset(t.Context(), nil, keras.FitOptions{})
	assert.ErrorContains(t, err, "got nil")
	err = m.Compile(keras.CompileOptions{Loss: mse, Metrics: []metrics.Metric{&metrics.MeanAbsoluteError{}}})
	assert.ErrorContains(t, err, "one for each of 2 outputs")
	assert.ErrorContains(t, m.Compile(keras.CompileOptions{Loss: mse, Metrics: []metrics.Metric{metrics.Named{"c": nil}}}), `"c"`)
	assert.ErrorContains(t, m.Compile(keras.CompileOptions{Loss: mse, Metrics: []metrics.Metric{metrics.Word("nose"), metrics.Word("mse")}}), `"nose"`)
}

func TestUintIsANumber(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{2}, DType: ops.Int32}, &layers.Reshape{TargetShape: []int{2}})
	p, err := m.Predict(t.Context(), tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]uint{3, 4})))
	require.NoError(t, err)
	assert.Equal(t, []int32{3, 4}, p.Int32s())
}

// The element is counted in the array that the caller gave, whatever the order and the batch that it is met in.
func TestNumberThatDoesNotFitIsFound(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{2}, DType: ops.Int32}, &layers.Embedding{InputDim: 9, OutputDim: 1}, &layers.Flatten{})
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}}))
	ids := tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]int64{0, 1, 2, 3, 4, 1 << 40, 6, 7}))
	y := tensor.New(tensor.WithShape(4, 2), tensor.WithBacking(make([]float32, 8)))
	for _, shuffle := range []bool{false, true} {
		_, err := m.Fit(t.Context(), ids, y, keras.FitOptions{BatchSize: 1, Shuffle: &shuffle})
		assert.ErrorContains(t, err, "input 0: element 5 is 1099511627776")
	}
}

// asker asks for the direction of a metric.
type asker struct{ callbacks.Base }

func (asker) OnEpochEnd(r *callbacks.Run, _ int, _ callbacks.Logs) error {
	r.Model.(callbacks.Director).MetricMode("mean_absolute_error")
	return nil
}

// A caller's slice with room behind its end is not written to.
func TestMetricsAreNotWrittenBehindTheirEnd(t *testing.T) {
	room := []metrics.Metric{&metrics.MeanAbsoluteError{}, nil}
	m := keras.Sequential(&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1})
	require.NoError(t, m.Compile(keras.CompileOptions{
		Loss: losses.MeanSquaredError{}, Metrics: room[:1], WeightedMetrics: []metrics.Metric{&metrics.MeanSquaredError{}},
	}))
	_, err := m.Fit(t.Context(), column(1, 2), column(1, 2), keras.FitOptions{Callbacks: []callbacks.Callback{asker{}}})
	require.NoError(t, err)
	assert.Nil(t, room[1])
}

// A step on a batch weighs samples as Fit does.
func TestBatchesAreWeighed(t *testing.T) {
	x, y := column(1, 2, 3), column(0, 1, 1)
	train := func(step func(m *keras.Model) error) []float32 {
		m := keras.Sequential(&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1})
		require.NoError(t, m.Compile(keras.CompileOptions{Optimizer: &optimizers.SGD{}, Loss: losses.MeanSquaredError{}, Seed: 1}))
		require.NoError(t, step(m))
		return m.Weights()[0].Float32s()
	}
	byFit := train(func(m *keras.Model) error {
		_, err := m.Fit(t.Context(), x, y, keras.FitOptions{Shuffle: new(false), ClassWeight: map[int]float64{1: 3}})
		return err
	})
	byClass := train(func(m *keras.Model) error {
		_, err := m.TrainOnBatch(t.Context(), x, y, keras.TrainOnBatchOptions{ClassWeight: map[int]float64{1: 3}})
		return err
	})
	bySample := train(func(m *keras.Model) error {
		_, err := m.TrainOnBatch(t.Context(), x, y, keras.TrainOnBatchOptions{SampleWeight: tensor.New(tensor.WithBacking([]float32{1, 3, 3}))})
		return err
	})
	plain := train(func(m *keras.Model) error { _, err := m.TrainOnBatch(t.Context(), x, y); return err })
	assert.Equal(t, byFit, byClass)
	assert.Equal(t, byFit, bySample)
	assert.NotEqual(t, byFit, plain)
}

// Numbers that are none are refused by the name of their argument when the model is compiled.
func TestArgumentsAreNumbers(t *testing.T) {
	mse := losses.MeanSquaredError{}
	for want, o := range map[string]keras.CompileOptions{
		"losses.Huber: Delta: expected a number, got NaN":                         {Loss: losses.Huber{Delta: new(math.NaN())}},
		"losses.BinaryCrossentropy: LabelSmoothing: expected a number, got +Inf":  {Loss: losses.BinaryCrossentropy{LabelSmoothing: math.Inf(1)}},
		"losses.CategoricalFocalCrossentropy: Alpha: expected a number, got -Inf": {Loss: losses.CategoricalFocalCrossentropy{Alpha: []float64{1, math.Inf(-1)}}},
		"metrics.BinaryAccuracy: Threshold: expected a number, got NaN":           {Loss: mse, Metrics: []metrics.Metric{&metrics.BinaryAccuracy{Threshold: new(math.NaN())}}},
	} {
		m := keras.Sequential(&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1})
		assert.ErrorContains(t, m.Compile(o), want)
	}
}
