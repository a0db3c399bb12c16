// Command transfer reads the digits 5 to 9 from few examples, because it can read 0 to 4 already: what the convolutions have learned from those
// is frozen, and only a new head is trained.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"gorgonia.org/tensor"
)

const (
	side = 28
	few  = 50 // examples of the digits 5 to 9, all in all
)

func main() {
	if _, err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// A report is how many of the test digits are read right.
type report struct {
	before   float64 // 0 to 4
	transfer float64 // 5 to 9, with what was learned from 0 to 4
	scratch  float64 // 5 to 9, by the same model that has learned nothing before
	trained  int     // the weights that the transfer has trained
}

// run trains on the first five digits, then on few of the others.
func run(ctx context.Context, w io.Writer) (r report, err error) {
	train, test, err := datasets.MNIST()
	if err != nil {
		return r, err
	}
	low, lowTest := digits(train, 0), digits(test, 0)
	high, highTest := first(digits(train, 5), few), digits(test, 5)

	features := build()
	if r.before, err = learn(ctx, w, features, low, lowTest, 10); err != nil {
		return r, err
	}
	features.SetTrainable(false)
	if r.transfer, err = learn(ctx, w, features, high, highTest, 30); err != nil {
		return r, err
	}
	r.trained = len(features.TrainableWeights())
	if r.scratch, err = learn(ctx, w, build(), high, highTest, 30); err != nil {
		return r, err
	}
	fmt.Fprintf(w, "0 to 4: %.1f %% right. 5 to 9 from %d examples: %.1f %% right, without transfer %.1f %%.\n",
		100*r.before, few, 100*r.transfer, 100*r.scratch)
	return r, nil
}

// build makes the layers that are to be used again.
func build() *keras.Model {
	m := keras.Sequential(
		&layers.Input{Shape: []int{side, side, 1}},
		&layers.Rescaling{Scale: 1.0 / 255},
		&layers.Conv2D{Filters: 16, KernelSize: []int{3}, Activation: activations.ReLU},
		&layers.MaxPooling2D{},
		&layers.Conv2D{Filters: 32, KernelSize: []int{3}, Activation: activations.ReLU},
		&layers.MaxPooling2D{},
		&layers.Conv2D{Filters: 64, KernelSize: []int{3}, Activation: activations.ReLU},
		&layers.Flatten{},
		&layers.Dropout{Rate: 0.5},
	)
	m.Name = "features"
	return m
}

// learn puts a new head on the layers, trains what is not frozen, and returns the accuracy on the test.
func learn(ctx context.Context, w io.Writer, features *keras.Model, train, test datasets.Split, epochs int) (float64, error) {
	model := keras.Sequential(features, &layers.Dense{Units: 5, Activation: activations.Softmax})
	if err := model.Compile(keras.CompileOptions{
		Optimizer: &optimizers.Adam{LearningRate: 2e-3},
		Loss:      losses.SparseCategoricalCrossentropy{},
		Metrics:   []metrics.Metric{&metrics.Accuracy{}},
		Seed:      1,
	}); err != nil {
		return 0, err
	}
	if err := model.Summary(w); err != nil {
		return 0, err
	}
	if _, err := model.Fit(ctx, train.X, train.Y, keras.FitOptions{Epochs: epochs, BatchSize: 32, Progress: w, Verbose: 2}); err != nil {
		return 0, err
	}
	logs, err := model.Evaluate(ctx, test.X, test.Y)
	return logs["accuracy"], err
}

// digits are the five digits from a first one on, which becomes class 0.
func digits(s datasets.Split, from uint8) datasets.Split {
	images, labels := s.X.Uint8s(), s.Y.Uint8s()
	var x, y []uint8
	for i, label := range labels {
		if label >= from && label < from+5 {
			x, y = append(x, images[i*side*side:(i+1)*side*side]...), append(y, label-from)
		}
	}
	return split(x, y)
}

// first are the first n samples.
func first(s datasets.Split, n int) datasets.Split {
	return split(s.X.Uint8s()[:n*side*side], s.Y.Uint8s()[:n])
}

func split(x, y []uint8) datasets.Split {
	return datasets.Split{
		X: tensor.New(tensor.WithShape(len(y), side, side, 1), tensor.WithBacking(x)),
		Y: tensor.New(tensor.WithShape(len(y)), tensor.WithBacking(y)),
	}
}
