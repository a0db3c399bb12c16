package main

import (
	_ "embed" // for Keras's figures
	"encoding/json"
	"io"
	"path/filepath"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
)

// kerasFigures is what internal/golden/sentiment.py writes: the accuracy that real Keras comes to with each of five seeds.
//
//go:embed testdata/keras.json
var kerasFigures []byte

func TestSentencesAreUnderstoodAsByKeras(t *testing.T) {
	var figures struct{ LSTM, Transformer []float64 }
	require.NoError(t, json.Unmarshal(kerasFigures, &figures))
	r, err := run(t.Context(), io.Discard, 1)
	require.NoError(t, err)
	const spread = 0.03 // of a single seed around the mean of five
	require.Greater(t, r.lstm, mean(t, figures.LSTM)-spread)
	require.Greater(t, r.transformer, mean(t, figures.Transformer)-spread)
}

func mean(t *testing.T, figures []float64) float64 {
	require.Len(t, figures, 5)
	sum := 0.0
	for _, v := range figures {
		sum += v
	}
	return sum / float64(len(figures))
}

func TestTheTransformerIsLoadedWithItsOwnLayer(t *testing.T) {
	_, test, err := sentences()
	require.NoError(t, err)
	model, path := transformer(), filepath.Join(t.TempDir(), "transformer.keras")
	require.NoError(t, model.Compile(keras.CompileOptions{Loss: losses.BinaryCrossentropy{}, Seed: 1}))
	expected, err := model.Predict(t.Context(), test.X)
	require.NoError(t, err)
	require.NoError(t, model.Save(path))
	loaded, err := keras.Load(path)
	require.NoError(t, err)
	got, err := loaded.Predict(t.Context(), test.X)
	require.NoError(t, err)
	require.Equal(t, expected.Float32s(), got.Float32s())
}

func TestPositionsTakeSequences(t *testing.T) {
	x := keras.Apply(&Positions{}, keras.Input(layers.Input{Shape: []int{3}}))
	require.ErrorContains(t, x.Err(), "expected sequences [batch, time, features], got [-1 3]")
}

func TestASplitHasEverySentenceOnce(t *testing.T) {
	train, test, err := sentences()
	require.NoError(t, err)
	require.Equal(t, []int{3000, length}, []int(train.X.Shape()))
	require.Equal(t, []int{1000, length}, []int(test.X.Shape()))
	for _, part := range [][]int32{train.Y.Int32s(), test.Y.Int32s()} {
		praise := 0
		for _, v := range part {
			praise += int(v)
		}
		require.Equal(t, len(part)/2, praise, "half of the sentences are praise")
	}
}
