package layers

import (
	"cmp"
	"slices"
	"sync"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// lookupRules are the arguments of a lookup layer, with their defaults. The indices are, in this order: the mask token's, if there is one and
// the mode is int; those of what is out of vocabulary; the vocabulary's.
type lookupRules[K cmp.Ordered] struct {
	maxTokens int // 0: any number
	oov       int
	mask      *K
	oovToken  K
	given     []K // the vocabulary, if it is an argument
	givenIDF  []float64
	invert    bool
	mode      OutputMode
	pad       bool
	bucket    func(K) int // among several places for what is out of vocabulary
}

// A lexicon is a vocabulary in use.
type lexicon[K cmp.Ordered] struct {
	tokens []K // without the special ones
	index  map[K]int
	idf    []float32 // of all indices, in tf_idf mode
}

// A lookup holds a layer's vocabulary.
type lookup[K cmp.Ordered] struct {
	mu       sync.Mutex
	lex      *lexicon[K] // nil: none yet
	promised int         // the number of indices that a file's vocabulary will have, which is read after the layer was first called
}

func (r *lookupRules[K]) check() error {
	switch {
	case r.maxTokens < 0 || r.maxTokens == 1:
		return errors.Errorf("max_tokens must be greater than 1, or 0 for any number, got %d", r.maxTokens)
	case r.pad && r.maxTokens == 0:
		return errors.New("pad_to_max_tokens: expected max_tokens to be set")
	case r.oov < 0:
		return errors.Errorf("num_oov_indices must not be negative, got %d", r.oov)
	case r.invert && r.mode != OutputInt:
		return errors.Errorf("invert: expected output_mode %q, got %q", OutputInt, r.mode)
	case r.givenIDF != nil && r.mode != OutputTFIDF:
		return errors.Errorf("idf_weights: expected output_mode %q, got %q", OutputTFIDF, r.mode)
	case r.given != nil && r.mode == OutputTFIDF && r.givenIDF == nil:
		return errors.New("idf_weights: expected them with a vocabulary in output_mode \"tf_idf\", got none")
	case r.maxTokens > 0 && r.maxTokens < r.special():
		return errors.Errorf("max_tokens: %d leave no room for %d special tokens", r.maxTokens, r.special())
	}
	return nil
}

// masked is the number of places for the mask.
func (r *lookupRules[K]) masked() int {
	if r.mask != nil && r.mode == OutputInt {
		return 1
	}
	return 0
}

// special is the number of places before the vocabulary.
func (r *lookupRules[K]) special() int { return r.masked() + r.oov }

func (r *lookupRules[K]) specialTokens() []K {
	var out []K
	if r.masked() > 0 {
		out = append(out, *r.mask)
	}
	for range r.oov {
		out = append(out, r.oovToken)
	}
	return out
}

// depth is the size of the encoded axis.
func (r *lookupRules[K]) depth(l *lexicon[K]) int {
	if r.pad {
		return r.maxTokens
	}
	return r.special() + len(l.tokens)
}

// lexicon makes a vocabulary of tokens, which may begin with the special ones, with as many idf weights in tf_idf mode.
func (r *lookupRules[K]) lexicon(all []K, idf []float64) (*lexicon[K], error) {
	if len(all) == 0 {
		return nil, errors.New("vocabulary: expected at least one token, got none")
	}
	if (idf != nil) != (r.mode == OutputTFIDF) || idf != nil && len(idf) != len(all) {
		return nil, errors.Errorf("idf_weights: got %d for %d tokens in output_mode %q", len(idf), len(all), r.mode)
	}
	tokens, first := all, r.special()
	whole := len(all) >= first && slices.Equal(all[:first], r.specialTokens())
	if whole {
		tokens = all[first:]
	}
	if r.mask != nil && slices.Contains(tokens, *r.mask) {
		return nil, errors.Errorf("vocabulary: the mask token %v: expected all special tokens %v at the start, or none", *r.mask, r.specialTokens())
	}
	if r.invert && slices.Contains(tokens, r.oovToken) {
		return nil, errors.Errorf("vocabulary: the out-of-vocabulary token %v: expected all special tokens %v at the start, or none", r.oovToken, r.specialTokens())
	}
	if n := first + len(tokens); r.maxTokens > 0 && n > r.maxTokens {
		return nil, errors.Errorf("vocabulary: expected at most max_tokens, %d, got %d with the special ones", r.maxTokens, n)
	}
	l, err := newLexicon(tokens, first)
	if err == nil && idf != nil {
		l.idf = r.spread(idf, whole)
	}
	return l, err
}

func newLexicon[K cmp.Ordered](tokens []K, first int) (*lexicon[K], error) {
	l := &lexicon[K]{tokens: slices.Clone(tokens), index: make(map[K]int, len(tokens))}
	for i, t := range tokens {
		if _, ok := l.index[t]; ok {
			return nil, errors.Errorf("vocabulary: the token %v is there twice", t)
		}
		l.index[t] = first + i
	}
	return l, nil
}

// spread gives weights to all indices: the special ones have the mean of the others, padding none.
func (r *lookupRules[K]) spread(idf []float64, whole bool) []float32 {
	var out []float32
	if !whole {
		mean := 0.0
		for _, w := range idf {
			mean += w / float64(len(idf))
		}
		for range r.special() {
			out = append(out, float32(mean))
		}
	}
	out = append(out, narrowed(idf)...)
	for r.pad && len(out) < r.maxTokens {
		out = append(out, 0)
	}
	return out
}

// current is the vocabulary in use; without one, none but the special tokens are known.
func (l *lookup[K]) current(r *lookupRules[K]) (*lexicon[K], error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lex == nil && r.given != nil {
		lex, err := r.lexicon(r.given, r.givenIDF)
		if err != nil {
			return nil, err
		}
		l.lex = lex
	}
	if l.lex != nil {
		return l.lex, nil
	}
	if r.mode != OutputInt && !r.pad || r.mode == OutputTFIDF {
		return nil, errors.Errorf("output_mode %q: the vocabulary is not known yet: call Adapt first, or set Vocabulary", r.mode)
	}
	return &lexicon[K]{}, nil
}

// saveSize notes what Keras wants to know of a vocabulary that is not in the config, before it reads it.
func (l *lookup[K]) saveSize(r *lookupRules[K], config map[string]any) {
	switch lex := l.learned(r); {
	case lex != nil:
		config["vocabulary_size"] = r.special() + len(lex.tokens)
	case l.promised > 0:
		config["vocabulary_size"] = l.promised
	}
}

func (l *lookup[K]) set(lex *lexicon[K]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lex = lex
}

// learned reports whether there is a vocabulary that is no argument.
func (l *lookup[K]) learned(r *lookupRules[K]) *lexicon[K] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.given != nil {
		return nil
	}
	return l.lex
}

