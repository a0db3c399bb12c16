// Command custom makes every part of a training itself: a layer, a model, a loss, a metric, a callback, and the training step. Beside the
// step a Fit does the same, and at the end all weights are equal to the last bit.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"math"
	"os"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/keras/preprocessing"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

const (
	epochs    = 40
	batchSize = 32
	seed      = 11
)

func main() {
	if _, err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// Gated is a layer of one's own: a dense layer whose output another one opens or shuts.
type Gated struct {
	layers.Base
	Units int
}

// Call implements [layers.Layer].
func (g *Gated) Call(b *layers.Builder, x ops.Tensor) ops.Tensor {
	if g.Units <= 0 {
		return b.Errorf("units must be positive, got %d", g.Units)
	}
	shape := []int{x.Dim(-1), g.Units}
	value := ops.MatMul(x, b.Weight("value", shape, layers.Spec{}))
	gate := ops.Add(ops.MatMul(x, b.Weight("gate", shape, layers.Spec{})), b.Weight("bias", []int{g.Units}, layers.Spec{Initializer: initializers.Ones{}}))
	return ops.Multiply(value, ops.Sigmoid(gate))
}

// Estimator is a model of one's own: layers in fields, and what happens between them in Call.
type Estimator struct {
	layers.Base
	first, second Gated
	skip, price   layers.Dense
}

// Setup makes the inner layers.
func (e *Estimator) Setup() {
	e.first, e.second = Gated{Units: 16}, Gated{Units: 16}
	e.skip = layers.Dense{Units: 16}
	e.price = layers.Dense{Units: 1, Activation: activations.Softplus} // No house is given away.
}

// Call implements [layers.Layer].
func (e *Estimator) Call(b *layers.Builder, x ops.Tensor) ops.Tensor {
	h := b.Apply(&e.second, b.Apply(&e.first, x))
	return b.Apply(&e.price, ops.Add(h, b.Apply(&e.skip, x)))
}

// Cautious is a loss of one's own: a price that is too high hurts Factor times as much as one that is too low.
type Cautious struct{ Factor float64 }

// Loss implements [losses.Loss].
func (c Cautious) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	over := ops.Subtract(ops.Squeeze(yPred, -1), yTrue)
	return ops.Square(ops.Where(ops.Greater(over, ops.Scalar(0)), ops.Multiply(over, ops.Scalar(c.Factor)), over))
}

// Within is a metric of one's own: the share of prices that are at most Percent off.
type Within struct {
	Percent     float64
	hits, count float64
}

// Name implements [metrics.Metric].
func (w *Within) Name() string { return fmt.Sprintf("within_%v", w.Percent) }

// Reset implements [metrics.Metric].
func (w *Within) Reset() { w.hits, w.count = 0, 0 }

// Result implements [metrics.Metric].
func (w *Within) Result() float64 { return w.hits / max(w.count, 1) }

// Direction tells callbacks that more is better.
func (w *Within) Direction() string { return "max" }

// Update implements [metrics.Metric].
func (w *Within) Update(yTrue, yPred, _ *tensor.Dense) error {
	t, p := yTrue.Float32s(), yPred.Float32s()
	if len(t) != len(p) {
		return errors.Errorf("expected a prediction for each of %d prices, got %d", len(t), len(p))
	}
	for i, v := range t {
		if math.Abs(float64(p[i]-v)) <= w.Percent/100*float64(v) {
			w.hits++
		}
	}
	w.count += float64(len(t))
	return nil
}

// Report is a callback of one's own: a line after every so many epochs, and an end when the metric is good enough.
type Report struct {
	callbacks.Base
	Every  int
	Enough float64
	Output io.Writer
}

// OnEpochEnd implements [callbacks.Callback].
func (r Report) OnEpochEnd(_ *callbacks.Run, epoch int, logs callbacks.Logs) error {
	if (epoch+1)%r.Every == 0 {
		fmt.Fprintf(r.Output, "epoch %d: loss %.1f, %.0f %% of the prices within 20 %%\n", epoch+1, logs["loss"], 100*logs["within_20"])
	}
	if logs["within_20"] >= r.Enough {
		return callbacks.ErrStop
	}
	return nil
}

