// Command text_generation writes in the manner of Moby-Dick, letter by letter: an LSTM learns which letter comes next, and is then let write on.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

const (
	letters = "\n abcdefghijklmnopqrstuvwxyz.,;!?'-" // all that the model knows
	window  = 64                                     // letters of a piece that it learns from
	units   = 128
	epochs  = 8
	learned = 400_000 // letters of the book
	written = 600     // letters that it writes
	start   = "the whale "
)

func main() {
	if _, err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// A report is how well the model has learned.
type report struct {
	loss  float64   // per letter, of the last epoch; knowing nothing is the logarithm of the number of letters
	known []float64 // for each temperature, the share of the words written that stand in the book
}

// temperatures say how daring the model is when it writes: low ones stay with what is likely, 1 is what it believes.
var temperatures = []float64{0.3, 0.6, 1}

// run trains the model, lets it write, and looks the words up.
func run(ctx context.Context, w io.Writer) (r report, err error) {
	book, err := datasets.MobyDick()
	if err != nil {
		return r, err
	}
	book = plain(book)
	n := newNetwork()
	model := n.reader()
	if err := model.Compile(keras.CompileOptions{
		Optimizer: &optimizers.Adam{LearningRate: 4e-3},
		Loss:      losses.SparseCategoricalCrossentropy{FromLogits: true},
		Metrics:   []metrics.Metric{metrics.Word("accuracy")},
		Seed:      1,
	}); err != nil {
		return r, err
	}
	if err := model.Summary(w); err != nil {
		return r, err
	}
	history, err := model.FitDataset(ctx, pieces(book[:learned]), keras.FitOptions{Epochs: epochs, Progress: w, Verbose: 2})
	if err != nil {
		return r, err
	}
	r.loss = history.Metrics["loss"][epochs-1]
	words, writer := vocabulary(book), n.writer()
	for _, t := range temperatures {
		text, err := write(ctx, writer, t)
		if err != nil {
			return r, err
		}
		known := share(text[len(start):], words)
		r.known = append(r.known, known)
		fmt.Fprintf(w, "\nTemperature %v, %.0f %% of the words are in the book:\n%s\n", t, 100*known, text)
	}
	return r, nil
}

// plain leaves of a text what the model knows. Marks that it does not know are left out, and a line's end is a blank as any other.
func plain(text string) string {
	text = strings.NewReplacer("’", "'", "—", "-", "–", "-", "\r", "", "\n\n", "\n", "\n", " ").Replace(strings.ToLower(text))
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(letters, r) {
			return r
		}
		return -1
	}, text)
}

// pieces are batches of letters, [batch, window], and those that come next.
func pieces(book string) data.Pipeline {
	ids := make([]int32, len(book))
	for i := range book {
		ids[i] = int32(strings.IndexByte(letters, book[i]))
	}
	n := (len(ids) - 1) / window
	x := tensor.New(tensor.WithShape(n, window), tensor.WithBacking(ids[:n*window]))
	y := tensor.New(tensor.WithShape(n, window), tensor.WithBacking(ids[1:n*window+1]))
	return data.FromTensorSlices(x, y).Shuffle(n).Batch(32)
}

// A network is the layers that reading and writing share.
type network struct {
	letter *layers.Embedding
	memory *layers.LSTM
	next   *layers.Dense
}

func newNetwork() network {
	return network{
		letter: &layers.Embedding{InputDim: len(letters), OutputDim: 32},
		memory: &layers.LSTM{Units: units, ReturnSequences: true, ReturnState: true},
		next:   &layers.Dense{Units: len(letters)},
	}
}

// reader takes a piece and says after each of its letters what comes next.
func (n network) reader() *keras.Model {
	piece := keras.Input(layers.Input{Shape: []int{window}, DType: ops.Int32})
	seen := keras.ApplyAll(n.memory, keras.Apply(n.letter, piece))
	return keras.NewModel([]ops.Tensor{piece}, []ops.Tensor{keras.Apply(n.next, seen[0])})
}

// writer takes one letter and what it remembers, and returns what comes next and what it remembers then.
func (n network) writer() *keras.Model {
	letter := keras.Input(layers.Input{Shape: []int{1}, DType: ops.Int32})
	h, c := keras.Input(layers.Input{Shape: []int{units}}), keras.Input(layers.Input{Shape: []int{units}})
	seen := keras.ApplyAll(n.memory, keras.Apply(n.letter, letter), h, c)
	return keras.NewModel([]ops.Tensor{letter, h, c}, []ops.Tensor{keras.Apply(n.next, seen[0]), seen[1], seen[2]})
}

// write lets the model read the start and write on.
func write(ctx context.Context, writer *keras.Model, temperature float64) (string, error) {
	rng := rand.New(rand.NewPCG(1, 2))
	text := []byte(start)
	zeros := func() *tensor.Dense {
		return tensor.New(tensor.WithShape(1, units), tensor.WithBacking(make([]float32, units)))
	}
	state := []*tensor.Dense{zeros(), zeros()}
	for i := 0; len(text) < len(start)+written; i++ {
		letter := tensor.New(tensor.WithShape(1, 1), tensor.WithBacking([]int32{int32(strings.IndexByte(letters, text[i]))}))
		out, err := writer.PredictArrays(ctx, []*tensor.Dense{letter, state[0], state[1]})
		if err != nil {
			return "", errors.WithMessagef(err, "letter %d", i)
		}
		state = out[1:]
		if i+1 == len(text) {
			text = append(text, letters[draw(rng, out[0].Float32s(), temperature)])
		}
	}
	return string(text), nil
}

// draw picks a letter by how likely it is: logits divided by the temperature.
func draw(rng *rand.Rand, logits []float32, temperature float64) int {
	weights, total := make([]float64, len(logits)), 0.0
	highest := float64(slices.Max(logits))
	for i, v := range logits {
		weights[i] = math.Exp((float64(v) - highest) / temperature)
		total += weights[i]
	}
	at := rng.Float64() * total
	for i, v := range weights {
		if at -= v; at < 0 {
			return i
		}
	}
	return slices.Index(weights, slices.Max(weights))
}

// vocabulary are the words of a text.
func vocabulary(text string) map[string]bool {
	known := map[string]bool{}
	for _, word := range split(text) {
		known[word] = true
	}
	return known
}

// share is how many of a text's words are known, without the last one, which may be cut off.
func share(text string, known map[string]bool) float64 {
	words := split(text)
	n, hits := max(len(words)-1, 1), 0
	for _, word := range words[:min(n, len(words))] {
		if known[word] {
			hits++
		}
	}
	return float64(hits) / float64(n)
}

func split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
}