// find is a token's index; -1 for what leaves no mark.
func (r *lookupRules[K]) find(l *lexicon[K], token K) (int, error) {
	if r.mask != nil && token == *r.mask {
		return r.masked() - 1, nil
	}
	if i, ok := l.index[token]; ok {
		return i, nil
	}
	switch r.oov {
	case 0:
		return 0, errors.Errorf("%v is not in the vocabulary, and num_oov_indices is 0", token)
	case 1:
		return r.masked(), nil
	}
	return r.masked() + r.bucket(token), nil
}

// token is the token of an index.
func (r *lookupRules[K]) token(l *lexicon[K], i int) K {
	if i == 0 && r.mask != nil {
		return *r.mask
	}
	if i -= r.special(); i >= 0 && i < len(l.tokens) {
		return l.tokens[i]
	}
	return r.oovToken
}

// cook turns tokens, which read takes from an array, into what the mode says.
func (l *lookup[K]) cook(r *lookupRules[K], name string, in ops.Spec, read func(d *tensor.Dense, scratch []K) []K) (recipe, error) {
	depth, err := l.depth(r)
	if err != nil {
		return recipe{}, err
	}
	var ids []int
	var tokens []K
	return recipe{name, r.mode.encoded(in.Shape, depth), func(out *tensor.Dense, in []*tensor.Dense) error {
		lex, err := l.sized(r, depth)
		if err != nil {
			return err
		}
		tokens, ids = read(in[0], tokens), ids[:0]
		for _, t := range tokens {
			i, err := r.find(lex, t)
			if err != nil {
				return err
			}
			ids = append(ids, i)
		}
		r.mode.encode(out, ids, in[0].Shape(), depth)
		r.weigh(out, lex)
		return nil
	}}, nil
}

// depth is the size of the encoded axis.
func (l *lookup[K]) depth(r *lookupRules[K]) (int, error) {
	lex, err := l.current(r)
	if err == nil {
		return r.depth(lex), nil
	}
	if r.given == nil && l.promised > 0 {
		return max(l.promised, r.depth(&lexicon[K]{})), nil
	}
	return 0, err
}

// sized is the vocabulary in use, which must still have the size that a program was made for.
func (l *lookup[K]) sized(r *lookupRules[K], depth int) (*lexicon[K], error) {
	lex, err := l.current(r)
	if err == nil && r.mode != OutputInt && r.depth(lex) != depth {
		err = errors.Errorf("the vocabulary's size has changed from %d to %d since the layer was first used", depth, r.depth(lex))
	}
	if err == nil && r.mode == OutputTFIDF && len(lex.idf) != depth {
		err = errors.Errorf("expected idf weights for %d indices, got %d", depth, len(lex.idf))
	}
	return lex, err
}

// weigh multiplies counts by the idf weights in tf_idf mode.
func (r *lookupRules[K]) weigh(out *tensor.Dense, l *lexicon[K]) {
	if r.mode != OutputTFIDF {
		return
	}
	y := out.Float32s()
	for i := range y {
		y[i] *= l.idf[i%len(l.idf)]
	}
}

// all lists the tokens of all indices.
func (r *lookupRules[K]) all(l *lexicon[K]) []K { return append(r.specialTokens(), l.tokens...) }
