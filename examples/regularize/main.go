// Command regularize trains a network that is far too large for its few samples, and shows what each remedy against learning them by heart does.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"text/tabwriter"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"gorgonia.org/tensor"
)

const (
	samples = 200 // of 6,000 digits
	epochs  = 60
)

func main() {
	if _, err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// A remedy is what is done against overfitting.
type remedy struct {
	name      string
	dropout   float64
	kernel    regularizers.Regularizer
	callbacks []callbacks.Callback
}

// A result is what a network has learned: on the digits that it has seen, and on others.
type result struct {
	remedy                string
	epochs                int
	loss, valLoss         float64
	accuracy, valAccuracy float64
}

func remedies() []remedy {
	return []remedy{
		{name: "none"},
		{name: "dropout 0.5", dropout: 0.5},
		{name: "L2 0.01", kernel: regularizers.L2{L2: new(0.01)}},
		{name: "weight decay 1", callbacks: []callbacks.Callback{&callbacks.WeightDecay{Rate: 1, Exclude: []string{"bias"}}}},
		{name: "max-norm 0.8", callbacks: []callbacks.Callback{&callbacks.MaxNorm{MaxValue: new(0.8)}}},
		{name: "early stopping", callbacks: []callbacks.Callback{&callbacks.EarlyStopping{Patience: 5, RestoreBestWeights: true}}},
	}
}

// run trains once with each remedy and writes the table.
func run(ctx context.Context, w io.Writer) ([]result, error) {
	train, test, err := datasets.MNIST()
	if err != nil {
		return nil, err
	}
	x, y, err := digits(train, samples)
	if err != nil {
		return nil, err
	}
	vx, vy, err := digits(test, 1000)
	if err != nil {
		return nil, err
	}
	var results []result
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "remedy\tepochs\tloss\taccuracy\tval_loss\tval_accuracy\t")
	for _, r := range remedies() {
		res, err := r.train(ctx, x, y, vx, vy)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(table, "%s\t%d\t%.3f\t%.3f\t%.3f\t%.3f\t\n", res.remedy, res.epochs, res.loss, res.accuracy, res.valLoss, res.valAccuracy)
		results = append(results, res)
	}
	return results, table.Flush()
}

// digits are the first n pictures as rows of numbers from 0 to 1, and what they show.
func digits(s datasets.Split, n int) (x, y *tensor.Dense, err error) {
	pixels := make([]float32, n*28*28)
	for i := range pixels {
		pixels[i] = float32(s.X.Uint8s()[i]) / 255
	}
	return tensor.New(tensor.WithShape(n, 28*28), tensor.WithBacking(pixels)), tensor.New(tensor.WithShape(n), tensor.WithBacking(s.Y.Uint8s()[:n])), nil
}

// train fits a network of 300,000 weights to the few samples. Losses are without penalties, so that they can be compared.
func (r remedy) train(ctx context.Context, x, y, vx, vy *tensor.Dense) (result, error) {
	stack := []layers.Layer{&layers.Input{Shape: []int{28 * 28}}}
	for range 2 {
		stack = append(stack, &layers.Dense{Units: 300, Activation: activations.ReLU, KernelRegularizer: r.kernel})
		if r.dropout > 0 {
			stack = append(stack, &layers.Dropout{Rate: r.dropout})
		}
	}
	model := keras.Sequential(append(stack, &layers.Dense{Units: 10, Activation: activations.Softmax})...)
	if err := model.Compile(keras.CompileOptions{
		Optimizer: &optimizers.Adam{},
		Loss:      losses.SparseCategoricalCrossentropy{},
		Metrics:   []metrics.Metric{metrics.Word("accuracy"), &metrics.SparseCategoricalCrossentropy{Label: "crossentropy"}},
		Seed:      5,
	}); err != nil {
		return result{}, err
	}
	h, err := model.Fit(ctx, x, y, keras.FitOptions{
		Epochs: epochs, BatchSize: 32, Callbacks: r.callbacks,
		ValidationData: data.Batch{X: []*tensor.Dense{vx}, Y: []*tensor.Dense{vy}}, ValidationBatchSize: 500,
	})
	if err != nil {
		return result{}, err
	}
	seen, err := model.Evaluate(ctx, x, y)
	if err != nil {
		return result{}, err
	}
	unseen, err := model.Evaluate(ctx, vx, vy)
	if err != nil {
		return result{}, err
	}
	return result{r.name, len(h.Epoch), seen["crossentropy"], unseen["crossentropy"], seen["accuracy"], unseen["accuracy"]}, nil
}
