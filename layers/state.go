package layers

import (
	"slices"

	"github.com/pkg/errors"
)

// A StateKeeper is a layer that keeps arrays by names of their own, rather than weights, in a model's weights file.
type StateKeeper interface {
	Part
	// OwnState are the arrays by their names; none where there are none to be kept.
	OwnState() map[string][]float32
	// SetOwnState takes up what OwnState gave.
	SetOwnState(arrays map[string][]float32) error
}

// idfName is the array of a lookup's weights in Keras's files.
const idfName = "idf_weights"

func (l *lookup[K]) ownState(r *lookupRules[K]) map[string][]float32 {
	if r.mode != OutputTFIDF {
		return nil
	}
	lex, err := l.current(r)
	if err != nil {
		return nil
	}
	return map[string][]float32{idfName: lex.idf}
}

func (l *lookup[K]) setOwnState(r *lookupRules[K], arrays map[string][]float32) error {
	if r.mode != OutputTFIDF {
		return nil
	}
	lex, err := l.current(r)
	if err != nil {
		return err
	}
	idf := arrays[idfName]
	if len(idf) != r.depth(lex) {
		return errors.Errorf("%s: expected %d numbers, got %d", idfName, r.depth(lex), len(idf))
	}
	next := *lex
	next.idf = slices.Clone(idf)
	l.set(&next)
	return nil
}
