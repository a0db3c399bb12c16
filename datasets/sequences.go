package datasets

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"os"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/datasets/internal/numpy"
	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/internal/randomstate"
)

// Sequences are texts as word numbers, each of its own length; preprocessing.PadSequences makes an array of them.
type Sequences struct {
	X [][]int32
	Y *tensor.Dense // [n] int32, the class of each; nil where X is empty

	TargetNames []string // of the classes that Y numbers; nil where they have none
}

// SequenceOptions are what keras.datasets.imdb.load_data and keras.datasets.reuters.load_data have in common. A word's number is its place among the most
// frequent ones, counted from 1, plus IndexFrom.
type SequenceOptions struct {
	NumWords int // keep numbers below this one; 0: below the highest there is, as Keras
	SkipTop  int // keep numbers from this one on
	MaxLen   int // drop texts of this length or more; 0: keep all. Keras says that it cuts them, and drops them.

	Seed      *uint32 // of the order of the samples; nil: 113
	StartChar *int32  // the number that every text begins with; nil: 1
	OOVChar   *int32  // the number in place of words that are not kept; nil: 2
	IndexFrom *int32  // nil: 3

	NoStartChar bool // Keras's start_char=None: texts begin with their first word
	NoOOVChar   bool // Keras's oov_char=None: words that are not kept leave nothing
}

func (o SequenceOptions) seed() uint32 { return optional.Or(o.Seed, 113) }

// texts are the samples of one array.
type texts struct {
	x [][]int32
	y []int32
}

// readTexts reads pairs of arrays, of texts and of classes.
func readTexts(ctx context.Context, path string, names ...[2]string) ([]texts, error) {
	return readPairs(path, names, func(a *numpy.Archive, n [2]string) (part texts, err error) {
		x, err := a.Sequences(ctx, n[0])
		if err != nil {
			return part, err
		}
		y, err := a.Dense(ctx, n[1])
		if err != nil {
			return part, err
		}
		classes, ok := y.Data().([]int64)
		if !ok || len(classes) != len(x) {
			return part, errors.Errorf("%s: expected int64 classes of %d texts, got %v of %v", path, len(x), y.Dtype(), y.Shape())
		}
		part = texts{x: x, y: make([]int32, len(classes))}
		for i, c := range classes {
			if c < 0 || c > math.MaxInt32 {
				return part, errors.Errorf("%s: class of text %d: expected 0 to %d, got %d", path, i, math.MaxInt32, c)
			}
			part.y[i] = int32(c)
		}
		return part, nil
	})
}

// permuted returns the texts as NumPy's shuffle orders them.
func (t texts) permuted(m *randomstate.RandomState) texts {
	p := texts{x: make([][]int32, len(t.x)), y: make([]int32, len(t.y))}
	for i, from := range m.Permutation(len(t.x)) {
		p.x[i], p.y[i] = t.x[from], t.y[from]
	}
	return p
}

func (t texts) head(n int) texts { return texts{t.x[:n], t.y[:n]} }

func (t texts) tail(n int) texts { return texts{t.x[n:], t.y[n:]} }

func (t texts) sequences() Sequences {
	s := Sequences{X: t.x}
	if len(t.y) > 0 {
		s.Y = tensor.New(tensor.WithShape(len(t.y)), tensor.WithBacking(t.y))
	}
	return s
}

// begin adds IndexFrom to the words and puts the start before them.
func (o SequenceOptions) begin(t texts) texts {
	from := optional.Or(o.IndexFrom, 3)
	for i, x := range t.x {
		begun := make([]int32, 0, len(x)+1)
		if !o.NoStartChar {
			begun = append(begun, optional.Or(o.StartChar, 1))
		}
		for _, w := range x {
			begun = append(begun, w+from)
		}
		t.x[i] = begun
	}
	return t
}

// cut drops the texts that are too long. It is an error where that leaves none.
func (o SequenceOptions) cut(t texts) (texts, error) {
	if o.MaxLen == 0 {
		return t, nil
	}
	var kept texts
	longest := 0
	for i, x := range t.x {
		longest = max(longest, len(x))
		if len(x) < o.MaxLen {
			kept.x, kept.y = append(kept.x, x), append(kept.y, t.y[i])
		}
	}
	if len(kept.x) == 0 {
		return t, errors.Errorf("MaxLen: expected a length that some text is below, got %d", o.MaxLen)
	}
	return kept, nil
}

// restrict puts OOVChar, or nothing, in place of the words that are not kept of all parts.
func (o SequenceOptions) restrict(parts ...texts) {
	below := int32(max(math.MinInt32, min(o.NumWords, math.MaxInt32)))
	for _, t := range parts {
		for _, x := range t.x {
			for _, w := range x {
				if o.NumWords == 0 {
					below = max(below, w)
				}
			}
		}
	}
	for _, t := range parts {
		for i, x := range t.x {
			t.x[i] = o.restricted(x, below)
		}
	}
}

// restricted works in place.
func (o SequenceOptions) restricted(x []int32, below int32) []int32 {
	kept := x[:0]
	for _, w := range x {
		switch {
		case int(w) >= o.SkipTop && w < below:
			kept = append(kept, w)
		case !o.NoOOVChar:
			kept = append(kept, optional.Or(o.OOVChar, 2))
		}
	}
	return kept
}

// wordIndex reads the numbers of words.
func (c Cache) wordIndex(ctx context.Context, p pinned) (index map[string]int, err error) {
	path, err := c.file(ctx, p)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = errors.WithStack(cerr)
		}
	}()
	return index, errors.Wrap(json.NewDecoder(io.LimitReader(f, maxPinned)).Decode(&index), path)
}
