package keras_test

import (
	"slices"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// A clone of each drawn graph computes the same bits, has the same names and learns the same; one of fresh weights has the same shapes.
func TestClonesAreTheSameGraph(t *testing.T) {
	for _, c := range readGraphs(t) {
		m, err := keras.DecodeModel(c.Config, 0)
		require.NoError(t, err)
		c.compile(t, m)
		require.NoError(t, m.SetWeights(arraysOf(c.Start)))
		clone, err := m.Clone()
		require.NoError(t, err)
		c.assertNames(t, clone)
		c.assertSummaries(t, clone)
		fresh, err := keras.CloneModel(m)
		require.NoError(t, err)
		same := 0
		for i, w := range fresh.GetWeights() {
			require.Equal(t, c.Start[i].Shape(), w.Shape())
			if slices.Equal(w.Float32s(), c.Start[i].Float32s()) {
				same++
			}
		}
		require.Less(t, same, max(1, len(c.Start)/2), "weights are fresh")
		fresh, err = keras.CloneModel(m)
		require.NoError(t, err)
		c.assertSame(t, fresh)
		for i, w := range clone.GetWeights() {
			require.Equal(t, c.Start[i].Data(), w.Data(), "the clone knows nothing of what others have learned")
		}
		c.assertSame(t, clone)
	}
}

// Layers that are shared between a model and one within it stay shared.
func TestClonesShareAsTheOriginalDoes(t *testing.T) {
	shared := &layers.Dense{Units: 3}
	inner := keras.Sequential(&layers.Input{Shape: []int{3}}, shared, &layers.Dropout{Rate: 0.5})
	x := keras.Input(layers.Input{Shape: []int{3}})
	m := keras.NewModel([]ops.Tensor{x}, []ops.Tensor{keras.Apply(shared, keras.Apply(inner, x))})
	require.NoError(t, m.Compile(keras.CompileOptions{Optimizer: &optimizers.Adam{LearningRate: 0.5}, Loss: losses.MeanSquaredError{}, Seed: 1}))
	_, err := m.Fit(t.Context(), ones(2, 3), ones(2, 3), keras.FitOptions{})
	require.NoError(t, err)
	clone, err := m.Clone()
	require.NoError(t, err)
	require.Len(t, clone.GetWeights(), 2)
	for range 2 { // compiled as the original, with an optimizer that starts afresh, and with the same random numbers to come
		_, err = clone.Fit(t.Context(), ones(2, 3), ones(2, 3), keras.FitOptions{Shuffle: new(false)})
		require.NoError(t, err)
	}
	for i, w := range m.Weights() {
		require.NotSame(t, w, clone.Weights()[i])
		require.Equal(t, w.Path, clone.Weights()[i].Path)
	}
	one, err := keras.CloneModel(m)
	require.NoError(t, err)
	two, err := keras.CloneModel(m)
	require.NoError(t, err)
	require.NotEqual(t, one.GetWeights()[0].Data(), two.GetWeights()[0].Data(), "no two clones start alike")
	_, err = keras.CloneModel(keras.Sequential(&layers.Input{Shape: []int{1}}, &unregistered{}))
	assert.ErrorContains(t, err, "layer unregistered: saving: ")
}

type unregistered struct{ layers.Base }

func (u *unregistered) Call(_ *layers.Builder, x ops.Tensor) ops.Tensor { return x }

// A frozen copy serves while the original is trained.
func TestClonesServeWhileTheOriginalTrains(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{3}}, &layers.Dense{Units: 4}, &layers.Dense{Units: 1})
	compileMSE(t, m)
	done := make(chan error)
	go func() {
		_, err := m.Fit(t.Context(), ones(64, 3), ones(64, 1), keras.FitOptions{Epochs: 20, BatchSize: 8})
		done <- err
	}()
	for range 5 {
		clone, err := m.Clone()
		require.NoError(t, err)
		before, err := clone.Predict(t.Context(), ones(2, 3))
		require.NoError(t, err)
		if err := m.SetWeights(m.GetWeights()); err != nil { // Fit may have ended.
			require.ErrorIs(t, err, keras.ErrTraining)
		}
		again, err := clone.Predict(t.Context(), ones(2, 3))
		require.NoError(t, err)
		require.Equal(t, before.Data(), again.Data())
	}
	require.NoError(t, <-done)
}

// What Adapt has learned is there in a clone.
func TestClonesKeepVocabularies(t *testing.T) {
	lookup := &layers.StringLookup{}
	require.NoError(t, lookup.Adapt(tensor.New(tensor.WithShape(3), tensor.WithBacking([]string{"b", "a", "b"}))))
	m := keras.Sequential(&layers.Input{Shape: []int{1}, DType: ops.String}, lookup)
	clone, err := m.Clone()
	require.NoError(t, err)
	x := tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]string{"a", "b"}))
	want, err := m.Predict(t.Context(), x)
	require.NoError(t, err)
	got, err := clone.Predict(t.Context(), x)
	require.NoError(t, err)
	require.Equal(t, want.Data(), got.Data())
}
