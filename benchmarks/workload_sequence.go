package main

import (
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
)

const vocabulary = 20000

var sequenceWorkloads = []workload{
	{
		name: "bilstm", title: "2 bidirectional LSTM(64) over 200 tokens, embedding 20000x128, Adam", batch: 32, steps: 4, epochs: 1, slots: 2,
		optimizer: adam, loss: losses.BinaryCrossentropy{}, data: reviews(200),
		model: func(bool) *keras.Model {
			return keras.Sequential(&layers.Input{Shape: []int{200}, DType: ops.Int32},
				&layers.Embedding{InputDim: vocabulary, OutputDim: 128},
				&layers.Bidirectional{Layer: &layers.LSTM{Units: 64, ReturnSequences: true}},
				&layers.Bidirectional{Layer: &layers.LSTM{Units: 64}},
				&layers.Dense{Units: 1, Activation: activations.Sigmoid})
		},
		count: func(c *counter) {
			c.sample(200)
			c.embedding(vocabulary, 128, 200)
			for range 4 { // two layers of two directions, each on 128 numbers a step
				c.recurrent(200, 128, 64, 4)
			}
			c.dense(128, 1)
		},
	},
	{
		name: "gru", title: "2 GRU(32) over 120 steps of 14, RMSprop", batch: 64, steps: 20, epochs: 2, slots: 1,
		optimizer: rmsprop, loss: losses.MeanSquaredError{},
		model: func(bool) *keras.Model {
			return keras.Sequential(&layers.Input{Shape: []int{120, 14}},
				&layers.GRU{Units: 32, ReturnSequences: true}, &layers.GRU{Units: 32}, &layers.Dense{Units: 1})
		},
		data: func(rows int) data.Batch {
			x, y := series(rows)
			return labelled(dense(x, rows, 120, 14), dense(y, rows, 1))
		},
		count: func(c *counter) {
			c.sample(120 * 14)
			c.recurrent(120, 14, 32, 3)
			c.recurrent(120, 32, 32, 3)
			c.dense(32, 1)
		},
	},
	{
		name: "transformer", title: "transformer block over 200 tokens, embedding 20000x32, Adam", batch: 32, steps: 10, epochs: 2, slots: 2,
		optimizer: adam, loss: losses.SparseCategoricalCrossentropy{}, model: transformer,
		data: func(rows int) data.Batch {
			x, labels := tokens(rows, 200)
			return labelled(dense(x, rows, 200), dense(labels, rows))
		},
		count: func(c *counter) {
			const heads, width = 2, 32
			c.sample(200)
			c.embedding(vocabulary, width, 200)
			for range 3 {
				c.steps(200, width, heads*width)
			}
			c.attention(200, heads, width)
			c.steps(200, heads*width, width)
			c.output(200 * width)
			c.steps(200, width, width)
			c.steps(200, width, width)
			c.output(200 * width)
			c.dense(width, 20)
			c.dense(20, 2)
		},
	},
	{
		name: "textcnn", title: "text CNN over 500 tokens, two Conv1D(128, 7, 3), embedding 20000x128, Adam", batch: 32, steps: 6, epochs: 1, slots: 2,
		optimizer: adam, loss: losses.BinaryCrossentropy{}, data: reviews(500),
		model: func(dropout bool) *keras.Model {
			conv := func() layers.Layer {
				return &layers.Conv1D{Filters: 128, KernelSize: []int{7}, Strides: []int{3}, Activation: activations.ReLU}
			}
			return keras.Sequential(&layers.Input{Shape: []int{500}, DType: ops.Int32},
				&layers.Embedding{InputDim: vocabulary, OutputDim: 128}, drop(0.5, dropout), conv(), conv(), &layers.GlobalMaxPooling1D{},
				relu(128), drop(0.5, dropout), &layers.Dense{Units: 1, Activation: activations.Sigmoid})
		},
		count: func(c *counter) {
			c.sample(500)
			c.embedding(vocabulary, 128, 500)
			c.conv(165, 7*128, 128)
			c.conv(53, 7*128, 128)
			c.dense(128, 128)
			c.dense(128, 1)
		},
	},
}

// reviews are tokens with a label of 0 or 1.
func reviews(length int) func(rows int) data.Batch {
	return func(rows int) data.Batch {
		x, labels := tokens(rows, length)
		y := make([]float32, rows)
		for i, l := range labels {
			y[i] = float32(l)
		}
		return labelled(dense(x, rows, length), dense(y, rows, 1))
	}
}

// A tokenAndPosition adds what a token means and what its place means.
type tokenAndPosition struct {
	layers.Base
	Tokens, Positions layers.Embedding
}

// Call implements [layers.Layer].
func (l *tokenAndPosition) Call(b *layers.Builder, x ops.Tensor) ops.Tensor {
	places := ops.Arange(0, float64(x.Dim(1)), 1, ops.Int32)
	return ops.Add(b.Apply(&l.Tokens, x), b.Apply(&l.Positions, places))
}

// transformer is a block of Vaswani et al. (2017) on tokens, as in Keras's example of text classification.
func transformer(dropout bool) *keras.Model {
	const width, heads = 32, 2
	in := keras.Input(layers.Input{Shape: []int{200}, DType: ops.Int32})
	x := keras.Apply(&tokenAndPosition{
		Tokens: layers.Embedding{InputDim: vocabulary, OutputDim: width}, Positions: layers.Embedding{InputDim: 200, OutputDim: width},
	}, in)
	a := keras.Apply(drop(0.1, dropout), keras.Apply(&layers.MultiHeadAttention{NumHeads: heads, KeyDim: width}, x))
	x = keras.Apply(&layers.LayerNormalization{Epsilon: new(1e-6)}, keras.Merge(&layers.Add{}, x, a))
	f := keras.Apply(&layers.Dense{Units: width}, keras.Apply(relu(width), x))
	x = keras.Merge(&layers.Add{}, x, keras.Apply(drop(0.1, dropout), f))
	x = keras.Apply(&layers.LayerNormalization{Epsilon: new(1e-6)}, x)
	y := keras.Apply(drop(0.1, dropout), keras.Apply(&layers.GlobalAveragePooling1D{}, x))
	y = keras.Apply(drop(0.1, dropout), keras.Apply(relu(20), y))
	return keras.NewModel([]ops.Tensor{in}, []ops.Tensor{keras.Apply(softmax(2), y)})
}
