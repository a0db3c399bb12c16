package main

import (
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"gorgonia.org/tensor"
)

// Sizes of the recommender.
const (
	users, items = 2000, 4000
	factors      = 32
)

var denseWorkloads = []workload{
	{
		name: "mlp", title: "MLP 784-64-10, Adam", batch: 32, steps: 100, epochs: 5, slots: 2,
		optimizer: adam, loss: losses.SparseCategoricalCrossentropy{}, data: flat,
		model: func(bool) *keras.Model {
			return keras.Sequential(&layers.Input{Shape: []int{pixels}}, relu(64), softmax(classes))
		},
		count: func(c *counter) {
			c.sample(pixels)
			c.dense(pixels, 64)
			c.dense(64, classes)
		},
	},
	{
		name: "tiny", title: "MLP 2-3-1, SGD", batch: 32, steps: 32, fixedSteps: true, epochs: 10,
		optimizer: sgd, loss: losses.BinaryCrossentropy{},
		model: func(bool) *keras.Model {
			return keras.Sequential(&layers.Input{Shape: []int{2}},
				&layers.Dense{Units: 3, Activation: activations.Sigmoid}, &layers.Dense{Units: 1, Activation: activations.Sigmoid})
		},
		data: func(rows int) data.Batch {
			p, sides := points(rows)
			return labelled(dense(p, rows, 2), dense(sides, rows, 1))
		},
		count: func(c *counter) {
			c.sample(2)
			c.dense(2, 3)
			c.dense(3, 1)
		},
	},
	{
		name: "large", title: "MLP 784-512-512-10, dropout, RMSprop", batch: 128, steps: 50, epochs: 2, slots: 1,
		optimizer: rmsprop, loss: losses.SparseCategoricalCrossentropy{}, data: flat,
		model: func(dropout bool) *keras.Model {
			return keras.Sequential(&layers.Input{Shape: []int{pixels}},
				relu(512), drop(0.2, dropout), relu(512), drop(0.2, dropout), softmax(classes))
		},
		count: func(c *counter) {
			c.sample(pixels)
			c.dense(pixels, 512)
			c.dense(512, 512)
			c.dense(512, classes)
		},
	},
	{
		name: "recommender", title: "two embeddings, concatenate, dense 64, dense 1, Adam", batch: 64, steps: 100, epochs: 5, slots: 2,
		optimizer: adam, loss: losses.MeanSquaredError{},
		model: func(bool) *keras.Model {
			user := keras.Input(layers.Input{Shape: []int{1}, DType: ops.Int32})
			item := keras.Input(layers.Input{Shape: []int{1}, DType: ops.Int32})
			u := keras.Apply(&layers.Flatten{}, keras.Apply(&layers.Embedding{InputDim: users, OutputDim: factors}, user))
			i := keras.Apply(&layers.Flatten{}, keras.Apply(&layers.Embedding{InputDim: items, OutputDim: factors}, item))
			y := keras.Apply(relu(64), keras.Merge(&layers.Concatenate{}, u, i))
			return keras.NewModel([]ops.Tensor{user, item}, []ops.Tensor{keras.Apply(&layers.Dense{Units: 1}, y)})
		},
		data: func(rows int) data.Batch {
			u, i, y := ratings(rows)
			return data.Batch{
				X: []*tensor.Dense{dense(u, rows, 1), dense(i, rows, 1)},
				Y: []*tensor.Dense{dense(y, rows, 1)},
			}
		},
		count: func(c *counter) {
			c.sample(2)
			c.embedding(users, factors, 1)
			c.embedding(items, factors, 1)
			c.dense(2*factors, 64)
			c.dense(64, 1)
		},
	},
}

// flat are images as vectors.
func flat(rows int) data.Batch {
	x, y := images(rows, pixels)
	return labelled(dense(x, rows, pixels), dense(y, rows))
}
