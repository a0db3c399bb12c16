// Command siamese learns to say whether two handwritten digits are the same, by one tower that both go through. The tower alone then reads
// digits by comparing them with one example of each.
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
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"gorgonia.org/tensor"
)

const (
	pixels    = 64
	margin    = 1
	trainPair = 20_000
	testPair  = 2_000
)

func main() {
	if _, err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// A report says how good the model is at digits that it has not seen.
type report struct {
	pairs float64 // the share of pairs that are told right
	read  float64 // the share of digits that are read right
}

// Contrastive is the loss of Hadsell, Chopra and LeCun (2006): pairs of a kind are drawn together, others are pushed apart until they have a
// distance of Margin.
type Contrastive struct{ Margin float64 }

// Loss implements [losses.Loss]: yTrue is 1 for a pair of a kind, yPred the distance.
func (c Contrastive) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	same, distance := ops.Reshape(yTrue, -1), ops.Reshape(yPred, -1)
	apart := ops.Square(ops.Maximum(ops.Subtract(ops.Scalar(c.Margin), distance), ops.Scalar(0)))
	return ops.Add(ops.Multiply(same, ops.Square(distance)), ops.Multiply(ops.Subtract(ops.Scalar(1), same), apart))
}

// run trains the model on pairs and reports on pairs that it has not seen.
func run(ctx context.Context, w io.Writer) (r report, err error) {
	digits, err := datasets.Digits()
	if err != nil {
		return r, err
	}
	half := digits.Y.Shape()[0] / 2
	draw := newDrawer(digits)
	train, test := draw.pairs(trainPair, 0, half), draw.pairs(testPair, half, 2*half)

	model, tower := build()
	if err := model.Summary(w, keras.SummaryOptions{ExpandNested: true}); err != nil {
		return r, err
	}
	if err := model.Compile(keras.CompileOptions{Optimizer: &optimizers.Adam{}, Loss: Contrastive{Margin: margin}, Seed: 1}); err != nil {
		return r, err
	}
	if _, err := model.FitArrays(ctx, train, keras.FitOptions{Epochs: 15, BatchSize: 128, Progress: w, Verbose: 2}); err != nil {
		return r, err
	}
	if r.pairs, err = right(ctx, model, test); err != nil {
		return r, err
	}
	if r.read, err = read(ctx, tower, digits); err != nil {
		return r, err
	}
	fmt.Fprintf(w, "Of new pairs, %.1f %% are told right; compared with ten examples, %.1f %% of the digits are read right.\n", 100*r.pairs, 100*r.read)
	return r, nil
}

// build makes the model: a tower that both digits go through, and the distance of what comes out. The tower is a model itself.
func build() (model, tower *keras.Model) {
	tower = keras.Sequential(
		&layers.Input{Shape: []int{pixels}},
		&layers.Rescaling{Scale: 1.0 / 16},
		&layers.Dense{Units: 128, Activation: activations.ReLU},
		&layers.Dropout{Rate: 0.2},
		&layers.Dense{Units: 64, Activation: activations.ReLU},
		&layers.Dense{Units: 16},
	)
	tower.Name = "tower"
	left := keras.Input(layers.Input{Base: layers.Base{Name: "left"}, Shape: []int{pixels}})
	right := keras.Input(layers.Input{Base: layers.Base{Name: "right"}, Shape: []int{pixels}})
	apart := ops.Square(ops.Subtract(keras.Apply(tower, left), keras.Apply(tower, right)))
	distance := ops.Sqrt(ops.Add(ops.KeepDims(ops.Sum, apart, -1), ops.Scalar(1e-6))) // The root has no slope at 0.
	return keras.NewModel([]ops.Tensor{left, right}, []ops.Tensor{distance}), tower
}

// right is the share of pairs whose distance is on the right side of half the margin.
func right(ctx context.Context, model *keras.Model, pairs data.Batch) (float64, error) {
	distances, err := model.PredictArrays(ctx, pairs.X)
	if err != nil {
		return 0, err
	}
	hits := 0
	for i, same := range pairs.Y[0].Float32s() {
		if (distances[0].Float32s()[i] < margin/2.0) == (same == 1) {
			hits++
		}
	}
	return float64(hits) / float64(pairs.Y[0].Shape()[0]), nil
}

// read compares the second half of the digits with the first ten, which are 0 to 9, and returns how many of them are next to their own.
func read(ctx context.Context, tower *keras.Model, digits datasets.Split) (float64, error) {
	places, err := tower.Predict(ctx, digits.X)
	if err != nil {
		return 0, err
	}
	n, size, labels := places.Shape()[0], places.Shape()[1], digits.Y.Int32s()
	place := func(i int) []float32 { return places.Float32s()[i*size : (i+1)*size] }
	hits := 0
	for i := n / 2; i < n; i++ {
		best := 0
		for k := range 10 {
			if apart(place(i), place(k)) < apart(place(i), place(best)) {
				best = k
			}
		}
		if labels[best] == labels[i] {
			hits++
		}
	}
	return float64(hits) / float64(n-n/2), nil
}

func apart(a, b []float32) (sum float32) {
	for i, v := range a {
		sum += (v - b[i]) * (v - b[i])
	}
	return sum
}

// A drawer draws pairs of digits, half of them of a kind.
type drawer struct {
	rng    *rand.Rand
	images []float64
	labels []int32
}

func newDrawer(digits datasets.Split) *drawer {
	return &drawer{rng: rand.New(rand.NewPCG(1, 2)), images: digits.X.Float64s(), labels: digits.Y.Int32s()}
}

// pairs draws n pairs from samples number from to below to.
func (d *drawer) pairs(n, from, to int) data.Batch {
	var of [10][]int
	for i, label := range d.labels[from:to] {
		of[label] = append(of[label], from+i)
	}
	var left, right []float64
	var same []float32
	for i := range n {
		a := d.rng.IntN(10)
		b := (a + i%2*(1+d.rng.IntN(9))) % 10 // the same, another one, the same...
		left, right = d.add(left, of[a]), d.add(right, of[b])
		same = append(same, float32((i+1)%2))
	}
	return data.Batch{
		X: []*tensor.Dense{array(left), array(right)}, Y: []*tensor.Dense{tensor.New(tensor.WithShape(n), tensor.WithBacking(same))},
	}
}

// add appends one of these samples.
func (d *drawer) add(to []float64, of []int) []float64 {
	at := of[d.rng.IntN(len(of))] * pixels
	return append(to, d.images[at:at+pixels]...)
}

func array(values []float64) *tensor.Dense {
	return tensor.New(tensor.WithShape(len(values)/pixels, pixels), tensor.WithBacking(values))
}
