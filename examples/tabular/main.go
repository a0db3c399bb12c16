// Command tabular tells penguins apart by a table as tables are: numbers and words side by side, and some of them missing. The preparation is
// kept in the model's file, so that whoever loads it can ask with rows as they were measured.
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
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/keras/preprocessing"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

func main() {
	dir, err := os.MkdirTemp("", "tabular")
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

// preparation fills in what is missing, scales numbers and makes numbers of words.
func preparation() *preprocessing.Columns {
	return &preprocessing.Columns{Steps: []preprocessing.ColumnStep{
		{
			Name: "measures", Columns: []string{"Beak Length (mm)", "Beak Depth (mm)", "Flipper Length (mm)", "Body Mass (g)"},
			Transformer: &preprocessing.Pipeline{Steps: []preprocessing.Transformer{
				&preprocessing.SimpleImputer{Strategy: "median"}, &preprocessing.StandardScaler{},
			}},
		},
		{
			Name: "words", Columns: []string{"Island", "Sex"},
			Transformer: &preprocessing.Pipeline{Steps: []preprocessing.Transformer{
				&preprocessing.SimpleImputer{Strategy: "most_frequent"}, &preprocessing.OneHotEncoder{HandleUnknown: "ignore"},
			}},
		},
	}}
}

// run trains on four fifths of the penguins and returns the accuracy on the others.
func run(ctx context.Context, w io.Writer, dir string) (accuracy float64, err error) {
	table, err := datasets.Penguins()
	if err != nil {
		return 0, err
	}
	train, test, err := table.Split(3, 0.2)
	if err != nil {
		return 0, err
	}
	columns, species := preparation(), &preprocessing.LabelEncoder{}
	x, err := columns.FitTransform(train)
	if err != nil {
		return 0, err
	}
	labels, err := train.Texts("Species")
	if err != nil {
		return 0, err
	}
	y, err := species.FitTransform(labels)
	if err != nil {
		return 0, err
	}
	model, err := fit(ctx, w, x, y)
	if err != nil {
		return 0, err
	}
	model.Preparation = columns
	path := filepath.Join(dir, "penguins.keras")
	if err := model.Save(path); err != nil {
		return 0, err
	}
	return ask(ctx, w, path, species, test)
}

func fit(ctx context.Context, w io.Writer, x, y *tensor.Dense) (*keras.Model, error) {
	model := keras.Sequential(
		&layers.Input{Shape: x.Shape()[1:]},
		&layers.Dense{Units: 16, Activation: activations.ReLU},
		&layers.Dense{Units: 3, Activation: activations.Softmax},
	)
	if err := model.Compile(keras.CompileOptions{
		Optimizer: &optimizers.Adam{LearningRate: 1e-2},
		Loss:      losses.SparseCategoricalCrossentropy{},
		Metrics:   []metrics.Metric{metrics.Word("accuracy")},
		Seed:      1,
	}); err != nil {
		return nil, err
	}
	_, err := model.Fit(ctx, x, y, keras.FitOptions{Epochs: 20, Progress: w, Verbose: 2})
	return model, err
}

// ask loads the model with its preparation, as another program would, and lets them name penguins.
func ask(ctx context.Context, w io.Writer, path string, species *preprocessing.LabelEncoder, test *preprocessing.Table) (accuracy float64, err error) {
	model, err := keras.Load(path)
	if err != nil {
		return 0, err
	}
	columns, ok := model.Preparation.(*preprocessing.Columns)
	if !ok {
		return 0, errors.Errorf("%s: expected a preparation of columns, got %T", path, model.Preparation)
	}
	x, err := columns.Transform(test)
	if err != nil {
		return 0, err
	}
	p, err := model.Predict(ctx, x)
	if err != nil {
		return 0, err
	}
	best := make([]int32, test.Len())
	for i := range best {
		for k := range int32(3) {
			if p.Float32s()[3*i+int(k)] > p.Float32s()[3*i+int(best[i])] {
				best[i] = k
			}
		}
	}
	names, err := species.InverseTransform(tensor.New(tensor.WithShape(len(best)), tensor.WithBacking(best)))
	if err != nil {
		return 0, err
	}
	column, err := test.Column("Species")
	if err != nil {
		return 0, err
	}
	for i, name := range names.Strings() {
		if name == column.Texts[i] {
			accuracy += 1 / float64(len(best))
		}
	}
	fmt.Fprintf(w, "%.0f %% of %d penguins are named right, some with gaps in their rows.\n", 100*accuracy, len(best))
	return accuracy, nil
}
