// Command vae is a variational autoencoder (Kingma and Welling 2013) with a training step of its own: it learns a plane in which every place is a
// digit, and draws a map of it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/keras/visualization"
	"github.com/gokeras/gokeras/layers"
	"gorgonia.org/tensor"
)

const (
	side   = 8
	pixels = side * side
	plane  = 2 // axes of the space that digits lie in
	tests  = 297
	seed   = 1
)

func main() {
	output := flag.String("output", filepath.Join(os.TempDir(), "vae.png"), "the `file` that the map is written to")
	flag.Parse()
	if _, err := run(context.Background(), os.Stdout, *output); err != nil {
		log.Fatal(err)
	}
}

// A VAE is an encoder, which says where in the plane a digit lies and how sure that is, and a decoder, which draws the digit of a place.
type VAE struct {
	Encoder, Decoder *keras.Model
	optimizer        optimizers.Optimizer
	train, test      *keras.Function
}

// NewVAE makes the models and records a step.
func NewVAE() *VAE {
	in := keras.Input(layers.Input{Shape: []int{pixels}})
	hidden := keras.Apply(&layers.Dense{Units: 128, Activation: activations.ReLU}, in)
	v := &VAE{
		Encoder: keras.NewModel([]ops.Tensor{in}, []ops.Tensor{
			keras.Apply(layers.Named("mean", &layers.Dense{Units: plane}), hidden),
			keras.Apply(layers.Named("log_variance", &layers.Dense{Units: plane}), hidden),
		}),
		Decoder: keras.Sequential(
			&layers.Input{Shape: []int{plane}},
			&layers.Dense{Units: 128, Activation: activations.ReLU},
			&layers.Dense{Units: pixels, Activation: activations.Sigmoid},
		),
		optimizer: &optimizers.Adam{LearningRate: 2e-3},
	}
	v.train, v.test = keras.NewStep(v.step).Seed(seed), keras.NewStep(v.step).Seed(seed)
	return v
}

// step is what a digit costs: what gets lost on its way through the plane, and how far its place is from the normal distribution.
func (v *VAE) step(s *keras.Step, in ...ops.Tensor) ops.Tensor {
	place := s.CallAll(v.Encoder, in[0])
	mean, logVariance := place[0], place[1]
	deviation := ops.Exp(ops.Multiply(ops.Scalar(0.5), logVariance))
	drawn := ops.Add(mean, ops.Multiply(deviation, s.Normal(mean.Shape()...)))
	reconstruction := ops.Multiply(ops.Scalar(pixels), ops.Mean(losses.BinaryCrossentropy{}.Loss(in[0], s.Call(v.Decoder, drawn))))

	spread := ops.Subtract(ops.Add(ops.Scalar(1), logVariance), ops.Add(ops.Square(mean), ops.Exp(logVariance)))
	divergence := ops.Multiply(ops.Scalar(-0.5), ops.Mean(ops.Sum(spread, -1)))
	s.Output("reconstruction", reconstruction)
	s.Output("divergence", divergence)
	return ops.Add(reconstruction, divergence)
}

// TrainStep implements [keras.Trainer].
func (v *VAE) TrainStep(ctx context.Context, b data.Batch) (callbacks.Logs, error) {
	r, err := v.train.Run(ctx, b.X[0])
	if err != nil {
		return nil, err
	}
	return logsOf(r), optimizers.Apply(v.optimizer, r.Gradients())
}

// TestStep implements [keras.Tester].
func (v *VAE) TestStep(ctx context.Context, b data.Batch) (callbacks.Logs, error) {
	r, err := v.test.Run(ctx, b.X[0])
	if err != nil {
		return nil, err
	}
	return logsOf(r), nil
}

func logsOf(r *keras.Result) callbacks.Logs {
	one := func(name string) float64 { return float64(r.Output(name).Float32s()[0]) }
	return callbacks.Logs{"loss": r.Loss, "reconstruction": one("reconstruction"), "divergence": one("divergence")}
}

