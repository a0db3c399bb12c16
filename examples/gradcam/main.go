// Command gradcam shows which pixels a network goes by. The network learns which digit hides in a noisy picture, and is never told where. Grad-CAM
// (Selvaraju and others 2016) weighs the maps of its last convolution by the gradients of its answer, and points at the digit.
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
	"slices"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/keras/visualization"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"gorgonia.org/tensor"
)

const (
	digit  = 8  // the side of a digit
	side   = 24 // the side of a picture
	maps   = 12 // the side of the maps of the last convolution
	noise  = 0.2
	copies = 4 // pictures of each digit for training
	tests  = 297
	shown  = 15
)

func main() {
	output := flag.String("output", filepath.Join(os.TempDir(), "gradcam.png"), "the `file` that the picture is written to")
	flag.Parse()
	if _, err := run(context.Background(), os.Stdout, *output); err != nil {
		log.Fatal(err)
	}
}

// A report is about pictures of new digits.
type report struct {
	accuracy float64
	pointing float64 // the share of pictures in which what counts most lies on the digit, which covers a ninth
}

// run trains a network, asks what it goes by, and draws that.
func run(ctx context.Context, w io.Writer, path string) (r report, err error) {
	train, test, err := hidden()
	if err != nil {
		return r, err
	}
	model := build()
	if err := model.Summary(w); err != nil {
		return r, err
	}
	if err := model.Compile(keras.CompileOptions{
		Optimizer: &optimizers.Adam{LearningRate: 2e-3},
		Loss:      losses.SparseCategoricalCrossentropy{FromLogits: true},
		Metrics:   []metrics.Metric{&metrics.Accuracy{}},
		Seed:      1,
	}); err != nil {
		return r, err
	}
	if _, err := model.Fit(ctx, train.images, train.labels, keras.FitOptions{Epochs: 6, BatchSize: 32, Progress: w, Verbose: 2}); err != nil {
		return r, err
	}
	logs, err := model.Evaluate(ctx, test.images, test.labels)
	if err != nil {
		return r, err
	}
	heat, answers, err := explain(ctx, model, test.images)
	if err != nil {
		return r, err
	}
	r = report{accuracy: logs["accuracy"], pointing: test.pointing(heat)}
	if err := draw(path, test.images, heat, answers); err != nil {
		return r, err
	}
	fmt.Fprintf(w, "%.1f %% of the digits are read right, %.1f %% are pointed at; see %s.\n", 100*r.accuracy, 100*r.pointing, path)
	return r, nil
}

func build() *keras.Model {
	conv := func(filters int) *layers.Conv2D {
		return &layers.Conv2D{Filters: filters, KernelSize: []int{3}, Padding: "same", Activation: activations.ReLU}
	}
	return keras.Sequential(
		&layers.Input{Shape: []int{side, side, 1}},
		conv(16),
		conv(32),
		&layers.MaxPooling2D{},
		conv(32),
		layers.Named("last", conv(32)),
		&layers.GlobalMaxPooling2D{},
		&layers.Dense{Units: 10},
	)
}

// explain returns, for each picture, how much its places speak for the network's answer, and the answers.
func explain(ctx context.Context, model *keras.Model, pictures *tensor.Dense) (heat *tensor.Dense, answers []int32, err error) {
	both := keras.NewModel(model.Inputs(), []ops.Tensor{model.LayerOutput("last"), model.Outputs()[0]})
	step := keras.NewStep(func(s *keras.Step, in ...ops.Tensor) ops.Tensor {
		results := s.InferAll(both, in[0])
		features, scores := results[0], results[1]
		s.Watch(features)
		s.Output("features", features)
		s.Output("answers", ops.ArgMax(scores, -1))
		return ops.Sum(ops.Max(scores, -1))
	})
	r, err := step.Run(ctx, pictures)
	if err != nil {
		return nil, nil, err
	}
	const places = maps * maps
	features, gradients := r.Output("features").Float32s(), r.Watched()[0].Float32s()
	n := pictures.Shape()[0]
	channels := len(features) / (n * places)
	values := make([]float32, n*places)
	for i := range n {
		from := i * places * channels
		weights := make([]float32, channels) // the mean gradient of each map
		for k := range places * channels {
			weights[k%channels] += gradients[from+k] / places
		}
		for k := range places * channels {
			values[i*places+k/channels] += weights[k%channels] * features[from+k]
		}
	}
	for i, v := range values {
		values[i] = max(0, v) // what speaks for other answers is left out
	}
	return tensor.New(tensor.WithShape(n, maps, maps), tensor.WithBacking(values)), slices.Clone(r.Output("answers").Int32s()), nil
}

// draw lays the maps over the pictures.
func draw(path string, pictures, heat *tensor.Dense, answers []int32) error {
	labels := make([]string, shown)
	for i := range labels {
		labels[i] = fmt.Sprint(answers[i])
	}
	first := func(a *tensor.Dense, side int) *tensor.Dense {
		return tensor.New(tensor.WithShape(shown, side, side), tensor.WithBacking(a.Float32s()[:shown*side*side]))
	}
	p, err := visualization.Gallery(first(pictures, side), visualization.GalleryOptions{Columns: 5, Labels: labels, Scale: 5, Heat: first(heat, maps)})
	if err != nil {
		return err
	}
	return p.Save(path)
}

// A hiding is pictures with a digit somewhere.
type hiding struct {
	images, labels *tensor.Dense
	places         [][2]int // of the digits' upper left corners
}

// hidden hides the digits.
func hidden() (train, test hiding, err error) {
	all, err := datasets.Digits()
	if err != nil {
		return train, test, err
	}
	rng := rand.New(rand.NewPCG(1, 2))
	cut := all.Y.Shape()[0] - tests
	return hide(all, 0, cut, copies, rng), hide(all, cut, cut+tests, 1, rng), nil
}

// hide puts digits number from to below to into noise, each so many times.
func hide(all datasets.Split, from, to, copies int, rng *rand.Rand) hiding {
	var h hiding
	var images []float32
	var labels []int32
	for i := range (to - from) * copies {
		i := from + i/copies
		picture := make([]float32, side*side)
		for k := range picture {
			picture[k] = noise * float32(rng.NormFloat64())
		}
		y, x := rng.IntN(side-digit+1), rng.IntN(side-digit+1)
		for k, v := range all.X.Float64s()[i*digit*digit : (i+1)*digit*digit] {
			picture[(y+k/digit)*side+x+k%digit] += float32(v / 16)
		}
		images, labels, h.places = append(images, picture...), append(labels, all.Y.Int32s()[i]), append(h.places, [2]int{y, x})
	}
	h.images = tensor.New(tensor.WithShape(len(labels), side, side, 1), tensor.WithBacking(images))
	h.labels = tensor.New(tensor.WithShape(len(labels)), tensor.WithBacking(labels))
	return h
}

// pointing is the share of maps whose largest value lies on the digit.
func (h hiding) pointing(heat *tensor.Dense) float64 {
	hits := 0
	for i, corner := range h.places {
		one := heat.Float32s()[i*maps*maps : (i+1)*maps*maps]
		at := slices.Index(one, slices.Max(one))
		y, x := at/maps*side/maps, at%maps*side/maps
		if y >= corner[0] && y < corner[0]+digit && x >= corner[1] && x < corner[1]+digit {
			hits++
		}
	}
	return float64(hits) / float64(len(h.places))
}
