// Command fashion_resnet tells clothes apart with a residual network: what a block computes is added to what went into it. The pictures are moved
// and mirrored on their way to the network, so that no two epochs are alike.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"gorgonia.org/tensor"
)

const (
	side   = 28
	moved  = 2 // pixels at most, in each direction
	batch  = 64
	epochs = 8
)

func main() {
	if _, err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// run trains the network and returns the share of test pictures that it tells right.
func run(ctx context.Context, w io.Writer) (accuracy float64, err error) {
	train, test, err := datasets.FashionMNIST()
	if err != nil {
		return 0, err
	}
	pictures := pipeline(train).Shuffle(train.Y.Shape()[0]).MapRandom(augment, data.MapOptions{NumParallelCalls: data.Autotune}).Batch(batch)
	model := build(len(train.TargetNames))
	if err := model.Compile(keras.CompileOptions{
		Optimizer: &optimizers.Adam{Schedule: optimizers.CosineDecay{InitialLearningRate: 4e-3, DecaySteps: epochs * pictures.Len()}},
		Loss:      losses.SparseCategoricalCrossentropy{},
		Metrics:   []metrics.Metric{&metrics.Accuracy{}},
		Seed:      1,
	}); err != nil {
		return 0, err
	}
	if err := model.Summary(w); err != nil {
		return 0, err
	}
	if _, err := model.FitDataset(ctx, pictures.Prefetch(2), keras.FitOptions{
		Epochs: epochs, ValidationDataset: pipeline(test).Batch(250), Progress: w, Verbose: 2,
	}); err != nil {
		return 0, err
	}
	logs, err := model.EvaluateDataset(ctx, pipeline(test).Batch(250))
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(w, "%.1f %% of the clothes are told right.\n", 100*logs["accuracy"])
	return logs["accuracy"], nil
}

// build makes the network: three stages, each with pictures of half the side and more channels.
func build(classes int) *keras.Model {
	picture := keras.Input(layers.Input{Shape: []int{side, side, 1}})
	x := keras.Apply(&layers.Rescaling{Scale: 1.0 / 255}, picture)
	x = keras.Apply(&layers.MaxPooling2D{}, convolution(x, 16, 3, 1, true))
	x = block(x, 16, 1)
	x = block(x, 32, 2)
	x = block(x, 64, 2)
	x = keras.Apply(&layers.GlobalAveragePooling2D{}, x)
	return keras.NewModel([]ops.Tensor{picture}, []ops.Tensor{
		keras.Apply(&layers.Dense{Units: classes, Activation: activations.Softmax}, x),
	})
}

// block adds to x what two convolutions make of it. Where that has another shape, x goes through a convolution of single pixels.
func block(x ops.Tensor, filters, stride int) ops.Tensor {
	change := convolution(convolution(x, filters, 3, stride, true), filters, 3, 1, false)
	if stride > 1 || x.Dim(-1) != filters {
		x = convolution(x, filters, 1, stride, false)
	}
	return keras.Apply(&layers.ReLU{}, keras.Merge(&layers.Add{}, x, change))
}

// convolution is followed by a normalization, which makes a bias superfluous, and maybe by what bends it.
func convolution(x ops.Tensor, filters, size, stride int, relu bool) ops.Tensor {
	x = keras.Apply(&layers.Conv2D{
		Filters: filters, KernelSize: []int{size}, Strides: []int{stride}, Padding: ops.Same, UseBias: new(false),
	}, x)
	x = keras.Apply(&layers.BatchNormalization{Momentum: new(0.9)}, x)
	if relu {
		x = keras.Apply(&layers.ReLU{}, x)
	}
	return x
}

// pipeline yields pictures [28, 28, 1] and classes.
func pipeline(s datasets.Split) data.Pipeline {
	n := s.Y.Shape()[0]
	return data.FromTensorSlices(tensor.New(tensor.WithShape(n, side, side, 1), tensor.WithBacking(s.X.Uint8s())), s.Y)
}

// augment moves a picture by some pixels and mirrors every other one.
func augment(example data.Batch, rng *rand.Rand) (data.Batch, error) {
	pixels := example.X[0].Uint8s()
	down, right, mirror := rng.IntN(2*moved+1)-moved, rng.IntN(2*moved+1)-moved, rng.IntN(2) == 1
	var from [side * side]uint8
	copy(from[:], pixels)
	for i := range side {
		for j := range side {
			y, x := i-down, j-right
			if mirror {
				x = side - 1 - x
			}
			pixels[i*side+j] = 0 // what comes in from outside is black
			if y >= 0 && y < side && x >= 0 && x < side {
				pixels[i*side+j] = from[y*side+x]
			}
		}
	}
	return example, nil
}
