// Command mnist trains a convolutional network on handwritten digits, evaluates it on digits it has not seen, saves it as a file that
// Keras opens, and opens that file again.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

func main() {
	output := flag.String("output", filepath.Join(os.TempDir(), "mnist.keras"), "the `file` that the model is saved to")
	flag.Parse()
	if _, err := run(context.Background(), os.Stdout, *output); err != nil {
		log.Fatal(err)
	}
}

// run trains, evaluates and saves the model and returns its accuracy on the test digits.
func run(ctx context.Context, w io.Writer, output string) (accuracy float64, err error) {
	train, test, err := datasets.MNIST()
	if err != nil {
		return 0, err
	}
	model := keras.Sequential(
		&layers.Input{Shape: []int{28, 28}},
		&layers.Reshape{TargetShape: []int{28, 28, 1}},
		&layers.BatchNormalization{}, // scales pixels from 0 to 255
		&layers.Conv2D{Filters: 32, KernelSize: []int{3}, Activation: activations.ReLU},
		&layers.MaxPooling2D{},
		&layers.Conv2D{Filters: 64, KernelSize: []int{3}, Activation: activations.ReLU},
		&layers.MaxPooling2D{},
		&layers.Flatten{},
		&layers.Dropout{Rate: 0.5},
		&layers.Dense{Units: 10, Activation: activations.Softmax},
	)
	if err := model.Summary(w); err != nil {
		return 0, err
	}
	if err := model.Compile(keras.CompileOptions{
		Optimizer: &optimizers.Adam{LearningRate: 1e-3},
		Loss:      losses.SparseCategoricalCrossentropy{},
		Metrics:   []metrics.Metric{&metrics.Accuracy{}},
		Seed:      1,
	}); err != nil {
		return 0, err
	}
	if _, err := model.Fit(ctx, train.X, train.Y, keras.FitOptions{
		Epochs: 10, BatchSize: 64, Progress: w,
		ValidationData: data.Batch{X: []*tensor.Dense{test.X}, Y: []*tensor.Dense{test.Y}},
	}); err != nil {
		return 0, err
	}
	logs, err := model.Evaluate(ctx, test.X, test.Y)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(w, "Test digits: %.1f %% right\n", 100*logs["accuracy"])
	return logs["accuracy"], saveAndLoad(ctx, w, model, test, output)
}

// saveAndLoad saves the model and makes sure that the file holds the same model.
func saveAndLoad(ctx context.Context, w io.Writer, model *keras.Model, test datasets.Split, output string) error {
	if err := model.Save(output); err != nil {
		return err
	}
	loaded, err := keras.Load(output)
	if err != nil {
		return err
	}
	want, err := model.Predict(ctx, test.X)
	if err != nil {
		return err
	}
	got, err := loaded.Predict(ctx, test.X)
	if err != nil {
		return err
	}
	for i, p := range want.Float32s() {
		if got.Float32s()[i] != p {
			return errors.Errorf("%s: prediction %d is %v, before saving it was %v", output, i, got.Float32s()[i], p)
		}
	}
	fmt.Fprintf(w, "Saved to %s; in Python: keras.saving.load_model(%q)\n", output, output)
	return nil
}
