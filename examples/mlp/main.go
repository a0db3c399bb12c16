// Command mlp trains the smallest useful network, 784-64-10, first on random numbers, to see what a step costs, then on real digits.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"time"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"gorgonia.org/tensor"
)

func main() {
	if _, err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// run trains on noise and on digits and returns the accuracy on digits that were not trained on.
func run(ctx context.Context, w io.Writer) (accuracy float64, err error) {
	x, y := noise(1000)
	model, err := build()
	if err != nil {
		return 0, err
	}
	start := time.Now()
	if _, err := model.Fit(ctx, x, y, keras.FitOptions{Epochs: 10, BatchSize: 32, Progress: w, Verbose: 2}); err != nil {
		return 0, err
	}
	fmt.Fprintf(w, "1,000 random rows, 10 epochs: %v\n\n", time.Since(start).Round(time.Microsecond))

	train, test, err := datasets.MNIST()
	if err != nil {
		return 0, err
	}
	if model, err = build(); err != nil {
		return 0, err
	}
	xTrain, xTest := pixels(train.X), pixels(test.X)
	if _, err := model.Fit(ctx, xTrain, train.Y, keras.FitOptions{Epochs: 10, BatchSize: 32, Progress: w, Verbose: 2}); err != nil {
		return 0, err
	}
	logs, err := model.Evaluate(ctx, xTest, test.Y)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(w, "Test digits: %.1f %% right\n", 100*logs["accuracy"])
	return logs["accuracy"], nil
}

func build() (*keras.Model, error) {
	model := keras.Sequential(
		&layers.Input{Shape: []int{784}},
		&layers.Dense{Units: 64, Activation: activations.ReLU},
		&layers.Dense{Units: 10, Activation: activations.Softmax},
	)
	return model, model.Compile(keras.CompileOptions{
		Optimizer: &optimizers.Adam{LearningRate: 1e-3},
		Loss:      losses.SparseCategoricalCrossentropy{},
		Metrics:   []metrics.Metric{&metrics.Accuracy{}},
		Seed:      1,
	})
}

// noise is rows of random pixels with random labels.
func noise(n int) (x, y *tensor.Dense) {
	r := rand.New(rand.NewPCG(42, 0))
	rows, labels := make([]float32, n*784), make([]int32, n)
	for i := range rows {
		rows[i] = r.Float32()
	}
	for i := range labels {
		labels[i] = r.Int32N(10)
	}
	return tensor.New(tensor.WithShape(n, 784), tensor.WithBacking(rows)), tensor.New(tensor.WithShape(n), tensor.WithBacking(labels))
}

// pixels makes images rows of numbers between 0 and 1.
func pixels(images *tensor.Dense) *tensor.Dense {
	bytes := images.Uint8s()
	rows := make([]float32, len(bytes))
	for i, b := range bytes {
		rows[i] = float32(b) / 255
	}
	return tensor.New(tensor.WithShape(len(bytes)/784, 784), tensor.WithBacking(rows))
}
