// Package data feeds batches to training, in tf.data's words.
//
//	train := data.FromTensorSlices(x, y).Shuffle(1000).Batch(32)
//
// A [Pipeline] begins with arrays, files or a generator and goes on with Shuffle, Map, Batch and so on. It is a value: each method returns another
// one, and nothing happens before it is iterated. Its elements are examples, whose arrays have no batch axis, until Batch joins them.
//
// A data set can be run through any number of times: what it yields is a function of a seed and an epoch, so that an interrupted training can be
// repeated or resumed with the same batches, on any number of processors.
//
// The arrays of an element are good until the next one is asked for, and then used again; who keeps them clones them. Until then they belong to
// whoever got them and may be written to: nothing that is kept inside, nor the arrays of FromTensorSlices, is handed out itself.
//
// Iterations may be left at any time. No goroutine and no open file is left behind: what is at work in one is waited for.
package data

import (
	"iter"

	"gorgonia.org/tensor"
)

// A Batch is the arrays of one step: the inputs and outputs of a model in its order, each with the batch as first axis. Before Batch it is one
// example, without that axis.
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
	// Len returns the number of batches of an epoch, or -1 where it is not known or without end.
	Len() int
}

// Autotune as a number of elements or workers lets the package choose: two elements ahead, or as many workers as there are processors.
// What is yielded does not depend on it.
const Autotune = -1
