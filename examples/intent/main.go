// Command intent finds out what somebody wants from a short sentence. The model takes text as it was typed: splitting it into words and looking
// them up is its first layer, and is saved with it.
package main

import (
	"context"
	_ "embed" // for the sentences
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

//go:embed sentences.txt
var sentences string

// questions are sentences that the model has never seen, with what they ask for.
var questions = []example{
	{"weather", "do i need my umbrella tomorrow"},
	{"music", "Play something by Miles Davis!"},
	{"alarm", "could you wake me at seven"},
	{"lights", "it's too dark, switch on the lamp in the kitchen"},
	{"greeting", "good morning to you"},
	{"alarm", "set a timer for the eggs"},
	{"weather", "how cold will it be tonight?"},
	{"lights", "turn the lights off, please"},
	{"music", "pause this song"},
	{"greeting", "hello, how are you"},
}

func main() {
	dir, err := os.MkdirTemp("", "intent")
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

// An example is a sentence and the intent behind it.
type example struct{ intent, text string }

// read reads lines of an intent, a colon and a sentence.
func read(lines string) ([]example, error) {
	var all []example
	for line := range strings.Lines(lines) {
		intent, text, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			return nil, errors.Errorf("expected an intent, a colon and a sentence, got %q", line)
		}
		all = append(all, example{intent, text})
	}
	return all, nil
}

// run trains the model, saves it, and lets the loaded one answer; it returns the share of right answers.
func run(ctx context.Context, w io.Writer, dir string) (right float64, err error) {
	examples, err := read(sentences)
	if err != nil {
		return 0, err
	}
	intents := names(examples)
	x, y := arrays(examples, intents)
	words := &layers.TextVectorization{OutputMode: layers.OutputTFIDF, NGrams: 2}
	if err := words.Adapt(x); err != nil {
		return 0, err
	}
	model := keras.Sequential(
		&layers.Input{Shape: []int{1}, DType: ops.String},
		words,
		&layers.Dropout{Rate: 0.3},
		&layers.Dense{Units: len(intents), Activation: activations.Softmax},
	)
	if err := model.Compile(keras.CompileOptions{
		Optimizer: &optimizers.Adam{LearningRate: 1e-2},
		Loss:      losses.SparseCategoricalCrossentropy{},
		Metrics:   []metrics.Metric{metrics.Word("accuracy")},
		Seed:      1,
	}); err != nil {
		return 0, err
	}
	if _, err := model.Fit(ctx, x, y, keras.FitOptions{Epochs: 30, BatchSize: 8, Progress: w, Verbose: 2}); err != nil {
		return 0, err
	}
	path := filepath.Join(dir, "intent.keras")
	if err := model.Save(path); err != nil {
		return 0, err
	}
	return ask(ctx, w, path, intents)
}

// names are the intents in alphabetical order.
func names(examples []example) []string {
	var all []string
	for _, e := range examples {
		all = append(all, e.intent)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// arrays are the sentences, [n, 1], and the numbers of their intents.
func arrays(examples []example, intents []string) (x, y *tensor.Dense) {
	texts, numbers := make([]string, len(examples)), make([]int32, len(examples))
	for i, e := range examples {
		texts[i], numbers[i] = e.text, int32(slices.Index(intents, e.intent))
	}
	return tensor.New(tensor.WithShape(len(texts), 1), tensor.WithBacking(texts)), tensor.New(tensor.WithShape(len(numbers)), tensor.WithBacking(numbers))
}

// ask loads the model, as another program would, and asks it.
func ask(ctx context.Context, w io.Writer, path string, intents []string) (right float64, err error) {
	model, err := keras.Load(path)
	if err != nil {
		return 0, err
	}
	x, _ := arrays(questions, intents)
	p, err := model.Predict(ctx, x)
	if err != nil {
		return 0, err
	}
	for i, q := range questions {
		row := p.Float32s()[i*len(intents) : (i+1)*len(intents)]
		best := slices.Index(row, slices.Max(row))
		fmt.Fprintf(w, "%-50s %s (%.0f %%)\n", q.text, intents[best], 100*row[best])
		if intents[best] == q.intent {
			right += 1 / float64(len(questions))
		}
	}
	return right, nil
}
