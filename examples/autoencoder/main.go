// Command autoencoder takes the noise off handwritten digits: it learns to draw a clean digit from a noisy one, by way of few numbers. A picture
// shows digits, what the noise made of them, and what the model made of that.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/keras/visualization"
	"github.com/gokeras/gokeras/keras/visualization/diagram"
	"github.com/gokeras/gokeras/layers"
	"gorgonia.org/tensor"
)

const (
	side  = 28
	noise = 0.5 // deviation, of pixels from 0 to 1
	shown = 12
)

func main() {
	output := flag.String("output", os.TempDir(), "the `directory` that the pictures are written to")
	flag.Parse()
	if _, err := run(context.Background(), os.Stdout, *output); err != nil {
		log.Fatal(err)
	}
}

// A report is how far pixels of the test digits are off, in the mean of squares.
type report struct{ noisy, denoised float64 }

// run trains the model, measures it and writes the pictures digits.png, curves.png and model.png.
func run(ctx context.Context, w io.Writer, directory string) (r report, err error) {
	trainSplit, testSplit, err := datasets.MNIST()
	if err != nil {
		return r, err
	}
	rng := rand.New(rand.NewPCG(1, 2))
	train, test := pairs(trainSplit.X, rng), pairs(testSplit.X, rng)

	model := build()
	if err := model.Summary(w); err != nil {
		return r, err
	}
	if err := model.Compile(keras.CompileOptions{Optimizer: &optimizers.Adam{LearningRate: 2e-3}, Loss: losses.BinaryCrossentropy{}, Seed: 1}); err != nil {
		return r, err
	}
	history, err := model.FitArrays(ctx, train, keras.FitOptions{
		Epochs: 10, BatchSize: 64, ValidationData: test, Progress: w, Verbose: 2,
	})
	if err != nil {
		return r, err
	}
	denoised, err := model.Predict(ctx, test.X[0])
	if err != nil {
		return r, err
	}
	r = report{noisy: distance(test.Y[0], test.X[0]), denoised: distance(test.Y[0], denoised)}
	if err := draw(directory, model, history, test, denoised); err != nil {
		return r, err
	}
	fmt.Fprintf(w, "Mean squared error: %.4f with noise, %.4f without it; pictures are in %s.\n", r.noisy, r.denoised, directory)
	return r, nil
}

// build makes an encoder of two stages, 28 x 28 to 7 x 7 x 16, and a decoder that goes back.
func build() *keras.Model {
	conv := func(filters int) layers.Layer {
		return &layers.Conv2D{Filters: filters, KernelSize: []int{3}, Padding: "same", Activation: activations.ReLU}
	}
	return keras.Sequential(
		&layers.Input{Shape: []int{side, side, 1}},
		conv(16), &layers.MaxPooling2D{},
		conv(16), &layers.MaxPooling2D{},
		conv(16), &layers.UpSampling2D{},
		conv(16), &layers.UpSampling2D{},
		&layers.Conv2D{Filters: 1, KernelSize: []int{3}, Padding: "same", Activation: activations.Sigmoid},
	)
}

// pairs are digits with noise, and the digits.
func pairs(images *tensor.Dense, rng *rand.Rand) data.Batch {
	pixels := images.Uint8s()
	clean, noisy := make([]float32, len(pixels)), make([]float32, len(pixels))
	for i, v := range pixels {
		clean[i] = float32(v) / 255
		noisy[i] = min(1, max(0, clean[i]+noise*float32(rng.NormFloat64())))
	}
	array := func(values []float32) *tensor.Dense {
		return tensor.New(tensor.WithShape(images.Shape()[0], side, side, 1), tensor.WithBacking(values))
	}
	return data.Batch{X: []*tensor.Dense{array(noisy)}, Y: []*tensor.Dense{array(clean)}}
}

// distance is the mean squared difference of pixels.
func distance(a, b *tensor.Dense) (sum float64) {
	for i, v := range a.Float32s() {
		d := float64(v - b.Float32s()[i])
		sum += d * d
	}
	return sum / float64(len(a.Float32s()))
}

func draw(directory string, model *keras.Model, history *keras.History, test data.Batch, denoised *tensor.Dense) error {
	var rows []float32
	for _, images := range []*tensor.Dense{test.Y[0], test.X[0], denoised} {
		rows = append(rows, images.Float32s()[:shown*side*side]...)
	}
	digits, err := visualization.Gallery(
		tensor.New(tensor.WithShape(3*shown, side, side), tensor.WithBacking(rows)),
		visualization.GalleryOptions{Columns: shown, Range: [2]float64{0, 1}, Scale: 3},
	)
	if err != nil {
		return err
	}
	if err := digits.Save(filepath.Join(directory, "digits.png")); err != nil {
		return err
	}
	curves, err := visualization.History(history)
	if err != nil {
		return err
	}
	if err := curves.Save(filepath.Join(directory, "curves.png")); err != nil {
		return err
	}
	return diagram.Plot(filepath.Join(directory, "model.png"), model, diagram.Options{ShowShapes: true, DPI: 96})
}