// run trains in both ways, compares, and returns the share of test prices that are at most 20 % off.
func run(ctx context.Context, w io.Writer) (within float64, err error) {
	train, test, err := datasets.BostonHousing()
	if err != nil {
		return 0, err
	}
	var scaler preprocessing.StandardScaler
	if err := scaler.Fit(train.X); err != nil {
		return 0, err
	}
	x, err := scaler.Transform(train.X)
	if err != nil {
		return 0, err
	}
	xTest, err := scaler.Transform(test.X)
	if err != nil {
		return 0, err
	}
	houses := data.FromTensorSlices(x, train.Y).Shuffle(x.Shape()[0]).Batch(batchSize)
	byFit, err := fit(ctx, w, houses)
	if err != nil {
		return 0, err
	}
	byStep, err := step(ctx, houses)
	if err != nil {
		return 0, err
	}
	if err := sameWeights(byFit, byStep); err != nil {
		return 0, err
	}
	logs, err := byFit.Evaluate(ctx, xTest, test.Y)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(w, "Fit and the step of its own end with the same bits; %.0f %% of the test prices are within 20 %%.\n", 100*logs["within_20"])
	return logs["within_20"], nil
}

func build() *keras.Model {
	return keras.Sequential(&layers.Input{Shape: []int{13}}, &Estimator{})
}

// fit trains as usual, with all parts of its own.
func fit(ctx context.Context, w io.Writer, houses data.Dataset) (*keras.Model, error) {
	model := build()
	if err := model.Compile(keras.CompileOptions{
		Optimizer: &optimizers.Adam{LearningRate: 1e-2},
		Loss:      Cautious{Factor: 2},
		Metrics:   []metrics.Metric{&Within{Percent: 20}},
		Seed:      seed,
	}); err != nil {
		return nil, err
	}
	_, err := model.FitDataset(ctx, houses, keras.FitOptions{
		Epochs: epochs, Callbacks: []callbacks.Callback{Report{Every: 10, Enough: 0.99, Output: w}},
	})
	return model, err
}

// A Training is a training step of one's own, which FitTrainer runs with epochs, callbacks and progress.
type Training struct {
	model     *keras.Model
	step      *keras.Function
	optimizer *optimizers.Adam
}

// TrainStep implements [keras.Trainer].
func (t *Training) TrainStep(ctx context.Context, b data.Batch) (callbacks.Logs, error) {
	r, err := t.step.Run(ctx, b.X[0], b.Y[0])
	if err != nil {
		return nil, err
	}
	return callbacks.Logs{"loss": r.Loss}, optimizers.Apply(t.optimizer, r.Gradients())
}

// Weights implements [keras.Trainer].
func (t *Training) Weights() []*layers.Weight { return t.model.Weights() }

// Seed implements [keras.Seeder]: the samples come in the same order as in Fit.
func (t *Training) Seed() uint64 { return seed }

// step trains by a step of its own.
func step(ctx context.Context, houses data.Dataset) (*keras.Model, error) {
	t := &Training{model: build(), optimizer: &optimizers.Adam{LearningRate: 1e-2}}
	if err := t.model.Compile(keras.CompileOptions{Loss: Cautious{Factor: 2}, Seed: seed}); err != nil { // for the first weights
		return nil, err
	}
	t.step = keras.NewStep(func(s *keras.Step, in ...ops.Tensor) ops.Tensor {
		prediction := s.Call(t.model, in[0])
		return losses.Reduce(Cautious{Factor: 2}.Loss(in[1], prediction), prediction, ops.Tensor{}, losses.SumOverBatchSize)
	}, t.model)
	_, err := keras.FitTrainer(ctx, t, houses, keras.FitOptions{Epochs: epochs})
	return t.model, err
}

func sameWeights(a, b *keras.Model) error {
	for i, w := range a.Weights() {
		other := b.Weights()[i].Float32s()
		for j, v := range w.Float32s() {
			if other[j] != v {
				return errors.Errorf("%s, element %d: %v by Fit, %v by the step", w.Path, j, v, other[j])
			}
		}
	}
	return nil
}
