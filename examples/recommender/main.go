// Command recommender learns from what people rated and clicked which films they would like. A person and a film each have a place in a space
// of tastes; how well two fit is the product of their places. One model answers two questions: which rating, and is it clicked?
package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"slices"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"gorgonia.org/tensor"
)

const (
	people   = 300
	films    = 150
	seen     = 40 // films that a person has rated, of which the last quarter is kept for the test
	tastes   = 8
	customer = 7
)

func main() {
	if _, err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// A report is how good the model is on films that people have seen, but that it was not told of.
type report struct {
	rmse, guess float64 // of ratings from 1 to 5: the model's, and that of always saying the mean
	auc         float64 // of clicks
	joy         float64 // what the customer would really rate the films that are recommended
	mean        float64 // and all films
}

// run trains the model, measures it and recommends.
func run(ctx context.Context, w io.Writer) (r report, err error) {
	world := newWorld()
	train, test := world.split()
	model := build()
	if err := model.Summary(w); err != nil {
		return r, err
	}
	if err := model.Compile(keras.CompileOptions{
		Optimizer:   &optimizers.Adam{LearningRate: 5e-3},
		Loss:        losses.Named{"rating": losses.MeanSquaredError{}, "click": losses.BinaryCrossentropy{}},
		LossWeights: []float64{1, 0.5},
		Metrics: []metrics.Metric{metrics.Named{
			"rating": {&metrics.RootMeanSquaredError{}}, "click": {&metrics.AUC{}},
		}},
		Seed: 1,
	}); err != nil {
		return r, err
	}
	if _, err := model.FitArrays(ctx, train, keras.FitOptions{Epochs: 20, BatchSize: 128, Progress: w, Verbose: 2}); err != nil {
		return r, err
	}
	logs, err := model.EvaluateArrays(ctx, test)
	if err != nil {
		return r, err
	}
	r.rmse, r.auc, r.guess = logs["rating_root_mean_squared_error"], logs["click_auc"], deviation(test.Y[0].Float32s())
	best, err := recommend(ctx, model, customer)
	if err != nil {
		return r, err
	}
	for film := range films {
		r.mean += world.rating(customer, film) / films
	}
	for _, film := range best {
		r.joy += world.rating(customer, film) / float64(len(best))
	}
	fmt.Fprintf(w, "Ratings are off by %.2f (the mean: %.2f); AUC of clicks %.3f.\n", r.rmse, r.guess, r.auc)
	fmt.Fprintf(w, "Person %d should see the films %v: they would get %.1f stars, all films %.1f.\n", customer, best, r.joy, r.mean)
	return r, nil
}

// build makes the model: two inputs, two embeddings, two outputs.
func build() *keras.Model {
	person := keras.Input(layers.Input{Base: layers.Base{Name: "person"}, DType: ops.Int32})
	film := keras.Input(layers.Input{Base: layers.Base{Name: "film"}, DType: ops.Int32})
	embed := func(x ops.Tensor, of, size int) ops.Tensor {
		return keras.Apply(&layers.Embedding{InputDim: of, OutputDim: size, EmbeddingsRegularizer: &regularizers.L2{L2: new(1e-5)}}, x)
	}
	match := keras.Merge(&layers.Dot{Axes: []int{1}}, embed(person, people, tastes), embed(film, films, tastes))
	all := keras.Merge(&layers.Concatenate{}, match, embed(person, people, 1), embed(film, films, 1)) // Some like all films, some films are liked by all.
	return keras.NewModel([]ops.Tensor{person, film}, []ops.Tensor{
		keras.Apply(layers.Named("rating", &layers.Dense{Units: 1}), all),
		keras.Apply(layers.Named("click", &layers.Dense{Units: 1, Activation: activations.Sigmoid}), all),
	})
}

// recommend asks the model about all films and returns the five that it thinks best.
func recommend(ctx context.Context, model *keras.Model, person int) ([]int, error) {
	whom, what := make([]int32, films), make([]int32, films)
	order := make([]int, films)
	for i := range films {
		whom[i], what[i], order[i] = int32(person), int32(i), i
	}
	answers, err := model.PredictArrays(ctx, []*tensor.Dense{column(whom), column(what)})
	if err != nil {
		return nil, err
	}
	ratings := answers[0].Float32s()
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(ratings[b], ratings[a]) })
	return order[:5], nil
}

func column[T any](values []T) *tensor.Dense {
	return tensor.New(tensor.WithShape(len(values)), tensor.WithBacking(values))
}

// deviation is how far numbers lie from their mean.
func deviation(values []float32) float64 {
	sum, squares := 0.0, 0.0
	for _, v := range values {
		sum += float64(v)
		squares += float64(v) * float64(v)
	}
	n := float64(len(values))
	return math.Sqrt(squares/n - sum/n*sum/n)
}

// A world is what the model does not see: what people like, and what films are like.
type world struct {
	rng          *rand.Rand
	person, film [][4]float64 // three tastes, and how much they like, or are liked, at all
}

func newWorld() *world {
	w := &world{rng: rand.New(rand.NewPCG(1, 2)), person: make([][4]float64, people), film: make([][4]float64, films)}
	for _, all := range [][][4]float64{w.person, w.film} {
		for i := range all {
			for k := range all[i] {
				all[i][k] = w.rng.NormFloat64()
			}
		}
	}
	return w
}

// rating is what a person would say of a film, from 1 to 5.
func (w *world) rating(person, film int) float64 {
	p, f := w.person[person], w.film[film]
	return min(5, max(1, 3+0.6*(p[0]*f[0]+p[1]*f[1]+p[2]*f[2])+0.3*(p[3]+f[3])))
}

// split lets everybody see some films, say what they think, with a mood of the day, and click.
func (w *world) split() (train, test data.Batch) {
	var parts [2]struct {
		person, film  []int32
		rating, click []float32
	}
	for person := range people {
		for k, film := range w.rng.Perm(films)[:seen] {
			part := &parts[k*4/(seen*3)]
			truth := w.rating(person, film)
			click := float32(0)
			if w.rng.Float64() < 1/(1+math.Exp(-3*(truth-3.5))) {
				click = 1
			}
			part.person, part.film = append(part.person, int32(person)), append(part.film, int32(film))
			part.rating = append(part.rating, float32(min(5, max(1, truth+0.3*w.rng.NormFloat64()))))
			part.click = append(part.click, click)
		}
	}
	var out [2]data.Batch
	for i, p := range parts {
		out[i] = data.Batch{X: []*tensor.Dense{column(p.person), column(p.film)}, Y: []*tensor.Dense{column(p.rating), column(p.click)}}
	}
	return out[0], out[1]
}
