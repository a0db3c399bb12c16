package keras_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func ExampleLoad() {
	dir, err := os.MkdirTemp("", "models")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Println(err)
		}
	}()
	path := filepath.Join(dir, "line.keras")
	model := keras.Sequential(&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1})
	err = model.Compile(keras.CompileOptions{Optimizer: &optimizers.SGD{LearningRate: 0.1}, Loss: losses.MeanSquaredError{}, Seed: 1})
	if err == nil {
		err = model.Save(path)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := keras.Load(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	x := tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{-1, 0, 1, 2}))
	y := tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{-1, 1, 3, 5}))
	if _, err := again.Fit(context.Background(), x, y, keras.FitOptions{Epochs: 100}); err != nil {
		fmt.Println(err)
		return
	}
	for _, w := range again.Weights() {
		fmt.Printf("%s %.2f\n", w.Path, w.Float32s())
	}
	// Output:
	// dense/kernel [2.00]
	// dense/bias [1.00]
}

// A graph made here shows masks as Keras does, and hands them on to layers as Keras does.
func TestGraphsHaveKerassMasks(t *testing.T) {
	title := keras.Input(layers.Input{Base: layers.Base{Name: "title"}, Shape: []int{6}, DType: ops.Int32})
	tags := keras.Input(layers.Input{Shape: []int{3}})
	h := keras.Apply(&layers.Embedding{InputDim: 11, OutputDim: 4, MaskZero: true}, title)
	h = keras.Apply(&layers.LSTM{Units: 5}, h)
	h = keras.Merge(&layers.Concatenate{}, h, tags)
	m := keras.NewModel([]ops.Tensor{title, tags}, []ops.Tensor{keras.Apply(&layers.Dense{Units: 1, Activation: activations.Sigmoid}, h)})
	text, err := os.ReadFile(filepath.Join("testdata", "models", "text.json"))
	require.NoError(t, err)
	var c modelCase
	require.NoError(t, json.Unmarshal(text, &c))
	table := func(s string) string { return s[:strings.Index(s, " Total params")] }
	var b bytes.Buffer
	require.NoError(t, m.Summary(&b))
	assert.Equal(t, table(c.Summary), table(b.String()))

	loaded, err := keras.Load(filepath.Join("testdata", "models", "text.keras"))
	require.NoError(t, err)
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.BinaryCrossentropy{}}))
	for i, w := range m.Weights() {
		copy(w.Float32s(), loaded.Weights()[i].Float32s())
	}
	assertPredictions(t, m, c, c.Predictions, 1e-5)
}

// A model of unknown input is saved without weights, and built at its first batch after loading too.
func TestModelsThatAreNotBuiltYet(t *testing.T) {
	inner := keras.Sequential(&layers.Input{Shape: []int{4}}, &layers.Dense{Units: 3})
	m := keras.Sequential(&layers.Dense{Units: 4}, inner, keras.Sequential(&layers.Dense{Units: 1}))
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}}))
	var b bytes.Buffer
	require.NoError(t, m.SaveWriter(&b))
	again, err := keras.LoadReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	require.NoError(t, err)
	assert.Empty(t, again.Weights())
	var before, after bytes.Buffer
	require.NoError(t, m.Summary(&before))
	require.NoError(t, again.Summary(&after))
	assert.Equal(t, before.String(), after.String())
	x := tensor.New(tensor.WithShape(2, 5), tensor.WithBacking(tensor.Range(tensor.Float32, 0, 10)))
	y := tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float32{1, 2}))
	_, err = again.Fit(context.Background(), x, y, keras.FitOptions{})
	require.NoError(t, err)
	assert.Len(t, again.Weights(), 6)
}

// Every class that is registered reads Keras's default for each argument, by Keras's name for it.
func TestRegisteredClassesReadKerassDefaults(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("saving", "testdata", "configs.json"))
	require.NoError(t, err)
	var f struct{ Defaults map[string]map[string]any }
	require.NoError(t, json.Unmarshal(text, &f))
	read := 0
	for name, config := range f.Defaults {
		dot := strings.LastIndex(name, ".")
		_, err := saving.FromConfig(map[string]any{"module": "keras." + name[:dot], "class_name": name[dot+1:], "config": config})
		if err != nil && strings.Contains(err.Error(), "is unknown: register it") {
			continue
		}
		read++
		assert.NoError(t, err, name)
	}
	assert.Greater(t, read, 35)
}

func TestInputsReadKerassTypesAndOldForms(t *testing.T) {
	for want, config := range map[*layers.Input]map[string]any{
		{Base: layers.Base{Name: "i"}, Shape: []int{-1, 3}, DType: ops.Int32}:           {"name": "i", "batch_shape": []any{nil, nil, 3}, "dtype": "int64", "sparse": false},
		{Base: layers.Base{Name: "i"}, Shape: []int{3}, DType: "float32", BatchSize: 8}: {"name": "i", "batch_input_shape": []any{8, 3}, "dtype": "float16"},
		{Base: layers.Base{Name: "i"}, Shape: []int{}, DType: "bool"}:                   {"name": "i", "batch_shape": []any{nil}, "dtype": "bool", "optional": false},
	} {
		got, err := saving.FromConfig(map[string]any{"module": "keras.layers", "class_name": "InputLayer", "config": config})
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for want, config := range map[string]map[string]any{
		"batch_shape: expected a shape": {"batch_shape": []any{}},
		"batch_shape: saving: [0]":      {"batch_shape": []any{"x"}},
		"dtype \"complex64\": expected": {"batch_shape": []any{nil}, "dtype": "complex64"},
		"sparse: true is not supported": {"batch_shape": []any{nil}, "sparse": true},
	} {
		_, err := saving.FromConfig(map[string]any{"module": "keras.layers", "class_name": "InputLayer", "config": config})
		assert.ErrorContains(t, err, want)
	}
}
