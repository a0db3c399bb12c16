// Package data feeds batches to training, in tf.data's words.
//
//	train := data.FromTensorSlices(x, y).Shuffle(1000).Batch(32)
//
// A data set can be run through any number of times: what it yields is a function of a seed and an epoch, so that an interrupted training can be
// repeated or resumed with the same batches.
package data

import (
	"iter"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A Batch is the arrays of one step: the inputs and outputs of a model in its order, each with the batch as first axis.
//
// The arrays are reused: they hold a batch until the next one is asked for. Who keeps a batch clones its arrays.
type Batch struct {
	X            []*tensor.Dense
	Y            []*tensor.Dense // empty: no labels, for prediction
	SampleWeight []*tensor.Dense // empty: all 1; else [batch], one array for all outputs or one per output
}

// A Dataset yields batches.
type Dataset interface {
	// Batches returns the batches of an epoch, which counts from 0. Equal seeds and epochs give equal batches in the same order. An error is the last
	// thing that is yielded. Several iterations may run at once.
	Batches(seed uint64, epoch int) iter.Seq2[Batch, error]
	// Len returns the number of batches of an epoch, or -1 where it is not known.
	Len() int
}

// FromGenerator returns a data set of the batches that batches makes; it must answer as [Dataset] says. length is the number of batches, or -1.
func FromGenerator(length int, batches func(seed uint64, epoch int) iter.Seq2[Batch, error]) Dataset {
	return generator{length, batches}
}

type generator struct {
	length  int
	batches func(seed uint64, epoch int) iter.Seq2[Batch, error]
}

func (g generator) Len() int { return max(g.length, -1) }

func (g generator) Batches(seed uint64, epoch int) iter.Seq2[Batch, error] {
	if g.batches == nil {
		return failing(errors.New("data: FromGenerator: expected a function, got nil"))
	}
	return g.batches(seed, epoch)
}

// failing returns an iteration that yields nothing but an error.
func failing(err error) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) { yield(Batch{}, err) }
}
