// Command writemodels writes models as gokeras saves them, with what they do from there, for internal/golden/models.py --check.
//
//	go run ./internal/golden/writemodels DIR
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

const (
	samples     = 8
	stepsBefore = 3
	stepsAfter  = 5
)

// encoder is the twin of the class Encoder in models.py.
type encoder struct {
	layers.Base
	Units  int
	first  layers.Dense
	blocks []*layers.Dense
}

func init() { saving.Register[encoder]("Golden>Encoder", "") }

// Setup implements [layers.Setter].
func (e *encoder) Setup() {
	e.first = layers.Dense{Units: e.Units, Activation: activations.ReLU}
	e.blocks = []*layers.Dense{{Units: e.Units, Activation: activations.Tanh}, {Units: 2}}
}

// Call implements [layers.Layer].
func (e *encoder) Call(b *layers.Builder, x ops.Tensor) ops.Tensor {
	scale := b.Weight("scale", []int{x.Dim(-1)}, layers.Spec{Initializer: initializers.Ones{}})
	x = b.Apply(&e.first, ops.Multiply(x, scale))
	for _, block := range e.blocks {
		x = b.Apply(block, x)
	}
	return x
}

// An example is a model with data for it.
type example struct {
	name    string
	model   *keras.Model
	compile keras.CompileOptions
	inputs  []*tensor.Dense
	targets []*tensor.Dense
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: writemodels DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "%+v\n", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	r := random{rand.New(rand.NewPCG(1, 2))}
	for _, e := range []example{stack(r), images(r), text(r), graph(r), nested(r), states(r), custom(r)} {
		e.compile.Seed = 7
		if err := e.write(dir); err != nil {
			return errors.WithMessage(err, e.name)
		}
	}
	return nil
}

// write trains a little, saves, and trains on.
func (e *example) write(dir string) error {
	ctx, b := context.Background(), data.Batch{X: e.inputs, Y: e.targets}
	if err := e.model.Compile(e.compile); err != nil {
		return err
	}
	fit := func(steps int) error {
		_, err := e.model.FitArrays(ctx, b, keras.FitOptions{Epochs: steps, BatchSize: samples, Shuffle: new(false)})
		return err
	}
	if err := fit(stepsBefore); err != nil {
		return err
	}
	if err := e.model.Save(filepath.Join(dir, e.name+".keras")); err != nil {
		return err
	}
	var summary bytes.Buffer
	if err := e.model.Summary(&summary); err != nil {
		return err
	}
	predictions, err := e.model.PredictArrays(ctx, e.inputs)
	if err != nil {
		return err
	}
	if err := fit(stepsAfter); err != nil {
		return err
	}
	var weights []any
	for _, w := range e.model.Weights() {
		if w.DType() == ops.Float32 {
			weights = append(weights, map[string]any{"shape": w.Shape(), "dtype": "float32", "data": w.Float32s()})
		}
	}
	text, err := json.Marshal(map[string]any{
		"inputs": packAll(e.inputs), "targets": packAll(e.targets), "predictions": packAll(predictions), "summary": summary.String(), "weights": weights,
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, e.name+".json"), text, 0o644)
}

func packAll(as []*tensor.Dense) []any {
	all := make([]any, len(as))
	for i, a := range as {
		all[i] = map[string]any{"shape": a.Shape(), "dtype": a.Dtype().String(), "data": a.Data()}
	}
	return all
}

type random struct{ *rand.Rand }

func (r random) floats(shape ...int) *tensor.Dense {
	a := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(shape...))
	for i := range a.Float32s() {
		a.Float32s()[i] = r.Float32()*2 - 1
	}
	return a
}

func (r random) ids(n int32, shape ...int) *tensor.Dense {
	a := tensor.New(tensor.Of(tensor.Int32), tensor.WithShape(shape...))
	for i := range a.Int32s() {
		a.Int32s()[i] = r.Int32N(n)
	}
	return a
}

func arrays(as ...*tensor.Dense) []*tensor.Dense { return as }

func stack(r random) example {
	return example{
		"stack", keras.Sequential(
			&layers.Dense{Units: 6, Activation: activations.ReLU, KernelRegularizer: regularizers.L2{}, KernelConstraint: constraints.MaxNorm{Axis: []int{0}}},
			&layers.Dropout{}, &layers.Dense{Units: 5, UseBias: new(false), Activation: activations.GELU, KernelInitializer: initializers.HeNormal{}},
			layers.Named("head", &layers.Dense{Units: 3, Activation: activations.Softmax}),
		),
		keras.CompileOptions{
			Optimizer: &optimizers.Adam{LearningRate: 0.01, AMSGrad: true}, Loss: losses.SparseCategoricalCrossentropy{},
			Metrics: []metrics.Metric{&metrics.Accuracy{}, &metrics.SparseCategoricalAccuracy{}},
		},
		arrays(r.floats(samples, 4)), arrays(r.ids(3, samples)),
	}
}

func images(r random) example {
	return example{
		"images", keras.Sequential(
			&layers.Input{Shape: []int{8, 8, 2}}, &layers.Conv2D{Filters: 4, KernelSize: []int{3}, Padding: layers.Same, Activation: activations.ReLU},
			&layers.BatchNormalization{Momentum: new(0.8)}, &layers.MaxPooling2D{}, &layers.Conv2D{Filters: 4, KernelSize: []int{2, 1}, Strides: []int{1, 2}, Groups: 2},
			&layers.Flatten{}, &layers.Reshape{TargetShape: []int{-1, 4}}, &layers.Activation{Activation: activations.Tanh}, &layers.Flatten{}, &layers.Dense{Units: 1},
		),
		keras.CompileOptions{Optimizer: &optimizers.SGD{Momentum: 0.9, Nesterov: true}, Loss: losses.MeanSquaredError{}, Metrics: []metrics.Metric{&metrics.MeanAbsoluteError{}}},
		arrays(r.floats(samples, 8, 8, 2)), arrays(r.floats(samples, 1)),
	}
}

