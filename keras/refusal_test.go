package keras_test

import (
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// What Keras refuses is refused where it is said, in the words of its layer.
func TestLayersRefuseWhatKerasRefuses(t *testing.T) {
	for want, stack := range map[string][]layers.Layer{
		"conv2d (Conv2D): strides [2] and dilation_rate [2]": {
			&layers.Input{Shape: []int{8, 8, 1}}, &layers.Conv2D{Filters: 1, KernelSize: []int{3}, Strides: []int{2}, DilationRate: []int{2}},
		},
		`a layer is named "a/b": expected a name without a slash`: {
			&layers.Input{Shape: []int{3}}, layers.Named("a/b", &layers.Dense{Units: 1}),
		},
		`input x: dtype "float16": expected "float32", "int32", "bool" or "string"`: {
			layers.Named("x", &layers.Input{Shape: []int{3}, DType: "float16"}), &layers.Dense{Units: 1},
		},
	} {
		err := keras.Sequential(stack...).Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}})
		assert.ErrorContains(t, err, want)
	}
}

// The error is that of the layer that failed, not of one behind it, which gets a tensor without a shape.
func TestFirstErrorOfATrainingTraceIsReported(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{5}}, &layers.Dropout{Rate: 0.5, NoiseShape: []int{3, 3}}, &layers.Dense{Units: 2})
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}}))
	x := tensor.New(tensor.WithShape(4, 5), tensor.WithBacking(make([]float32, 20)))
	y := tensor.New(tensor.WithShape(4, 2), tensor.WithBacking(make([]float32, 8)))
	_, err := m.Fit(t.Context(), x, y, keras.FitOptions{})
	assert.ErrorContains(t, err, "dropout (Dropout): multiply: shapes [4 5] and [3 3]")
}
