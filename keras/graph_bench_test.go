package keras_test

import (
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
)

// convolve is a convolution with its normalization, as ResNet has them.
func convolve(x ops.Tensor, filters, size, stride int, relu bool) ops.Tensor {
	x = keras.Apply(&layers.Conv2D{Filters: filters, KernelSize: []int{size}, Strides: []int{stride}, Padding: layers.Same}, x)
	x = keras.Apply(&layers.BatchNormalization{}, x)
	if relu {
		x = keras.Apply(&layers.Activation{Activation: activations.ReLU}, x)
	}
	return x
}

// resNet50 is the graph of ResNet-50 (He et al. 2016) with channels divided by narrow.
func resNet50(size, narrow int) *keras.Model {
	in := keras.Input(layers.Input{Shape: []int{size, size, 3}})
	x := convolve(in, 64/narrow, 7, 2, true)
	x = keras.Apply(&layers.MaxPooling2D{PoolSize: []int{3}, Strides: []int{2}, Padding: layers.Same}, x)
	for stage, blocks := range []int{3, 4, 6, 3} {
		filters, stride := 64<<stage/narrow, min(2, stage+1)
		for block := range blocks {
			short := x
			if block == 0 {
				short = convolve(x, 4*filters, 1, stride, false)
			} else {
				stride = 1
			}
			y := convolve(convolve(convolve(x, filters, 1, stride, true), filters, 3, 1, true), 4*filters, 1, 1, false)
			x = keras.Apply(&layers.Activation{Activation: activations.ReLU}, keras.Merge(&layers.Add{}, short, y))
		}
	}
	x = keras.Apply(&layers.Dense{Units: 1000, Activation: activations.Softmax}, keras.Apply(&layers.GlobalAveragePooling2D{}, x))
	return keras.NewModel([]ops.Tensor{in}, []ops.Tensor{x})
}

// From nothing to the first step of training, which is on one picture of 32 by 32, so that it hardly counts. The narrow one has few weights to draw.
func BenchmarkResNet50IsBuilt(b *testing.B) {
	for name, narrow := range map[string]int{"whole": 1, "narrow": 16} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				m := resNet50(32, narrow)
				require.NoError(b, m.Compile(keras.CompileOptions{Optimizer: &optimizers.SGD{}, Loss: losses.CategoricalCrossentropy{}, Seed: 1}))
				_, err := m.TrainOnBatch(b.Context(), ones(1, 32, 32, 3), ones(1, 1000))
				require.NoError(b, err)
			}
		})
	}
}
