package layers

import (
	"slices"

	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// StringLookup numbers tokens by their place in a vocabulary, which is given or learned by Adapt, or, inverted, gives tokens for numbers.
// The first indices are for the mask token, if there is one, and for tokens out of vocabulary.
type StringLookup struct {
	Base
	MaxTokens     int     // most tokens of the vocabulary, special ones included; 0: any number
	NumOOVIndices *int    // places for what is out of vocabulary, among which a hash chooses; 0: it is an error. nil: 1
	MaskToken     *string // has index 0 in int mode, and leaves no mark in others; nil: none
	OOVToken      *string // what inverted lookups give for what is out of vocabulary; nil: "[UNK]"
	// Vocabulary are tokens without repetition; special ones stand all at its start, or none do. nil: Adapt or SetVocabulary
	Vocabulary     []string
	IDFWeights     []float64  // in tf_idf mode, one for each token of Vocabulary
	Invert         bool       // give tokens for indices
	OutputMode     OutputMode // "": OutputInt
	PadToMaxTokens bool       // in other modes than int, make the last axis MaxTokens long
	Encoding       string     // "": utf-8, the only one
	Salt           []int      // one or two numbers, the key of the hash SipHash; nil: FarmHash

	words lookup[string]
}

func init() { saving.Register[StringLookup]("StringLookup", "keras.layers") }

var allModes = []OutputMode{OutputInt, OutputOneHot, OutputMultiHot, OutputCount, OutputTFIDF}

// rules are the arguments with their defaults.
func (s *StringLookup) rules() (*lookupRules[string], error) {
	mode, err := outputMode(s.OutputMode, allModes...)
	if err != nil {
		return nil, err
	}
	r := &lookupRules[string]{
		maxTokens: s.MaxTokens, oov: optional.Or(s.NumOOVIndices, 1), mask: s.MaskToken, oovToken: optional.Or(s.OOVToken, "[UNK]"),
		given: s.Vocabulary, givenIDF: s.IDFWeights, invert: s.Invert, mode: mode, pad: s.PadToMaxTokens,
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	hash, err := newHasher(max(r.oov, 1), s.Salt)
	if err != nil {
		return nil, err
	}
	r.bucket = hash.bin
	return r, checkEncoding(s.Encoding)
}

// cook implements the layer in plain Go.
func (s *StringLookup) cook(in []ops.Spec) (recipe, error) {
	r, err := s.rules()
	if err != nil {
		return recipe{}, err
	}
	if s.Invert {
		return s.words.invert(r, in[0], ops.String, func(out *tensor.Dense, i int, token string) error {
			out.Strings()[i] = token
			return nil
		})
	}
	if in[0].DType != ops.String {
		return recipe{}, errors.Errorf("expected text, got %s", in[0].DType)
	}
	return s.words.cook(r, "string_lookup", in[0], func(d *tensor.Dense, _ []string) []string { return d.Strings() })
}

// invert gives tokens for indices.
func (l *lookup[K]) invert(r *lookupRules[K], in ops.Spec, dtype ops.DType, put func(out *tensor.Dense, i int, token K) error) (recipe, error) {
	if _, err := l.current(r); err != nil {
		return recipe{}, err
	}
	if in.DType == ops.String {
		return recipe{}, errors.New("an inverted lookup: expected indices, got text")
	}
	var indices []int
	return recipe{"inverted_lookup", ops.Spec{Shape: slices.Clone(in.Shape), DType: dtype}, func(out *tensor.Dense, in []*tensor.Dense) error {
		lex, err := l.current(r)
		if err != nil {
			return err
		}
		indices = integers(in[0], indices)
		for i, at := range indices {
			if err := put(out, i, r.token(lex, at)); err != nil {
				return err
			}
		}
		return nil
	}}, nil
}

// Call implements [Layer].
func (s *StringLookup) Call(b *Builder, x ops.Tensor) ops.Tensor { return b.prepare(s.cook, x) }

// Apply implements [Applier].
func (s *StringLookup) Apply(x *tensor.Dense) (*tensor.Dense, error) {
	y, err := prepare(s.cook, x)
	return y, errors.WithMessage(err, "string_lookup")
}

// Adapt implements [Adapter]: the most frequent tokens come first, of equally frequent ones the greater, byte by byte.
func (s *StringLookup) Adapt(x *tensor.Dense) error {
	return s.learn(func(c *census[string]) error { return addTexts(c, x, false) })
}

// AdaptDataset implements [Adapter].
func (s *StringLookup) AdaptDataset(d data.Dataset) error {
	return s.learn(func(c *census[string]) error {
		return eachBatch(d, func(x *tensor.Dense) error { return addTexts(c, x, true) })
	})
}

func addTexts(c *census[string], x *tensor.Dense, batch bool) error {
	plain, spec, err := plainArray(x)
	if err != nil {
		return err
	}
	if spec.DType != ops.String {
		return errors.Errorf("adapt: expected text, got %v", x.Dtype())
	}
	c.addArray(slices.Clone(plain.Strings()), spec.Shape, batch)
	return nil
}

func (s *StringLookup) learn(count func(*census[string]) error) error {
	r, err := s.rules()
	if err == nil {
		err = s.words.learn(r, count)
	}
	return errors.WithMessage(err, "string_lookup")
}

// learn makes the vocabulary that of what is counted.
func (l *lookup[K]) learn(r *lookupRules[K], count func(*census[K]) error) error {
	if r.given != nil {
		return errors.New("adapt: the vocabulary is given")
	}
	c := newCensus[K]()
	if err := count(c); err != nil {
		return err
	}
	lex, err := c.lexicon(r)
	if err != nil {
		return err
	}
	l.set(lex)
	return nil
}

// Tokens are the tokens of all indices, special ones included; none where the arguments contradict each other or nothing was learned.
func (s *StringLookup) Tokens() []string {
	r, err := s.rules()
	if err != nil {
		return nil
	}
	lex, err := s.words.current(r)
	if err != nil {
		return nil
	}
	return r.all(lex)
}

// SetVocabulary sets the tokens in use, as Vocabulary and IDFWeights do: idf is nil but in tf_idf mode. They are kept beside the weights in a
// model's file.
func (s *StringLookup) SetVocabulary(tokens []string, idf []float64) error {
	r, err := s.rules()
	if err == nil {
		err = s.words.replace(r, tokens, idf)
	}
	return errors.WithMessage(err, "string_lookup")
}

func (l *lookup[K]) replace(r *lookupRules[K], tokens []K, idf []float64) error {
	lex, err := r.lexicon(tokens, idf)
	if err != nil {
		return err
	}
	l.set(lex)
	return nil
}

// Assets implements [AssetKeeper].
func (s *StringLookup) Assets() map[string][]byte {
	r, err := s.rules()
	if err != nil {
		return nil
	}
	lex := s.words.learned(r)
	if lex == nil {
		return nil
	}
	files, err := writeVocabulary(r.all(lex))
	if err != nil {
		return nil
	}
	return files
}

// SetAssets implements [AssetKeeper].
func (s *StringLookup) SetAssets(files map[string][]byte) error {
	r, err := s.rules()
	if err != nil || r.given != nil {
		return err
	}
	tokens, err := readVocabulary(files)
	if err != nil {
		return err
	}
	return s.words.restore(r, tokens)
}

// restore takes up the tokens of all indices from a file; idf weights come from elsewhere in it.
func (l *lookup[K]) restore(r *lookupRules[K], tokens []K) error {
	if len(tokens) == 0 {
		return nil
	}
	plain := *r
	if r.mode == OutputTFIDF {
		plain.mode = OutputCount
	}
	lex, err := plain.lexicon(tokens, nil)
	if err != nil {
		return err
	}
	l.set(lex)
	return nil
}

// OwnState implements [StateKeeper].
func (s *StringLookup) OwnState() map[string][]float32 {
	r, err := s.rules()
	if err != nil {
		return nil
	}
	return s.words.ownState(r)
}

// SetOwnState implements [StateKeeper].
func (s *StringLookup) SetOwnState(arrays map[string][]float32) error {
	r, err := s.rules()
	if err != nil {
		return err
	}
	return s.words.setOwnState(r, arrays)
}

// SaveConfig implements [saving.ConfigSaver]: Keras wants to know the size of a vocabulary that is not in the config.
func (s *StringLookup) SaveConfig(config map[string]any) error {
	r, err := s.rules()
	if err == nil {
		s.words.saveSize(r, config)
	}
	return err
}

// LoadConfig implements [saving.ConfigLoader].
func (s *StringLookup) LoadConfig(config map[string]any) error {
	delete(config, "oov_method") // text is always hashed
	var err error
	s.words.promised, err = dropKnown(config)
	return err
}

// Omits implements [Omitter].
func (*StringLookup) Omits() []string { return []string{activityRegularizer} }
