package main

import (
	"context"
	"slices"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A workload is a model of the yardstick, with the data it is trained on. keras_models.py has the same.
type workload struct {
	name, title string
	input       []int // of one sample
	batch       int
	steps       int  // in an epoch of the timing
	fixedSteps  bool // the data is what it is
	epochs      int  // in a turn of the timing
	slots       int  // numbers that the optimizer keeps for each weight
	optimizer   func() optimizers.Optimizer
	loss        losses.Loss
	stack       func(dropout bool) []layers.Layer // without its Input
}

var workloads = []workload{
	{
		name: "mlp", title: "MLP 784-64-10, Adam", input: []int{784}, batch: 32, steps: 100, epochs: 5, slots: 2,
		optimizer: func() optimizers.Optimizer { return &optimizers.Adam{} },
		loss:      losses.SparseCategoricalCrossentropy{},
		stack: func(bool) []layers.Layer {
			return []layers.Layer{relu(64), softmax(classes)}
		},
	},
	{
		name: "tiny", title: "MLP 2-3-1, SGD", input: []int{2}, batch: 32, steps: 32, fixedSteps: true, epochs: 10,
		optimizer: func() optimizers.Optimizer { return &optimizers.SGD{} },
		loss:      losses.BinaryCrossentropy{},
		stack: func(bool) []layers.Layer {
			return []layers.Layer{
				&layers.Dense{Units: 3, Activation: activations.Sigmoid},
				&layers.Dense{Units: 1, Activation: activations.Sigmoid},
			}
		},
	},
	{
		name: "large", title: "MLP 784-512-512-10, dropout, RMSprop", input: []int{784}, batch: 128, steps: 50, epochs: 2, slots: 1,
		optimizer: func() optimizers.Optimizer { return &optimizers.RMSprop{} },
		loss:      losses.SparseCategoricalCrossentropy{},
		stack: func(dropout bool) []layers.Layer {
			return []layers.Layer{relu(512), drop(0.2, dropout), relu(512), drop(0.2, dropout), softmax(classes)}
		},
	},
	{
		name: "cnn", title: "CNN 28x28, conv 32, conv 64, dense 10, Adam", input: []int{28, 28, 1}, batch: 128, steps: 20, epochs: 1, slots: 2,
		optimizer: func() optimizers.Optimizer { return &optimizers.Adam{} },
		loss:      losses.SparseCategoricalCrossentropy{},
		stack: func(dropout bool) []layers.Layer {
			return []layers.Layer{
				conv(32), &layers.MaxPooling2D{}, conv(64), &layers.MaxPooling2D{}, &layers.Flatten{}, drop(0.5, dropout), softmax(classes),
			}
		},
	},
}

func relu(units int) layers.Layer { return &layers.Dense{Units: units, Activation: activations.ReLU} }

func softmax(units int) layers.Layer {
	return &layers.Dense{Units: units, Activation: activations.Softmax}
}

func conv(filters int) layers.Layer {
	return &layers.Conv2D{Filters: filters, KernelSize: []int{3}, Activation: activations.ReLU}
}

// drop is a dropout; where the losses of two implementations are compared it drops nothing.
func drop(rate float64, on bool) layers.Layer {
	if !on {
		rate = 0
	}
	return &layers.Dropout{Rate: rate}
}

// findWorkload is the workload of a name.
func findWorkload(name string) (*workload, error) {
	i := slices.IndexFunc(workloads, func(w workload) bool { return w.name == name })
	if i < 0 {
		return nil, errors.Errorf("model %q: expected one of %v", name, workloadNames())
	}
	return &workloads[i], nil
}

func workloadNames() (names []string) {
	for _, w := range workloads {
		names = append(names, w.name)
	}
	return names
}

// stepsOr is the number of steps in an epoch where the user asks for n; 0: the usual.
func (w *workload) stepsOr(n int) int {
	if n <= 0 || w.fixedSteps {
		return w.steps
	}
	return n
}

// rows is the number of samples in an epoch of so many steps.
func (w *workload) rows(steps int) int {
	if w.fixedSteps {
		return firstRows
	}
	return steps * w.batch
}

// build makes the model, compiled and with its start weights.
func (w *workload) build(dropout bool) (*keras.Model, error) {
	m := keras.Sequential(append([]layers.Layer{&layers.Input{Shape: w.input}}, w.stack(dropout)...)...)
	if err := m.Compile(keras.CompileOptions{Optimizer: w.optimizer(), Loss: w.loss, Seed: 1}); err != nil {
		return nil, err
	}
	setStart(m)
	return m, nil
}

// data is what the model is trained on.
func (w *workload) data(rows int) (x, y *tensor.Dense) {
	shape := append([]int{rows}, w.input...)
	if w.name == "tiny" {
		p, sides := points(rows)
		return dense(p, shape...), dense(sides, rows, 1)
	}
	p, labels := images(rows)
	return dense(p, shape...), dense(labels, rows)
}

func dense(backing any, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing))
}

// fit trains as both sides do: in the order of the data, quietly.
func (w *workload) fit(ctx context.Context, m *keras.Model, x, y *tensor.Dense, epochs int, c callbacks.Callback) error {
	_, err := m.Fit(ctx, x, y, keras.FitOptions{
		Epochs: epochs, BatchSize: w.batch, Shuffle: new(false), Callbacks: []callbacks.Callback{c},
	})
	return err
}