func text(r random) example {
	title := keras.Input(layers.Input{Base: layers.Base{Name: "title"}, Shape: []int{6}, DType: ops.Int32})
	tags := keras.Input(layers.Input{Shape: []int{3}})
	h := keras.Apply(&layers.Embedding{InputDim: 9, OutputDim: 4, MaskZero: true}, title)
	h = keras.Apply(&layers.Dense{Units: 4, Activation: activations.ReLU}, h)
	h = keras.Apply(&layers.LSTM{Units: 5}, h)
	h = keras.Merge(&layers.Concatenate{}, h, tags)
	return example{
		"text", keras.NewModel([]ops.Tensor{title, tags}, []ops.Tensor{keras.Apply(&layers.Dense{Units: 1, Activation: activations.Sigmoid}, h)}),
		keras.CompileOptions{Optimizer: &optimizers.RMSprop{LearningRate: 0.01}, Loss: losses.BinaryCrossentropy{}, Metrics: []metrics.Metric{&metrics.Accuracy{}}},
		arrays(r.ids(9, samples, 6), r.floats(samples, 3)), arrays(r.ids(2, samples, 1)),
	}
}

func graph(r random) example {
	x, y := keras.Input(layers.Input{Shape: []int{4}}), keras.Input(layers.Input{Shape: []int{4}})
	twin := &layers.Dense{Units: 4, Activation: activations.Tanh}
	a, b := keras.Apply(twin, keras.Apply(twin, x)), keras.Apply(twin, y)
	h := ops.Multiply(ops.Subtract(ops.Scalar(1), ops.Sigmoid(a)), ops.Add(b, ops.Scalar(0.5)))
	h = keras.Merge(&layers.Add{}, h, ops.ReLU(a), ops.Maximum(a, b))
	h = ops.Concatenate(-1, h, ops.KeepDims(ops.Mean, h, -1))
	return example{
		"graph", keras.NewModel([]ops.Tensor{x, y}, []ops.Tensor{keras.Apply(&layers.Dense{Units: 2}, h)}),
		keras.CompileOptions{Optimizer: &optimizers.Adam{Schedule: optimizers.ExponentialDecay{InitialLearningRate: 0.02, DecaySteps: 4, DecayRate: 0.5}}, Loss: losses.MeanSquaredError{}},
		arrays(r.floats(samples, 4), r.floats(samples, 4)), arrays(r.floats(samples, 2)),
	}
}

func nested(r random) example {
	in := keras.Input(layers.Input{Shape: []int{4}})
	inner := keras.NewModel([]ops.Tensor{in}, []ops.Tensor{keras.Apply(&layers.Dense{Units: 3, Activation: activations.ReLU}, in)})
	front := keras.Sequential(&layers.Dense{Units: 4}, &layers.Activation{Activation: activations.Tanh}, keras.Sequential(&layers.Dense{Units: 4}))
	x := keras.Input(layers.Input{Shape: []int{4}})
	frozen := &layers.Dense{Units: 3}
	frozen.SetTrainable(false)
	h := keras.Apply(frozen, keras.Apply(inner, keras.Apply(front, x)))
	price := keras.Apply(layers.Named("price", &layers.Dense{Units: 1}), h)
	kind := keras.Apply(layers.Named("kind", &layers.Dense{Units: 2, Activation: activations.Softmax}), keras.Apply(inner, x))
	return example{
		"nested", keras.NewModel([]ops.Tensor{x}, []ops.Tensor{price, kind}),
		keras.CompileOptions{
			Optimizer: &optimizers.SGD{LearningRate: 0.1}, LossWeights: []float64{0.5, 2},
			Loss: losses.Named{"price": losses.MeanSquaredError{}, "kind": losses.SparseCategoricalCrossentropy{}},
		},
		arrays(r.floats(samples, 4)), arrays(r.floats(samples, 1), r.ids(2, samples)),
	}
}

func states(r random) example {
	x := keras.Input(layers.Input{Shape: []int{5, 3}})
	s := keras.ApplyAll(&layers.LSTM{Units: 4, ReturnSequences: true, ReturnState: true}, x)
	h := keras.ApplyAll(&layers.LSTM{Units: 4, GoBackwards: true}, s...)[0]
	return example{
		"states", keras.NewModel([]ops.Tensor{x}, []ops.Tensor{keras.Apply(&layers.Dense{Units: 2}, h)}),
		keras.CompileOptions{Optimizer: &optimizers.Adam{LearningRate: 0.01, Base: optimizers.Base{ClipNorm: 0.5}}, Loss: losses.MeanAbsoluteError{}},
		arrays(r.floats(samples, 5, 3)), arrays(r.floats(samples, 2)),
	}
}

func custom(r random) example {
	return example{
		"custom", keras.Sequential(&layers.Input{Shape: []int{4}}, &encoder{Units: 5}, &layers.Dense{Units: 1}),
		keras.CompileOptions{Optimizer: &optimizers.RMSprop{LearningRate: 0.01, Centered: true, Momentum: 0.5}, Loss: losses.MeanSquaredError{}},
		arrays(r.floats(samples, 4)), arrays(r.floats(samples, 1)),
	}
}
