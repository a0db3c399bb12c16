// Command medical finds malignant tumours in measures of their cells. What counts is not accuracy: a tumour that is overlooked is worse than
// a second look at a harmless one, so the threshold is chosen for the recall that is wanted.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/keras/preprocessing"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"gorgonia.org/tensor"
)

// wantedRecall is the share of malignant tumours that must be found, on the patients of the validation.
const wantedRecall = 0.99

func main() {
	if _, err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// A report is what the model does for patients whom it has never seen.
type report struct {
	auc, threshold, precision, recall float64
}

// run trains the model, chooses the threshold and reports on the test patients.
func run(ctx context.Context, w io.Writer) (report, error) {
	train, validation, test, err := patients()
	if err != nil {
		return report{}, err
	}
	model := keras.Sequential(
		&layers.Input{Shape: []int{30}},
		&layers.Dense{Units: 32, Activation: activations.ReLU},
		&layers.Dropout{Rate: 0.3},
		&layers.Dense{Units: 1, Activation: activations.Sigmoid},
	)
	if err := model.Compile(keras.CompileOptions{
		Optimizer: &optimizers.Adam{LearningRate: 3e-3},
		Loss:      losses.BinaryCrossentropy{},
		Metrics:   []metrics.Metric{&metrics.AUC{}, &metrics.Precision{}, &metrics.Recall{}},
		Seed:      2,
	}); err != nil {
		return report{}, err
	}
	if _, err := model.Fit(ctx, train.X, train.Y, keras.FitOptions{
		Epochs: 60, BatchSize: 32, ValidationData: validation.batch(), Progress: w, Verbose: 2,
		ClassWeight: map[int]float64{0: 1, 1: 2}, // A malignant tumour counts twice.
		Callbacks: []callbacks.Callback{
			&callbacks.EarlyStopping{Monitor: "val_auc", Mode: callbacks.Max, Patience: 10, RestoreBestWeights: true},
		},
	}); err != nil {
		return report{}, err
	}
	r := report{}
	if r.threshold, err = threshold(ctx, model, validation); err != nil {
		return r, err
	}
	if err := r.judge(ctx, model, test); err != nil {
		return r, err
	}
	fmt.Fprintf(w, "AUC %.3f; with the threshold %.2f, %.0f %% of the malignant tumours are found, and %.0f %% of the findings are right.\n",
		r.auc, r.threshold, 100*r.recall, 100*r.precision)
	return r, nil
}

// threshold is the highest one that finds the wanted share of malignant tumours.
func threshold(ctx context.Context, model *keras.Model, s samples) (float64, error) {
	predicted, err := model.Predict(ctx, s.X)
	if err != nil {
		return 0, err
	}
	best := 0.0
	for i := 1; i < 100; i++ {
		m := &metrics.Recall{Thresholds: []float64{float64(i) / 100}}
		if err := m.Update(s.Y, predicted, nil); err != nil {
			return 0, err
		}
		if m.Result() >= wantedRecall {
			best = float64(i) / 100
		}
	}
	return best, nil
}

// judge measures the model at the report's threshold.
func (r *report) judge(ctx context.Context, model *keras.Model, s samples) error {
	predicted, err := model.Predict(ctx, s.X)
	if err != nil {
		return err
	}
	auc, precision := &metrics.AUC{}, &metrics.Precision{Thresholds: []float64{r.threshold}}
	recall := &metrics.Recall{Thresholds: []float64{r.threshold}}
	for _, m := range []metrics.Metric{auc, precision, recall} {
		if err := m.Update(s.Y, predicted, nil); err != nil {
			return err
		}
	}
	r.auc, r.precision, r.recall = auc.Result(), precision.Result(), recall.Result()
	return nil
}

// patients are the measures in three parts, scaled by what the first says. 1 is malignant.
func patients() (train, validation, test samples, err error) {
	all, err := datasets.BreastCancer()
	if err != nil {
		return train, validation, test, err
	}
	malignant := make([]int32, all.Y.Shape()[0])
	for i, benign := range all.Y.Int32s() {
		malignant[i] = 1 - benign
	}
	y := tensor.New(tensor.WithShape(len(malignant)), tensor.WithBacking(malignant))
	first, rest, err := preprocessing.TrainTestSplitWith(preprocessing.SplitOptions{TestSize: 0.4, Stratify: y, Seed: 1}, all.X, y)
	if err != nil {
		return train, validation, test, err
	}
	second, third, err := preprocessing.TrainTestSplitWith(preprocessing.SplitOptions{TestSize: 0.5, Stratify: rest[1], Seed: 1}, rest...)
	if err != nil {
		return train, validation, test, err
	}
	var scaler preprocessing.StandardScaler
	if err := scaler.Fit(first[0]); err != nil {
		return train, validation, test, err
	}
	for _, part := range []struct {
		into   *samples
		arrays []*tensor.Dense
	}{{&train, first}, {&validation, second}, {&test, third}} {
		x, err := scaler.Transform(part.arrays[0])
		if err != nil {
			return train, validation, test, err
		}
		*part.into = samples{x, part.arrays[1]}
	}
	return train, validation, test, nil
}
