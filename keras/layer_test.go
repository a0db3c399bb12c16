package keras_test

import (
	"slices"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// pictureEncoder is a model class: a layer with layers inside that it makes itself.
type pictureEncoder struct {
	layers.Base
	Filters int
	conv    layers.Conv2D
	dense   layers.Dense
}

// Setup implements [layers.Setter].
func (e *pictureEncoder) Setup() {
	e.conv = layers.Conv2D{Filters: e.Filters, KernelSize: []int{3}, Activation: activations.ReLU}
	e.dense = layers.Dense{Units: 2}
}

// Call implements [layers.Layer].
func (e *pictureEncoder) Call(b *layers.Builder, x ops.Tensor) ops.Tensor {
	return b.Apply(&e.dense, ops.Flatten(b.Apply(&e.conv, x)))
}

// steps counts the training steps that it has seen.
type steps struct{ layers.Base }

// Call implements [layers.Layer].
func (s *steps) Call(b *layers.Builder, x ops.Tensor) ops.Tensor {
	count := b.Weight("count", nil, layers.Spec{Initializer: initializers.Zeros{}, NonTrainable: true})
	if b.Training() {
		b.Update(count, ops.Add(count, ops.Scalar(1)))
	}
	return x
}

func compileMSE(t *testing.T, m *keras.Model) {
	t.Helper()
	require.NoError(t, m.Compile(keras.CompileOptions{Optimizer: &optimizers.SGD{LearningRate: 0.01}, Loss: losses.MeanSquaredError{}, Seed: 3}))
}

func weightPaths(ws []*layers.Weight) []string {
	var ps []string
	for _, w := range ws {
		ps = append(ps, w.Path)
	}
	return ps
}

func TestOwnModelTrains(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{4, 4, 1}}, &pictureEncoder{Filters: 3}, &steps{})
	compileMSE(t, m)
	require.Equal(t, []string{"picture_encoder/conv/kernel", "picture_encoder/conv/bias", "picture_encoder/dense/kernel", "picture_encoder/dense/bias", "steps/count"}, weightPaths(m.Weights()))
	h, err := m.Fit(t.Context(), ones(5, 4, 4, 1), ones(5, 2), keras.FitOptions{Epochs: 6, BatchSize: 2})
	require.NoError(t, err)
	loss := h.Metrics["loss"]
	require.Less(t, loss[5], loss[0])

	_, err = m.Evaluate(t.Context(), ones(5, 4, 4, 1), ones(5, 2))
	require.NoError(t, err)
	last := m.Weights()[4]
	require.Equal(t, []float32{18}, last.Float32s(), "three steps in each of six epochs; evaluation is none")
}

func TestFreezingCountsFromTheNextCompile(t *testing.T) {
	first, second := &layers.Dense{Units: 2}, &layers.Dense{Units: 1}
	m := keras.Sequential(&layers.Input{Shape: []int{3}}, first, second)
	fit := func() (changed bool) {
		before := slices.Clone(first.Weights()[0].Float32s())
		_, err := m.Fit(t.Context(), ones(4, 3), ones(4, 1), keras.FitOptions{})
		require.NoError(t, err)
		return !slices.Equal(before, first.Weights()[0].Float32s())
	}
	compileMSE(t, m)
	require.True(t, fit())
	first.SetTrainable(false)
	require.True(t, fit(), "not compiled since")
	compileMSE(t, m)
	require.False(t, fit())
	require.Equal(t, []string{"dense_1/kernel", "dense_1/bias"}, weightPaths(m.TrainableWeights()))
	first.SetTrainable(true)
	compileMSE(t, m)
	require.True(t, fit())
}

func TestFrozenNormalizationKeepsItsStatistics(t *testing.T) {
	norm := &layers.BatchNormalization{}
	norm.SetTrainable(false)
	m := keras.Sequential(&layers.Input{Shape: []int{3}}, norm, &layers.Dense{Units: 1})
	compileMSE(t, m)
	_, err := m.Fit(t.Context(), ones(4, 3), ones(4, 1), keras.FitOptions{Epochs: 2})
	require.NoError(t, err)
	require.Equal(t, []float32{0, 0, 0}, norm.Weights()[2].Float32s())
	require.Equal(t, []float32{1, 1, 1}, norm.Weights()[3].Float32s())

	norm.SetTrainable(true)
	compileMSE(t, m)
	_, err = m.Fit(t.Context(), ones(4, 3), ones(4, 1), keras.FitOptions{})
	require.NoError(t, err)
	require.InDeltaSlice(t, []float32{0.01, 0.01, 0.01}, norm.Weights()[2].Float32s(), 1e-7, "0.99·0 + 0.01·1")
	require.InDeltaSlice(t, []float32{0.99, 0.99, 0.99}, norm.Weights()[3].Float32s(), 1e-6, "0.99·1 + 0.01·0")
}

func TestSharedLayerIsOne(t *testing.T) {
	shared := &layers.Dense{Units: 2, KernelInitializer: initializers.Ones{}}
	a, b := keras.Input(layers.Input{Shape: []int{3}}), keras.Input(layers.Input{Shape: []int{3}})
	m := keras.NewModel([]ops.Tensor{a, b}, []ops.Tensor{keras.Merge(&layers.Add{}, keras.Apply(shared, a), keras.Apply(shared, b))})
	compileMSE(t, m)
	require.Equal(t, []string{"dense/kernel", "dense/bias"}, weightPaths(m.Weights()))
	p, err := m.PredictArrays(t.Context(), []*tensor.Dense{ones(2, 3), ones(2, 3)})
	require.NoError(t, err)
	require.Equal(t, []float32{6, 6, 6, 6}, p[0].Float32s())
}

func TestNamesAreNumberedAsInKeras(t *testing.T) {
	// Keras in a new session names these: dense, head, dense_1, activation, dense_2.
	m := keras.Sequential(&layers.Input{Shape: []int{3}}, &layers.Dense{Units: 1}, layers.Named("head", &layers.Dense{Units: 1}), &layers.Dense{Units: 1},
		&layers.Activation{Activation: activations.ReLU}, &layers.Dense{Units: 1, UseBias: new(false)})
	compileMSE(t, m)
	require.Equal(t, []string{"dense/kernel", "dense/bias", "head/kernel", "head/bias", "dense_1/kernel", "dense_1/bias", "dense_2/kernel"}, weightPaths(m.Weights()))
	l, err := m.Layer("dense_2")
	require.NoError(t, err)
	require.Same(t, m.Layers()[4], l)
}

func TestNestedModelIsALayer(t *testing.T) {
	inner := keras.Sequential(&layers.Input{Shape: []int{3}}, &layers.Dense{Units: 2}, &layers.Dropout{Rate: 0.5})
	m := keras.Sequential(inner, &layers.Dense{Units: 1})
	compileMSE(t, m)
	require.Len(t, m.TrainableWeights(), 4)
	before := slices.Clone(inner.TrainableWeights()[0].Float32s())
	_, err := m.Fit(t.Context(), ones(4, 3), ones(4, 1), keras.FitOptions{Epochs: 3})
	require.NoError(t, err)
	require.NotEqual(t, before, inner.TrainableWeights()[0].Float32s())

	p, err := inner.Predict(t.Context(), ones(1, 3))
	require.NoError(t, err)
	k, bias := inner.TrainableWeights()[0].Float32s(), inner.TrainableWeights()[1].Float32s()
	require.InDelta(t, k[0]+k[2]+k[4]+bias[0], p.Float32s()[0], 1e-6)
}
