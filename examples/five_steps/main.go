// Command five_steps writes out by hand what Fit does: prepare the data, compute predictions, compute the loss, compute gradients,
// update the weights. Beside it a Fit does the same, and at the end all weights are equal to the last bit.
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
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/keras/preprocessing"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

const (
	epochs    = 50
	batchSize = 32
	seed      = 7
)

func main() {
	if _, err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// run trains by hand and by Fit, compares, and returns the mean squared error on houses that were not trained on.
func run(ctx context.Context, w io.Writer) (testError float64, err error) {
	// 1. Preparation: every feature gets mean 0 and deviation 1, by what the training houses say.
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
	byHand, err := build()
	if err != nil {
		return 0, err
	}
	if err := trainByHand(ctx, w, byHand, x, train.Y); err != nil {
		return 0, err
	}
	byFit, err := build()
	if err != nil {
		return 0, err
	}
	if _, err := byFit.Fit(ctx, x, train.Y, keras.FitOptions{Epochs: epochs, BatchSize: batchSize, Shuffle: new(false)}); err != nil {
		return 0, err
	}
	if err := sameWeights(byHand, byFit); err != nil {
		return 0, err
	}
	logs, err := byFit.Evaluate(ctx, xTest, test.Y)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(w, "Both ways end with the same bits. Mean squared error on the test houses: %.1f\n", logs["loss"])
	return logs["loss"], nil
}

func build() (*keras.Model, error) {
	model := keras.Sequential(
		&layers.Input{Shape: []int{13}},
		&layers.Dense{Units: 32, Activation: activations.ReLU},
		&layers.Dense{Units: 1},
	)
	return model, model.Compile(keras.CompileOptions{
		Optimizer: &optimizers.Adam{LearningRate: 1e-2},
		Loss:      losses.MeanSquaredError{},
		Seed:      seed,
	})
}

// trainByHand is Fit without shuffling, step by step.
func trainByHand(ctx context.Context, w io.Writer, model *keras.Model, x, y *tensor.Dense) error {
	step := keras.NewStep(func(s *keras.Step, in ...ops.Tensor) ops.Tensor {
		// 2. Forward: what does the network say?
		prediction := s.Call(model, in[0])
		// 3. Loss: how wrong is that?
		return ops.Mean(losses.MeanSquaredError{}.Loss(in[1], prediction))
	}, model)
	optimizer := &optimizers.Adam{LearningRate: 1e-2}
	n := x.Shape()[0]
	for epoch := range epochs {
		total := 0.0
		for first := 0; first < n; first += batchSize {
			last := min(n, first+batchSize)
			xs, err := rows(x, first, last)
			if err != nil {
				return err
			}
			ys, err := rows(y, first, last)
			if err != nil {
				return err
			}
			// 4. Gradients: which way is less wrong?
			r, err := step.Run(ctx, xs, ys)
			if err != nil {
				return err
			}
			// 5. Update: a step that way.
			if err := optimizers.Apply(optimizer, r.Gradients()); err != nil {
				return err
			}
			total += r.Loss * float64(last-first)
		}
		if epoch%10 == 9 {
			fmt.Fprintf(w, "epoch %d: loss %.2f\n", epoch+1, total/float64(n))
		}
	}
	return nil
}

// rows are some samples of an array.
func rows(a *tensor.Dense, from, to int) (*tensor.Dense, error) {
	view, err := a.Slice(tensor.S(from, to))
	if err != nil {
		return nil, err
	}
	return view.(*tensor.Dense), nil
}

func sameWeights(a, b *keras.Model) error {
	for i, w := range a.Weights() {
		other := b.Weights()[i].Float32s()
		for j, v := range w.Float32s() {
			if other[j] != v {
				return errors.Errorf("%s, element %d: %v by hand, %v by Fit", w.Path, j, v, other[j])
			}
		}
	}
	return nil
}
