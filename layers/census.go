package layers

import (
	"cmp"
	"math"
	"slices"

	"github.com/pkg/errors"
)

// A census counts tokens, and the documents that they are in.
type census[K cmp.Ordered] struct {
	counts    map[K]int
	documents map[K]int
	last      map[K]int // the number of the document that a token was last seen in
	rows      int
}

func newCensus[K cmp.Ordered]() *census[K] {
	return &census[K]{counts: map[K]int{}, documents: map[K]int{}, last: map[K]int{}}
}

// add counts a document.
func (c *census[K]) add(tokens []K) {
	c.rows++
	for _, t := range tokens {
		c.counts[t]++
		if c.last[t] != c.rows {
			c.last[t] = c.rows
			c.documents[t]++
		}
	}
}

// addArray counts an array of tokens: each row of two axes is a document. A single axis is one document in a batch, many where all data is
// one array, as in Keras.
func (c *census[K]) addArray(tokens []K, shape []int, batch bool) {
	width := len(tokens)
	switch {
	case len(shape) == 1 && !batch:
		width = 1
	case len(shape) > 1:
		width = len(tokens) / shape[0]
	}
	for at := 0; at < len(tokens); at += width {
		c.add(tokens[at : at+width])
	}
}

// lexicon makes a vocabulary of what was counted: the most frequent tokens first, of equally frequent ones the greater.
func (c *census[K]) lexicon(r *lookupRules[K]) (*lexicon[K], error) {
	nothing := len(c.counts) == 0
	delete(c.counts, r.oovToken)
	if r.mask != nil {
		delete(c.counts, *r.mask)
	}
	tokens := make([]K, 0, len(c.counts))
	for t := range c.counts {
		tokens = append(tokens, t)
	}
	slices.SortFunc(tokens, func(a, b K) int {
		return cmp.Or(cmp.Compare(c.counts[b], c.counts[a]), cmp.Compare(b, a))
	})
	if r.maxTokens > 0 {
		tokens = tokens[:min(len(tokens), r.maxTokens-r.special())]
	}
	if len(tokens) == 0 && (!nothing || r.mode == OutputTFIDF) { // As in Keras, data without any token makes an empty vocabulary.
		return nil, errors.New("adapt: expected at least one token beside the special ones, got none")
	}
	l, err := newLexicon(tokens, r.special())
	if err != nil || r.mode != OutputTFIDF {
		return l, err
	}
	idf := make([]float64, len(tokens))
	for i, t := range tokens {
		idf[i] = math.Log(1 + float64(c.rows)/float64(1+c.documents[t]))
	}
	l.idf = r.spread(idf, false)
	return l, nil
}
