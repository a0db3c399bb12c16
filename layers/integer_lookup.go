package layers

import (
	"math"
	"slices"
	"strconv"

	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// IntegerLookup is [StringLookup] for whole numbers. Of floats the fraction is cut off.
type IntegerLookup struct {
	Base
	MaxTokens     int  // most tokens of the vocabulary, special ones included; 0: any number
	NumOOVIndices *int // places for what is out of vocabulary, among which OOVMethod chooses; 0: it is an error. nil: 1
	MaskToken     *int // has index 0 in int mode, and leaves no mark in others; nil: none
	OOVToken      *int // what inverted lookups give for what is out of vocabulary; nil: -1
	// Vocabulary are numbers without repetition; special ones stand all at its start, or none do. nil: Adapt or SetVocabulary
	Vocabulary     []int
	IDFWeights     []float64  // in tf_idf mode, one for each token of Vocabulary
	Invert         bool       // give tokens for indices
	OutputMode     OutputMode // "": OutputInt
	PadToMaxTokens bool       // in other modes than int, make the last axis MaxTokens long
	OOVMethod      OOVMethod  // "": Floormod
	Salt           []int      // with FarmHash: one or two numbers, with which the hash is SipHash; nil: none

	numbers lookup[int]
}

// An OOVMethod says which of several places a number out of vocabulary has, by Keras's words.
type OOVMethod string

// Keras's methods.
const (
	Floormod OOVMethod = "floormod" // the number modulo the number of places
	FarmHash OOVMethod = "farmhash" // a hash of its decimal digits
)

func init() { saving.Register[IntegerLookup]("IntegerLookup", "keras.layers") }

// rules are the arguments with their defaults.
func (l *IntegerLookup) rules() (*lookupRules[int], error) {
	mode, err := outputMode(l.OutputMode, allModes...)
	if err != nil {
		return nil, err
	}
	r := &lookupRules[int]{
		maxTokens: l.MaxTokens, oov: optional.Or(l.NumOOVIndices, 1), mask: l.MaskToken, oovToken: optional.Or(l.OOVToken, -1),
		given: l.Vocabulary, givenIDF: l.IDFWeights, invert: l.Invert, mode: mode, pad: l.PadToMaxTokens,
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	switch l.OOVMethod {
	case "", Floormod:
		if l.Salt != nil {
			return nil, errors.Errorf("salt: expected oov_method %q", FarmHash)
		}
		r.bucket = func(n int) int { return ((n % r.oov) + r.oov) % r.oov }
	case FarmHash:
		hash, err := newHasher(max(r.oov, 1), l.Salt)
		if err != nil {
			return nil, err
		}
		r.bucket = func(n int) int { return hash.bin(strconv.Itoa(n)) }
	default:
		return nil, errors.Errorf("oov_method %q: expected %q or %q", l.OOVMethod, Floormod, FarmHash)
	}
	return r, nil
}

// cook implements the layer in plain Go.
func (l *IntegerLookup) cook(in []ops.Spec) (recipe, error) {
	r, err := l.rules()
	if err != nil {
		return recipe{}, err
	}
	if l.Invert {
		return l.numbers.invert(r, in[0], ops.Int32, func(out *tensor.Dense, i, token int) error {
			if token != int(int32(token)) {
				return errors.Errorf("the token %d is outside of int32, %d to %d", token, math.MinInt32, math.MaxInt32)
			}
			out.Int32s()[i] = int32(token)
			return nil
		})
	}
	if in[0].DType == ops.String {
		return recipe{}, errors.New("expected whole numbers, got text: use a StringLookup")
	}
	return l.numbers.cook(r, "integer_lookup", in[0], integers)
}

// Call implements [Layer].
func (l *IntegerLookup) Call(b *Builder, x ops.Tensor) ops.Tensor { return b.prepare(l.cook, x) }

// Apply implements [Applier].
func (l *IntegerLookup) Apply(x *tensor.Dense) (*tensor.Dense, error) {
	y, err := prepare(l.cook, x)
	return y, errors.WithMessage(err, "integer_lookup")
}

// Adapt implements [Adapter]: the most frequent numbers come first, of equally frequent ones the greater.
func (l *IntegerLookup) Adapt(x *tensor.Dense) error {
	return l.learn(func(c *census[int]) error { return addNumbers(c, x, false) })
}

// AdaptDataset implements [Adapter].
func (l *IntegerLookup) AdaptDataset(d data.Dataset) error {
	return l.learn(func(c *census[int]) error {
		return eachBatch(d, func(x *tensor.Dense) error { return addNumbers(c, x, true) })
	})
}

func addNumbers(c *census[int], x *tensor.Dense, batch bool) error {
	plain, spec, err := plainArray(x)
	if err != nil {
		return err
	}
	if spec.DType == ops.String {
		return errors.New("adapt: expected whole numbers, got text")
	}
	c.addArray(integers(plain, nil), spec.Shape, batch)
	return nil
}

func (l *IntegerLookup) learn(count func(*census[int]) error) error {
	r, err := l.rules()
	if err == nil {
		err = l.numbers.learn(r, count)
	}
	return errors.WithMessage(err, "integer_lookup")
}

// Tokens are the tokens of all indices, special ones included; none where the arguments contradict each other or nothing was learned.
func (l *IntegerLookup) Tokens() []int {
	r, err := l.rules()
	if err != nil {
		return nil
	}
	lex, err := l.numbers.current(r)
	if err != nil {
		return nil
	}
	return r.all(lex)
}

// SetVocabulary sets the tokens in use, as Vocabulary and IDFWeights do: idf is nil but in tf_idf mode. They are kept beside the weights in a
// model's file.
func (l *IntegerLookup) SetVocabulary(tokens []int, idf []float64) error {
	r, err := l.rules()
	if err == nil {
		err = l.numbers.replace(r, tokens, idf)
	}
	return errors.WithMessage(err, "integer_lookup")
}

// Assets implements [AssetKeeper].
func (l *IntegerLookup) Assets() map[string][]byte {
	r, err := l.rules()
	if err != nil {
		return nil
	}
	lex := l.numbers.learned(r)
	if lex == nil {
		return nil
	}
	files, err := writeVocabulary(decimals(r.all(lex)))
	if err != nil {
		return nil
	}
	return files
}

// SetAssets implements [AssetKeeper].
func (l *IntegerLookup) SetAssets(files map[string][]byte) error {
	r, err := l.rules()
	if err != nil || r.given != nil {
		return err
	}
	lines, err := readVocabulary(files)
	if err != nil {
		return err
	}
	tokens, err := wholeNumbers(lines)
	if err != nil {
		return errors.WithMessage(err, vocabularyName)
	}
	return l.numbers.restore(r, slices.Clip(tokens))
}

// OwnState implements [StateKeeper].
func (l *IntegerLookup) OwnState() map[string][]float32 {
	r, err := l.rules()
	if err != nil {
		return nil
	}
	return l.numbers.ownState(r)
}

// SetOwnState implements [StateKeeper].
func (l *IntegerLookup) SetOwnState(arrays map[string][]float32) error {
	r, err := l.rules()
	if err != nil {
		return err
	}
	return l.numbers.setOwnState(r, arrays)
}

// SaveConfig implements [saving.ConfigSaver]: Keras wants to know the size of a vocabulary that is not in the config.
func (l *IntegerLookup) SaveConfig(config map[string]any) error {
	r, err := l.rules()
	if err == nil {
		l.numbers.saveSize(r, config)
	}
	return err
}

// LoadConfig implements [saving.ConfigLoader].
func (l *IntegerLookup) LoadConfig(config map[string]any) error {
	var err error
	l.numbers.promised, err = dropKnown(config)
	return err
}

// Omits implements [Omitter].
func (*IntegerLookup) Omits() []string { return []string{activityRegularizer} }
