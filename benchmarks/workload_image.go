package main

import (
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
)

var imageWorkloads = []workload{
	{
		name: "cnn", title: "CNN 28x28, conv 32, conv 64, dense 10, Adam", batch: 128, steps: 20, epochs: 1, slots: 2,
		optimizer: adam, loss: losses.SparseCategoricalCrossentropy{},
		model: func(dropout bool) *keras.Model {
			conv := func(filters int) layers.Layer {
				return &layers.Conv2D{Filters: filters, KernelSize: []int{3}, Activation: activations.ReLU}
			}
			return keras.Sequential(&layers.Input{Shape: []int{28, 28, 1}},
				conv(32), &layers.MaxPooling2D{}, conv(64), &layers.MaxPooling2D{}, &layers.Flatten{}, drop(0.5, dropout), softmax(classes))
		},
		data: func(rows int) data.Batch {
			x, y := images(rows, pixels)
			return labelled(dense(x, rows, 28, 28, 1), dense(y, rows))
		},
		count: func(c *counter) {
			c.sample(28 * 28)
			c.conv(26*26, 9, 32)
			c.output(13 * 13 * 32)
			c.conv(11*11, 9*32, 64)
			c.output(5 * 5 * 64)
			c.dense(5*5*64, classes)
		},
	},
	{
		name: "resnet", title: "ResNet-14 on 32x32x3 with batch normalization, SGD", batch: 32, steps: 10, epochs: 1,
		checked:   3, // Rounding grows: after 20 steps Keras's back ends differ by 2e-3 among themselves.
		optimizer: sgd, loss: losses.SparseCategoricalCrossentropy{},
		model: func(bool) *keras.Model { return resnet() },
		data: func(rows int) data.Batch {
			x, y := images(rows, 32*32*3)
			return labelled(dense(x, rows, 32, 32, 3), dense(y, rows))
		},
		count: func(c *counter) {
			c.sample(32 * 32 * 3)
			c.normalized(32*32, 9*3, 16)
			at, in := 32*32, 16
			for stage, filters := range []int{16, 32, 64} {
				for block := range 2 {
					if stage > 0 && block == 0 {
						at /= 4
						c.normalized(at, in, filters)
					}
					c.normalized(at, 9*in, filters)
					c.normalized(at, 9*filters, filters)
					in = filters
				}
			}
			c.dense(64, classes)
		},
	},
}

// resnet is the residual network of He et al. (2015) for small pictures, with two blocks in each of three stages.
func resnet() *keras.Model {
	in := keras.Input(layers.Input{Shape: []int{32, 32, 3}})
	x := keras.Apply(&layers.ReLU{}, normalizedConv(in, 16, 3, 1))
	for stage, filters := range []int{16, 32, 64} {
		for block := range 2 {
			stride, shortcut := 1, x
			if stage > 0 && block == 0 {
				stride = 2
				shortcut = normalizedConv(x, filters, 1, stride)
			}
			y := keras.Apply(&layers.ReLU{}, normalizedConv(x, filters, 3, stride))
			y = normalizedConv(y, filters, 3, 1)
			x = keras.Apply(&layers.ReLU{}, keras.Merge(&layers.Add{}, y, shortcut))
		}
	}
	y := keras.Apply(softmax(classes), keras.Apply(&layers.GlobalAveragePooling2D{}, x))
	return keras.NewModel([]ops.Tensor{in}, []ops.Tensor{y})
}

func normalizedConv(x ops.Tensor, filters, size, stride int) ops.Tensor {
	x = keras.Apply(&layers.Conv2D{
		Filters: filters, KernelSize: []int{size}, Strides: []int{stride}, Padding: layers.Same, UseBias: new(false),
	}, x)
	return keras.Apply(&layers.BatchNormalization{}, x)
}
