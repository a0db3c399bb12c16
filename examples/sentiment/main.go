// Command sentiment tells whether a sentence about a film is praise. Two models learn it from the same sentences: an LSTM that reads them in both
// directions, and a small transformer. What real Keras comes to with the same models is in testdata.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"gorgonia.org/tensor"
)

const (
	words  = 5000 // that the models know, the most frequent ones
	length = 32   // of a sentence; longer ones are cut
	size   = 32   // of a word's vector
	heads  = 2
	epochs = 4 // later on, the models learn the sentences by heart
	batch  = 32
)

func main() {
	seed := flag.Uint64("seed", 1, "what all random numbers come from")
	flag.Parse()
	if _, err := run(context.Background(), os.Stdout, *seed); err != nil {
		log.Fatal(err)
	}
}

// A report is the share of new sentences that each model understands.
type report struct{ lstm, transformer float64 }

// run trains both models.
func run(ctx context.Context, w io.Writer, seed uint64) (r report, err error) {
	train, test, err := sentences()
	if err != nil {
		return r, err
	}
	if r.lstm, err = learn(ctx, w, lstm(), train, test, seed); err != nil {
		return r, err
	}
	if r.transformer, err = learn(ctx, w, transformer(), train, test, seed); err != nil {
		return r, err
	}
	fmt.Fprintf(w, "Of new sentences, the LSTM gets %.1f %% right, the transformer %.1f %%.\n", 100*r.lstm, 100*r.transformer)
	return r, nil
}

// lstm reads the words from both ends.
func lstm() *keras.Model {
	return keras.Sequential(
		&layers.Input{Shape: []int{length}, DType: ops.Int32},
		&layers.Embedding{InputDim: words, OutputDim: size, MaskZero: true},
		&layers.Dropout{Rate: 0.5},
		&layers.Bidirectional{Layer: &layers.LSTM{Units: size / 2}},
		&layers.Dropout{Rate: 0.5},
		&layers.Dense{Units: 1, Activation: activations.Sigmoid},
	)
}

// transformer is one block: all words look at each other, and each thinks about what it has seen.
func transformer() *keras.Model {
	sentence := keras.Input(layers.Input{Shape: []int{length}, DType: ops.Int32})
	x := keras.Apply(&layers.Embedding{InputDim: words, OutputDim: size, MaskZero: true}, sentence)
	x = keras.Apply(&layers.Dropout{Rate: 0.5}, keras.Apply(&Positions{}, x))

	seen := keras.Apply(&layers.MultiHeadAttention{NumHeads: heads, KeyDim: size / heads, Dropout: 0.1}, x)
	x = keras.Apply(&layers.LayerNormalization{}, keras.Merge(&layers.Add{}, x, seen))
	thought := keras.Apply(&layers.Dense{Units: size}, keras.Apply(&layers.Dense{Units: 2 * size, Activation: activations.ReLU}, x))
	x = keras.Apply(&layers.LayerNormalization{}, keras.Merge(&layers.Add{}, x, thought))

	x = keras.Apply(&layers.Dropout{Rate: 0.5}, keras.Apply(&layers.GlobalAveragePooling1D{}, x))
	praise := keras.Apply(&layers.Dense{Units: 1, Activation: activations.Sigmoid}, x)
	return keras.NewModel([]ops.Tensor{sentence}, []ops.Tensor{praise})
}

// Positions is a layer of one's own: it adds a learned vector to each place of a sequence, since attention does not know what comes first.
type Positions struct{ layers.Base }

func init() { saving.Register[Positions]("sentiment>Positions", "") }

// Call implements [layers.Layer].
func (p *Positions) Call(b *layers.Builder, x ops.Tensor) ops.Tensor {
	if x.Rank() != 3 {
		return b.Errorf("expected sequences [batch, time, features], got %v", x.Shape())
	}
	return ops.Add(x, b.Weight("table", x.Shape()[1:], layers.Spec{Initializer: initializers.RandomUniform{}}))
}

// SupportsMasking implements [layers.MaskSupporter]: what is padding stays so.
func (p *Positions) SupportsMasking() bool { return true }

// learn trains a model and returns its accuracy on the test.
func learn(ctx context.Context, w io.Writer, model *keras.Model, train, test datasets.Split, seed uint64) (float64, error) {
	steps := (len(train.Y.Int32s()) + batch - 1) / batch
	if err := model.Compile(keras.CompileOptions{
		Optimizer: &optimizers.Adam{Schedule: optimizers.CosineDecay{InitialLearningRate: 3e-3, DecaySteps: epochs * steps}},
		Loss:      losses.BinaryCrossentropy{},
		Metrics:   []metrics.Metric{metrics.Word("accuracy")},
		Seed:      seed,
	}); err != nil {
		return 0, err
	}
	if err := model.Summary(w); err != nil {
		return 0, err
	}
	if _, err := model.Fit(ctx, train.X, train.Y, keras.FitOptions{Epochs: epochs, BatchSize: batch, Progress: w, Verbose: 2}); err != nil {
		return 0, err
	}
	logs, err := model.Evaluate(ctx, test.X, test.Y)
	return logs["accuracy"], err
}

// sentences are numbers of words, [n, length]. Every fourth sentence is kept for the test, and words are numbered by those for training.
func sentences() (train, test datasets.Split, err error) {
	all, err := datasets.MovieSentences()
	if err != nil {
		return train, test, err
	}
	var texts [2][]string
	var praise [2][]int32
	for i, text := range all.X.Strings() {
		part := 0
		if i%4 == 3 {
			part = 1
		}
		texts[part], praise[part] = append(texts[part], text), append(praise[part], all.Y.Int32s()[i])
	}
	numbers := &layers.TextVectorization{MaxTokens: words, OutputSequenceLength: length}
	if err := numbers.Adapt(column(texts[0])); err != nil {
		return train, test, err
	}
	train.Y, test.Y = column(praise[0]), column(praise[1])
	if train.X, err = numbers.Apply(column(texts[0])); err != nil {
		return train, test, err
	}
	test.X, err = numbers.Apply(column(texts[1]))
	return train, test, err
}

func column[T any](values []T) *tensor.Dense {
	return tensor.New(tensor.WithShape(len(values)), tensor.WithBacking(values))
}