// Weights implements [keras.Trainer].
func (v *VAE) Weights() []*layers.Weight { return append(v.Encoder.Weights(), v.Decoder.Weights()...) }

// Seed implements [keras.Seeder].
func (v *VAE) Seed() uint64 { return seed }

// A report is what came of the training.
type report struct {
	loss  float64 // of digits that were not trained on
	order float64 // the share of those whose nearest neighbour in the plane is the same digit
}

// run trains the VAE, measures it and draws the map.
func run(ctx context.Context, w io.Writer, picture string) (r report, err error) {
	train, test, labels, err := digits()
	if err != nil {
		return r, err
	}
	vae := NewVAE()
	history, err := keras.FitTrainer(ctx, vae, data.FromTensorSlices(train, nil).Shuffle(train.Shape()[0]).Batch(50), keras.FitOptions{
		Epochs: 60, ValidationDataset: data.FromTensorSlices(test, nil).Batch(tests), Progress: w, Verbose: 2,
	})
	if err != nil {
		return r, err
	}
	validation := history.Metrics["val_loss"]
	r.loss = validation[len(validation)-1]
	if r.order, err = order(ctx, vae, test, labels); err != nil {
		return r, err
	}
	if err := draw(ctx, vae, picture); err != nil {
		return r, err
	}
	fmt.Fprintf(w, "A new digit costs %.1f; %.0f %% of them lie next to their own kind; the map is in %s.\n", r.loss, 100*r.order, picture)
	return r, nil
}

// digits are the digits with pixels from 0 to 1, and the labels of the tests.
func digits() (train, test *tensor.Dense, labels []int32, err error) {
	all, err := datasets.Digits()
	if err != nil {
		return nil, nil, nil, err
	}
	var values []float32
	for _, v := range all.X.Float64s() {
		values = append(values, float32(v/16))
	}
	array := func(values []float32) *tensor.Dense {
		return tensor.New(tensor.WithShape(len(values)/pixels, pixels), tensor.WithBacking(values))
	}
	cut := len(values) - tests*pixels
	return array(values[:cut]), array(values[cut:]), all.Y.Int32s()[cut/pixels:], nil
}

// order is the share of digits whose nearest neighbour in the plane is the same digit.
func order(ctx context.Context, vae *VAE, x *tensor.Dense, labels []int32) (float64, error) {
	places, err := vae.Encoder.PredictArrays(ctx, []*tensor.Dense{x})
	if err != nil {
		return 0, err
	}
	p := places[0].Float32s()
	apart := func(i, j int) float32 {
		dx, dy := p[plane*i]-p[plane*j], p[plane*i+1]-p[plane*j+1]
		return dx*dx + dy*dy
	}
	hits := 0
	for i := range labels {
		best := -1
		for j := range labels {
			if j != i && (best < 0 || apart(i, j) < apart(i, best)) {
				best = j
			}
		}
		if labels[best] == labels[i] {
			hits++
		}
	}
	return float64(hits) / float64(len(labels)), nil
}

// draw lets the decoder draw the digits of 20 x 20 places.
func draw(ctx context.Context, vae *VAE, picture string) error {
	const n = 20
	var places []float32
	for row := range n {
		for column := range n {
			places = append(places, 4*float32(column)/(n-1)-2, 2-4*float32(row)/(n-1))
		}
	}
	drawn, err := vae.Decoder.Predict(ctx, tensor.New(tensor.WithShape(n*n, plane), tensor.WithBacking(places)))
	if err != nil {
		return err
	}
	if err := drawn.Reshape(n*n, side, side); err != nil {
		return err
	}
	p, err := visualization.Gallery(drawn, visualization.GalleryOptions{Columns: n, Scale: 3})
	if err != nil {
		return err
	}
	return p.Save(picture)
}
