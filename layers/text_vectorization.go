package layers

import (
	"slices"
	"sync"

	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// TextVectorization makes numbers of texts: it standardizes each text, splits it into tokens, joins these to n-grams, and looks them up in a
// vocabulary, which is given or learned by Adapt. Texts have the shape [batch] or [batch, 1].
//
// In int mode the result is int32 [batch, n], padded with 0; index 1 is for tokens out of vocabulary. In a model n is OutputSequenceLength, which
// must be set unless texts are not split. Outside of one it can be the most tokens of a text, and at least 1. In other modes the result is
// float32 [batch, tokens of the vocabulary], with index 0 for tokens out of vocabulary.
type TextVectorization struct {
	Base
	MaxTokens            int          // most tokens of the vocabulary, special ones included; 0: any number
	Standardize          Standardizer // nil: LowerAndStripPunctuation
	Split                Splitter     // nil: SplitWhitespace. With NoSplitting texts are tokens, of shape [batch, tokens]
	NGrams               int          `keras:"ngrams"` // make n-grams of 1 up to so many tokens; 0: none
	NGramWidths          []int        `keras:"-"`      // make n-grams of these numbers of tokens instead, Keras's tuple
	OutputMode           OutputMode   // all but OutputOneHot; "": OutputInt
	OutputSequenceLength int          // in int mode, pads or cuts to as many tokens; 0: as many as there are
	PadToMaxTokens       bool         // in other modes than int, make the last axis MaxTokens long
	// Vocabulary are tokens without repetition; special ones stand all at its start, or none do. nil: Adapt or SetVocabulary
	Vocabulary []string
	IDFWeights []float64 // in tf_idf mode, one for each token of Vocabulary
	Encoding   string    // "": utf-8, the only one

	once     sync.Once
	lookup   StringLookup
	promised int // the size of the vocabulary that is read later
}

func init() { saving.Register[TextVectorization]("TextVectorization", "keras.layers") }

// Setup implements [Setter].
func (t *TextVectorization) Setup() { t.inner() }

// inner is the lookup of tokens, which has the arguments that the layer has when it is first used.
func (t *TextVectorization) inner() *StringLookup {
	t.once.Do(func() {
		t.lookup.MaxTokens, t.lookup.PadToMaxTokens, t.lookup.MaskToken = t.MaxTokens, t.PadToMaxTokens, new("")
		t.lookup.Vocabulary, t.lookup.IDFWeights = t.Vocabulary, t.IDFWeights
		t.lookup.OutputMode, t.lookup.Encoding = t.OutputMode, t.Encoding
		t.lookup.words.promised = t.promised
	})
	return &t.lookup
}

// Children implements [Container]: Keras's files have the lookup's state a second time.
func (t *TextVectorization) Children() []Child {
	return []Child{{Name: "string_lookup", Attr: "_lookup_layer", Part: t.inner()}}
}

// rules are the lookup's.
func (t *TextVectorization) rules() (*lookupRules[string], error) {
	if _, err := outputMode(t.OutputMode, OutputInt, OutputMultiHot, OutputCount, OutputTFIDF); err != nil {
		return nil, err
	}
	r, err := t.inner().rules()
	if err != nil {
		return nil, err
	}
	if s, ok := t.Standardize.(Standardization); ok && !slices.Contains(standardizations, s) {
		return nil, errors.Errorf("standardize %q: expected one of %q", s, standardizations)
	}
	if s, ok := t.Split.(Splitting); ok && !slices.Contains(splittings, s) {
		return nil, errors.Errorf("split %q: expected one of %q", s, splittings)
	}
	switch {
	case t.OutputSequenceLength < 0:
		return nil, errors.Errorf("output_sequence_length must be positive, or 0 for as many tokens as there are, got %d", t.OutputSequenceLength)
	case t.OutputSequenceLength > 0 && r.mode != OutputInt:
		return nil, errors.Errorf("output_sequence_length: expected output_mode %q, got %q", OutputInt, r.mode)
	case t.NGrams < 0 || t.NGrams > 0 && t.NGramWidths != nil:
		return nil, errors.Errorf("ngrams: expected a positive number or a list of such, got %d and %v", t.NGrams, t.NGramWidths)
	case slices.ContainsFunc(t.NGramWidths, func(n int) bool { return n < 1 }):
		return nil, errors.Errorf("ngrams %v: expected positive numbers", t.NGramWidths)
	}
	return r, nil
}

// cook implements the layer in plain Go.
func (t *TextVectorization) cook(in []ops.Spec) (recipe, error) {
	r, err := t.rules()
	if err != nil {
		return recipe{}, err
	}
	if in[0].DType != ops.String {
		return recipe{}, errors.Errorf("expected text, got %s", in[0].DType)
	}
	k := t.tokenizer()
	lead, width, err := k.rows(in[0].Shape)
	if err != nil {
		return recipe{}, err
	}
	if r.mode != OutputInt {
		return t.cookMarks(r, k, lead, width)
	}
	length := t.OutputSequenceLength
	if length == 0 && k.splits() {
		return recipe{}, errors.New("set OutputSequenceLength: in a model the number of tokens must be known beforehand")
	}
	if length == 0 {
		if length = k.length(width); length == 0 {
			return recipe{}, errors.Errorf("an input of shape %v: no row has enough tokens for an n-gram", in[0].Shape)
		}
	}
	out := ops.Spec{Shape: append(slices.Clone(lead), length), DType: ops.Int32}
	return recipe{"text_vectorization", out, func(out *tensor.Dense, in []*tensor.Dense) error {
		lex, err := t.lookup.words.current(r)
		if err != nil {
			return err
		}
		y := out.Int32s()
		clear(y)
		rows := product(out.Shape()[:len(lead)])
		length := len(y) / max(rows, 1)
		return eachRow(k, in[0].Strings(), rows, func(i int, tokens []string) error {
			at := y[i*length : (i+1)*length]
			return r.number(lex, at, tokens[:min(len(tokens), len(at))])
		})
	}}, nil
}

// number writes the indices of tokens.
func (r *lookupRules[K]) number(lex *lexicon[K], dst []int32, tokens []K) error {
	for i, t := range tokens {
		n, err := r.find(lex, t)
		if err != nil {
			return err
		}
		dst[i] = int32(n)
	}
	return nil
}

// cookMarks is the recipe of all modes but int.
func (t *TextVectorization) cookMarks(r *lookupRules[string], k *tokenizer, lead []int, width int) (recipe, error) {
	if len(lead) > 1 {
		return recipe{}, errors.Errorf("output_mode %q: expected texts of shape [batch], [batch, 1] or, not to be split, [batch, tokens]", r.mode)
	}
	if k.length(width) == 0 && !k.splits() {
		return recipe{}, errors.Errorf("rows of %d tokens: none has enough for an n-gram", width)
	}
	depth, err := t.lookup.words.depth(r)
	if err != nil {
		return recipe{}, err
	}
	out := ops.Spec{Shape: append(slices.Clone(lead), depth), DType: ops.Float32}
	return recipe{"text_vectorization", out, func(out *tensor.Dense, in []*tensor.Dense) error {
		lex, err := t.lookup.words.sized(r, depth)
		if err != nil {
			return err
		}
		y := out.Float32s()
		clear(y)
		err = eachRow(k, in[0].Strings(), len(y)/depth, func(i int, tokens []string) error {
			return r.mark(lex, y[i*depth:(i+1)*depth], tokens)
		})
		r.weigh(out, lex)
		return err
	}}, nil
}

// mark marks or counts the tokens of a row.
func (r *lookupRules[K]) mark(lex *lexicon[K], y []float32, tokens []K) error {
	for _, t := range tokens {
		n, err := r.find(lex, t)
		if err != nil {
			return err
		}
		switch {
		case n < 0 || n >= len(y):
		case r.mode == OutputMultiHot:
			y[n] = 1
		default:
			y[n]++
		}
	}
	return nil
}

// Call implements [Layer].
func (t *TextVectorization) Call(b *Builder, x ops.Tensor) ops.Tensor { return b.prepare(t.cook, x) }

// Apply implements [Applier]. Without OutputSequenceLength the result is as long as the longest text, and at least 1.
func (t *TextVectorization) Apply(x *tensor.Dense) (*tensor.Dense, error) {
	y, err := t.apply(x)
	return y, errors.WithMessage(err, "text_vectorization")
}

func (t *TextVectorization) apply(x *tensor.Dense) (*tensor.Dense, error) {
	r, err := t.rules()
	if err != nil {
		return nil, err
	}
	k := t.tokenizer()
	if r.mode != OutputInt || t.OutputSequenceLength > 0 || !k.splits() {
		return prepare(t.cook, x)
	}
	plain, spec, err := plainArray(x)
	if err != nil {
		return nil, err
	}
	if spec.DType != ops.String {
		return nil, errors.Errorf("expected text, got %v", x.Dtype())
	}
	lead, _, err := k.rows(spec.Shape)
	if err != nil {
		return nil, err
	}
	lex, err := t.lookup.words.current(r)
	if err != nil {
		return nil, err
	}
	return padded(r, lex, k, plain.Strings(), lead)
}

// padded numbers the tokens of rows of any length.
func padded(r *lookupRules[string], lex *lexicon[string], k *tokenizer, texts []string, lead []int) (*tensor.Dense, error) {
	rows := make([][]int32, product(lead))
	longest := 1
	err := eachRow(k, texts, len(rows), func(i int, tokens []string) error {
		rows[i] = make([]int32, len(tokens))
		longest = max(longest, len(tokens))
		return r.number(lex, rows[i], tokens)
	})
	if err != nil {
		return nil, err
	}
	out := newArray(ops.Spec{Shape: append(slices.Clone(lead), longest), DType: ops.Int32})
	for i, row := range rows {
		copy(out.Int32s()[i*longest:], row)
	}
	return out, nil
}

// Adapt implements [Adapter]: the most frequent tokens come first, of equally frequent ones the greater, byte by byte.
func (t *TextVectorization) Adapt(x *tensor.Dense) error {
	return t.learn(func(c *census[string]) error { return t.count(c, x, false) })
}

// AdaptDataset implements [Adapter].
func (t *TextVectorization) AdaptDataset(d data.Dataset) error {
	return t.learn(func(c *census[string]) error {
		return eachBatch(d, func(x *tensor.Dense) error { return t.count(c, x, true) })
	})
}

func (t *TextVectorization) learn(count func(*census[string]) error) error {
	r, err := t.rules()
	if err == nil {
		err = t.lookup.words.learn(r, count)
	}
	return errors.WithMessage(err, "text_vectorization")
}

func (t *TextVectorization) count(c *census[string], x *tensor.Dense, batch bool) error {
	plain, spec, err := plainArray(x)
	if err != nil {
		return err
	}
	if spec.DType != ops.String {
		return errors.Errorf("adapt: expected text, got %v", x.Dtype())
	}
	k := t.tokenizer()
	shape := spec.Shape
	if !k.splits() && len(shape) == 1 && !batch {
		shape = []int{shape[0], 1}
	}
	lead, _, err := k.rows(shape)
	if err != nil {
		return err
	}
	texts := slices.Clone(plain.Strings())
	return eachRow(k, texts, product(lead), func(_ int, tokens []string) error {
		c.add(tokens)
		return nil
	})
}
