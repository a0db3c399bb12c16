package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A workload is a model of the yardstick, with the data it is trained on. keras_models.py has the same.
type workload struct {
	name, title string
	batch       int
	steps       int  // in an epoch of the timing
	fixedSteps  bool // the data is what it is
	epochs      int  // in a turn of the timing
	checked     int  // steps whose losses are compared; 0: 20
	slots       int  // numbers that the optimizer keeps for each weight
	optimizer   func() optimizers.Optimizer
	loss        losses.Loss
	model       func(dropout bool) *keras.Model
	data        func(rows int) data.Batch
	count       func(c *counter) // what a step cannot do without
}

var workloads = slices.Concat(denseWorkloads, imageWorkloads, sequenceWorkloads)

func relu(units int) layers.Layer { return &layers.Dense{Units: units, Activation: activations.ReLU} }

func softmax(units int) layers.Layer {
	return &layers.Dense{Units: units, Activation: activations.Softmax}
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

// checkedSteps is the number of steps whose losses are compared.
func (w *workload) checkedSteps() int { return cmp.Or(w.checked, 20) }

// build makes the model, compiled and with its start weights.
func (w *workload) build(dropout bool) (*keras.Model, error) {
	m := w.model(dropout)
	if err := m.Compile(keras.CompileOptions{Optimizer: w.optimizer(), Loss: w.loss, Seed: 1}); err != nil {
		return nil, err
	}
	setStart(m)
	return m, nil
}

func dense(backing any, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing))
}

// labelled is a batch of one input with its targets.
func labelled(x, y *tensor.Dense) data.Batch {
	return data.Batch{X: []*tensor.Dense{x}, Y: []*tensor.Dense{y}}
}

// fit trains as both sides do: in the order of the data, quietly.
func (w *workload) fit(ctx context.Context, m *keras.Model, b data.Batch, epochs int, c callbacks.Callback) error {
	_, err := m.FitArrays(ctx, b, keras.FitOptions{
		Epochs: epochs, BatchSize: w.batch, Shuffle: new(false), Callbacks: []callbacks.Callback{c},
	})
	return err
}

func adam() optimizers.Optimizer    { return &optimizers.Adam{} }
func sgd() optimizers.Optimizer     { return &optimizers.SGD{} }
func rmsprop() optimizers.Optimizer { return &optimizers.RMSprop{} }
