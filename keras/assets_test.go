package keras_test

import (
	"archive/zip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/keras/preprocessing"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// wordNumber is a layer that reads text and keeps a file: the place of each word in a list, from 1 on.
type wordNumber struct {
	layers.Base
	words []string
}

func init() { saving.Register[wordNumber]("Test>WordNumber", "") }

func (w *wordNumber) Call(_ *layers.Builder, x ops.Tensor) ops.Tensor {
	return ops.Host("word_number", ops.Spec{Shape: x.Shape(), DType: ops.Int32}, func(out *tensor.Dense, in []*tensor.Dense) error {
		numbers := out.Int32s()
		for i, s := range in[0].Strings() {
			numbers[i] = 0
			for k, word := range w.words {
				if s == word {
					numbers[i] = int32(k) + 1
				}
			}
		}
		return nil
	}, x)
}

func (w *wordNumber) Assets() map[string][]byte {
	return map[string][]byte{"words.txt": []byte(strings.Join(w.words, "\n"))}
}

func (w *wordNumber) SetAssets(files map[string][]byte) error {
	w.words = strings.Split(string(files["words.txt"]), "\n")
	return nil
}

func text(shape []int, v ...string) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v))
}

func onText() *keras.Model {
	in := keras.Input(layers.Input{Shape: []int{2}, DType: ops.String})
	h := keras.Apply(&layers.Embedding{InputDim: 4, OutputDim: 3}, keras.Apply(&wordNumber{words: []string{"ja", "nein", "schön"}}, in))
	h = keras.Apply(&layers.Dense{Units: 1}, keras.Apply(&layers.Flatten{}, h))
	return keras.NewModel([]ops.Tensor{in}, []ops.Tensor{h})
}

// TestModelsReadText trains on text, saves a layer's file with the model, and predicts the same after loading.
func TestModelsReadText(t *testing.T) {
	m := onText()
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}, Optimizer: &optimizers.Adam{LearningRate: 0.1}, Seed: 3}))
	x := text([]int{4, 2}, "ja", "nein", "nein", "schön", "schön", "ja", "?", "")
	h, err := m.Fit(t.Context(), x, column(1, 2, 3, 4), keras.FitOptions{Epochs: 60, BatchSize: 3})
	require.NoError(t, err)
	require.Less(t, h.Metrics["loss"][59], 0.1)
	want, err := m.Predict(t.Context(), x)
	require.NoError(t, err)

	path := filepath.Join(t.TempDir(), "text.keras")
	require.NoError(t, m.Save(path))
	z, err := zip.OpenReader(path)
	require.NoError(t, err)
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	require.NoError(t, z.Close())
	require.Contains(t, names, "assets/layers/word_number/words.txt")

	loaded, err := keras.Load(path)
	require.NoError(t, err)
	got, err := loaded.Predict(t.Context(), x)
	require.NoError(t, err)
	require.Equal(t, want.Float32s(), got.Float32s())

	_, err = m.Predict(t.Context(), column(1, 2))
	require.ErrorContains(t, err, "expected string, got float32")
}

// TestPreparationTravelsWithTheModel keeps a fitted scaler in the model's file.
func TestPreparationTravelsWithTheModel(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1})
	raw := column(1, 5, 9)
	scaler := &preprocessing.Pipeline{Steps: []preprocessing.Transformer{&preprocessing.StandardScaler{}}}
	require.NoError(t, scaler.Fit(raw))
	m.Preparation = scaler
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}, Seed: 1}))
	path := filepath.Join(t.TempDir(), "prepared.keras")
	require.NoError(t, m.Save(path))
	loaded, err := keras.Load(path)
	require.NoError(t, err)
	want, err := scaler.Transform(raw)
	require.NoError(t, err)
	got, err := loaded.Preparation.(preprocessing.Transformer).Transform(raw)
	require.NoError(t, err)
	require.Equal(t, want.Float32s(), got.Float32s())
}

// TestWeightsAlone writes weights and reads them into another model of the same layers; a model of other layers stays as it is.
func TestWeightsAlone(t *testing.T) {
	stack := func(units int) *keras.Model {
		m := keras.Sequential(&layers.Input{Shape: []int{2}}, &layers.Dense{Units: 3}, &layers.BatchNormalization{}, &layers.Dense{Units: units})
		require.NoError(t, m.Compile(keras.CompileOptions{Optimizer: &optimizers.Adam{}, Loss: losses.MeanSquaredError{}}))
		return m
	}
	a, b, c := stack(1), stack(1), stack(2)
	x := tensor.New(tensor.WithShape(3, 2), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6}))
	y := column(1, 0, 2)
	_, err := a.Fit(t.Context(), x, y, keras.FitOptions{Epochs: 3})
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "a.weights.h5")
	require.NoError(t, a.SaveWeights(path))
	require.NoError(t, b.LoadWeights(path))
	for range 2 { // The optimizer goes on too.
		requireSameWeights(t, a, b)
		for _, m := range []*keras.Model{a, b} {
			_, err := m.TrainOnBatch(t.Context(), x, y)
			require.NoError(t, err)
		}
	}
	before := c.Weights()[0].Float32s()[0]
	require.ErrorContains(t, c.LoadWeights(path), "dense_1")
	require.Equal(t, before, c.Weights()[0].Float32s()[0])
	require.ErrorContains(t, a.SaveWeights("weights.bin"), ".weights.h5")
	require.ErrorContains(t, keras.Sequential(&layers.Dense{Units: 1}).LoadWeights(path), "not built")
}

func requireSameWeights(t *testing.T, a, b *keras.Model) {
	t.Helper()
	for i, w := range a.Weights() {
		if w.DType() == ops.Float32 {
			require.Equal(t, w.Float32s(), b.Weights()[i].Float32s(), w.Path)
		}
	}
}
