// Command pipeline feeds a model from a data set: scaled once, then shuffled, batched and prepared ahead while the model trains. The scaler is
// kept in the model's file.
package main

import (
	"context"
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
	"github.com/gokeras/gokeras/keras/preprocessing"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"github.com/pkg/errors"
)

func main() {
	dir, err := os.MkdirTemp("", "pipeline")
	if err != nil {
		log.Fatal(err)
	}
	_, err = run(context.Background(), os.Stdout, dir)
	if rerr := os.RemoveAll(dir); err == nil {
		err = rerr
	}
	if err != nil {
		log.Fatal(err)
	}
}

// run trains a model of house prices and returns its mean absolute error, in thousands of dollars, on houses that it has not seen.
func run(ctx context.Context, w io.Writer, dir string) (testError float64, err error) {
	train, test, err := datasets.BostonHousing()
	if err != nil {
		return 0, err
	}
	scaler := &preprocessing.Pipeline{Steps: []preprocessing.Transformer{&preprocessing.StandardScaler{}}}
	x, err := preprocessing.FitTransform(scaler, train.X)
	if err != nil {
		return 0, err
	}
	houses := data.FromTensorSlices(x, train.Y).Shuffle(1000).Batch(16).Prefetch(1)

	model := keras.Sequential(
		&layers.Input{Shape: []int{13}},
		&layers.Dense{Units: 64, Activation: activations.ReLU},
		&layers.Dense{Units: 64, Activation: activations.ReLU},
		&layers.Dense{Units: 1},
	)
	model.Preparation = scaler
	if err := model.Compile(keras.CompileOptions{
		Optimizer: &optimizers.RMSprop{},
		Loss:      losses.MeanSquaredError{},
		Metrics:   []metrics.Metric{metrics.Word("mae")},
		Seed:      4,
	}); err != nil {
		return 0, err
	}
	if _, err := model.FitDataset(ctx, houses, keras.FitOptions{Epochs: 60, Progress: w, Verbose: 2}); err != nil {
		return 0, err
	}
	path := filepath.Join(dir, "houses.keras")
	if err := model.Save(path); err != nil {
		return 0, err
	}
	return judge(ctx, w, path, test)
}

// judge loads the model with its scaler and asks it about houses as they are.
func judge(ctx context.Context, w io.Writer, path string, test datasets.Split) (float64, error) {
	model, err := keras.Load(path)
	if err != nil {
		return 0, err
	}
	scaler, ok := model.Preparation.(preprocessing.Transformer)
	if !ok {
		return 0, errors.Errorf("%s: expected a scaler beside the model, got %T", path, model.Preparation)
	}
	x, err := scaler.Transform(test.X)
	if err != nil {
		return 0, err
	}
	logs, err := model.EvaluateDataset(ctx, data.FromTensorSlices(x, test.Y).Batch(32))
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(w, "The loaded model is off by %.0f dollars in the mean.\n", 1000*logs["mae"])
	return logs["mae"], nil
}
