// Package losses holds what training makes small, under Keras's names.
//
//	losses.SparseCategoricalCrossentropy{FromLogits: true}
//
// A loss of one's own is a type with a method Loss, which returns a value for each sample; saving.Register makes models that were
// compiled with it loadable.
package losses

import (
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// A Loss compares predictions with targets. The result has one value for each sample, or for each of its steps or pixels, which
// [Reduce] makes one number.
type Loss interface {
	Loss(yTrue, yPred ops.Tensor) ops.Tensor
}

// A Reduction says how the values of a loss become one number, by Keras's words.
type Reduction string

// Keras's reductions.
const (
	SumOverBatchSize     Reduction = "sum_over_batch_size" // the average over all values; also ""
	Sum                  Reduction = "sum"
	Mean                 Reduction = "mean" // as SumOverBatchSize
	MeanWithSampleWeight Reduction = "mean_with_sample_weight"
)

// A Reducer is a loss that says how it is reduced; others are averaged.
type Reducer interface {
	ReductionOf() Reduction
}

// Base is what Keras's losses share.
type Base struct {
	Reduction Reduction // "": SumOverBatchSize
	Label     string    `keras:"name"` // "": Keras's name for the loss
}

// ReductionOf implements [Reducer].
func (b Base) ReductionOf() Reduction { return b.Reduction }

// MeanSquaredError is mean((t-p)²) over the last axis.
type MeanSquaredError struct{ Base }

// MeanAbsoluteError is mean(|t-p|) over the last axis.
type MeanAbsoluteError struct{ Base }

// BinaryCrossentropy is mean(-t·log(p) - (1-t)·log(1-p)) over the last axis.
type BinaryCrossentropy struct {
	Base
	FromLogits     bool    // predictions are before their sigmoid
	LabelSmoothing float64 // moves targets towards 1/2
}

// CategoricalCrossentropy is -sum(t·log(p)) over the last axis, of one-hot targets.
type CategoricalCrossentropy struct {
	Base
	FromLogits     bool    // predictions are before their softmax
	LabelSmoothing float64 // moves targets towards 1/classes
}

// SparseCategoricalCrossentropy is -log(p[t]), of targets that are class numbers. A label that is no class is an error.
type SparseCategoricalCrossentropy struct {
	Base
	FromLogits bool // predictions are before their softmax
}

func init() {
	const module = "keras.losses"
	saving.Register[MeanSquaredError]("MeanSquaredError", module)
	saving.Register[MeanAbsoluteError]("MeanAbsoluteError", module)
	saving.Register[BinaryCrossentropy]("BinaryCrossentropy", module)
	saving.Register[CategoricalCrossentropy]("CategoricalCrossentropy", module)
	saving.Register[SparseCategoricalCrossentropy]("SparseCategoricalCrossentropy", module)
}

// Loss implements [Loss].
func (MeanSquaredError) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = sameRank(yTrue, yPred)
	return overLast(ops.SquaredDifference(yTrue, yPred))
}

// Loss implements [Loss].
func (MeanAbsoluteError) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = sameRank(yTrue, yPred)
	return overLast(ops.Absolute(ops.Subtract(asFloat(yTrue), yPred)))
}

// Loss implements [Loss].
func (l BinaryCrossentropy) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = sameRank(yTrue, yPred)
	if err := sameShape(yTrue, yPred); err != nil {
		return ops.Fail(yPred.Path(), err)
	}
	if l.LabelSmoothing != 0 {
		yTrue = ops.Add(ops.Multiply(asFloat(yTrue), ops.Scalar(1-l.LabelSmoothing)), ops.Scalar(0.5*l.LabelSmoothing))
	}
	return overLast(ops.BinaryCrossentropy(yTrue, yPred, l.FromLogits))
}

// Loss implements [Loss].
func (l CategoricalCrossentropy) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = sameRank(yTrue, yPred)
	if err := sameShape(yTrue, yPred); err != nil {
		return ops.Fail(yPred.Path(), err)
	}
	if l.LabelSmoothing != 0 {
		share := l.LabelSmoothing / float64(max(1, yTrue.Dim(-1)))
		yTrue = ops.Add(ops.Multiply(asFloat(yTrue), ops.Scalar(1-l.LabelSmoothing)), ops.Scalar(share))
	}
	return ops.CategoricalCrossentropy(yTrue, yPred, l.FromLogits)
}

// Loss implements [Loss].
func (l SparseCategoricalCrossentropy) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	return ops.SparseCategoricalCrossentropy(yTrue, yPred, l.FromLogits)
}

func asFloat(x ops.Tensor) ops.Tensor { return ops.Cast(x, ops.Float32) }

func overLast(x ops.Tensor) ops.Tensor {
	if x.Err() == nil && x.Rank() == 0 {
		return x
	}
	return ops.Mean(x, -1)
}

// sameRank squeezes or adds a last axis of size 1 where one tensor has an axis more, as Keras does.
func sameRank(x, y ops.Tensor) (ops.Tensor, ops.Tensor) {
	if x.Err() != nil || y.Err() != nil {
		return x, y
	}
	switch {
	case x.Rank() == y.Rank()+1 && x.Dim(-1) == 1:
		return fit(x, y)
	case y.Rank() == x.Rank()+1 && y.Dim(-1) == 1:
		y, x = fit(y, x)
	}
	return x, y
}

// sameShape refuses targets that would only fit the predictions by repetition, as Keras does in cross-entropies.
func sameShape(yTrue, yPred ops.Tensor) error {
	for _, y := range []ops.Tensor{yTrue, yPred} {
		if err := y.Err(); err != nil {
			return err
		}
	}
	alike := func(a, b int) bool { return a == b || a == ops.Unknown || b == ops.Unknown }
	if !slices.EqualFunc(yTrue.Shape(), yPred.Shape(), alike) {
		return errors.Errorf("targets of shape %v do not fit predictions of shape %v: both must be the same", yTrue.Shape(), yPred.Shape())
	}
	return nil
}

// fit gives the longer tensor's rank to the shorter where that is a vector, and else the other way.
func fit(long, short ops.Tensor) (ops.Tensor, ops.Tensor) {
	if short.Rank() == 1 {
		return long, ops.ExpandDims(short, -1)
	}
	return ops.Squeeze(long, -1), short
}

// Reduce makes the values of a loss one number, with a weight for each sample or step (the zero Tensor: all 1) and without what the
// mask of the values, or else of the predictions, leaves out.
func Reduce(values, yPred, weight ops.Tensor, r Reduction) ops.Tensor {
	mask := yPred.Mask()
	if m := values.Mask(); m.Valid() {
		mask = m
		if p := yPred.Mask(); p.Valid() {
			mask = ops.Where(p, m, p)
		}
	}
	w := weight
	if mask.Valid() {
		w = masked(mask, weight, r)
	}
	if w.Valid() {
		values, w = sameRank(values, asFloat(w))
		values = ops.Multiply(values, w)
	}
	switch r {
	case Sum:
		return ops.Sum(values)
	case "", SumOverBatchSize, Mean:
		return ops.Mean(values)
	case MeanWithSampleWeight:
		if !w.Valid() || values.Rank() == 0 { // Keras does not divide what is one number already.
			return ops.Mean(values)
		}
		return divideNoNaN(ops.Sum(values), ops.Sum(w))
	}
	return ops.Fail(values.Path(), errors.Errorf("loss reduction %q is not one of Keras's", string(r)))
}

// masked is the weight of what a mask leaves, so that an average over all values is one over those.
func masked(mask, weight ops.Tensor, r Reduction) ops.Tensor {
	m := asFloat(mask)
	if r != Sum && r != MeanWithSampleWeight {
		n := 1
		for _, d := range mask.Shape() {
			n *= d
		}
		m = ops.Multiply(m, divideNoNaN(ops.Scalar(float64(n)), ops.Sum(m)))
	}
	if !weight.Valid() {
		return m
	}
	m, weight = sameRank(m, asFloat(weight))
	return ops.Multiply(weight, m)
}

// divideNoNaN is x/y, and 0 where y is 0.
func divideNoNaN(x, y ops.Tensor) ops.Tensor {
	zero := ops.Equal(y, ops.Scalar(0))
	return ops.Where(zero, ops.Scalar(0), ops.Divide(x, ops.Where(zero, ops.Scalar(1), y)))
}

// ReductionOf is how a loss is reduced.
func ReductionOf(l Loss) Reduction {
	if r, ok := l.(Reducer); ok {
		return r.ReductionOf()
	}
	return ""
}
