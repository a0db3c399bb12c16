package losses

import (
	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// BinaryCrossentropy is mean(-t·log(p) - (1-t)·log(1-p)) over an axis.
type BinaryCrossentropy struct {
	Base
	FromLogits     bool    // predictions are before their sigmoid
	LabelSmoothing float64 // moves targets towards 1/2
	Axis           *int    // over which the average is taken; nil: -1
}

// CategoricalCrossentropy is -sum(t·log(p)) over the classes, of one-hot targets.
type CategoricalCrossentropy struct {
	Base
	FromLogits     bool    // predictions are before their softmax
	LabelSmoothing float64 // moves targets towards 1/classes
	Axis           *int    // of the classes; nil: -1
}

// SparseCategoricalCrossentropy is -log(p[t]), of targets that are class numbers: the predictions' shape without the axis of the
// classes, or with size 1 there. A label that is no class is an error when the program runs.
type SparseCategoricalCrossentropy struct {
	Base
	FromLogits  bool // predictions are before their softmax
	IgnoreClass *int // targets that do not count, whether or not there is such a class; nil: all count
	Axis        *int // of the classes; nil: -1. Keras on TensorFlow knows the last only
}

// CategoricalGeneralizedCrossEntropy is (1-p[t]^q)/q, which puts up with wrong labels better than a cross-entropy: q near 0 is one,
// q near 1 the absolute error. Targets are class numbers, [batch] or [batch, 1]; one that is no class is an error when the program
// runs. Source: Zhang and Sabuncu 2018.
type CategoricalGeneralizedCrossEntropy struct {
	Base
	Q float64 // between 0 and 1; 0: 0.5
}

// Loss implements [Loss].
func (l BinaryCrossentropy) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = sameRank(yTrue, yPred)
	if err := sameShape(yTrue, yPred); err != nil {
		return ops.Fail(yPred.Path(), err)
	}
	return ops.Mean(ops.BinaryCrossentropy(smoothBinary(yTrue, l.LabelSmoothing), yPred, l.FromLogits), optional.Or(l.Axis, -1))
}

// Loss implements [Loss].
func (l CategoricalCrossentropy) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = sameRank(yTrue, yPred)
	if err := sameShape(yTrue, yPred); err != nil {
		return ops.Fail(yPred.Path(), err)
	}
	yTrue = smoothClasses(yTrue, l.LabelSmoothing)
	return ops.CategoricalCrossentropy(classesLast(yTrue, l.Axis), classesLast(yPred, l.Axis), l.FromLogits)
}

// Loss implements [Loss].
func (l SparseCategoricalCrossentropy) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = sameRank(yTrue, yPred)
	axis := optional.Or(l.Axis, -1)
	if yTrue.Rank() == yPred.Rank() && yTrue.Dim(axis) == 1 {
		yTrue = ops.Squeeze(yTrue, axis)
	}
	if l.IgnoreClass == nil {
		return ops.SparseCategoricalCrossentropy(yTrue, classesLast(yPred, l.Axis), l.FromLogits)
	}
	counts := ops.NotEqual(asFloat(yTrue), ops.Scalar(float64(*l.IgnoreClass)))
	yTrue = ops.Where(counts, asFloat(yTrue), ops.Scalar(0))
	// Predictions that do not count may be anything; no NaN of theirs must reach the gradient.
	yPred = ops.Where(ops.ExpandDims(counts, axis), asFloat(yPred), ops.Scalar(1))
	values := ops.SparseCategoricalCrossentropy(yTrue, classesLast(yPred, l.Axis), l.FromLogits)
	return ops.Where(counts, values, ops.Scalar(0)).WithMask(counts)
}

// Loss implements [Loss].
func (l CategoricalGeneralizedCrossEntropy) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	q := l.Q
	if q == 0 {
		q = 0.5
	}
	if !(q > 0 && q < 1) {
		return ops.Fail(yPred.Path(), errors.Errorf("categorical generalized cross-entropy: q is %v: expected a number between 0 and 1", q))
	}
	if yTrue.Rank() == yPred.Rank() && yTrue.Dim(-1) == 1 {
		yTrue = ops.Squeeze(yTrue, -1)
	}
	yPred = asFloat(yPred)
	hit := ops.OneHotStrict(ops.Cast(yTrue, ops.Int32), yPred.Dim(-1))
	p := ops.Sum(ops.Multiply(yPred, hit), -1)
	return ops.Divide(ops.Subtract(ops.Scalar(1), ops.Power(p, ops.Scalar(q))), ops.Scalar(q))
}

// smoothBinary moves targets towards 1/2.
func smoothBinary(yTrue ops.Tensor, by float64) ops.Tensor {
	if by == 0 {
		return yTrue
	}
	return ops.Add(ops.Multiply(asFloat(yTrue), ops.Scalar(1-by)), ops.Scalar(0.5*by))
}

// smoothClasses moves targets towards 1/classes. As in Keras, the size of the last axis is what counts, wherever the classes are.
func smoothClasses(yTrue ops.Tensor, by float64) ops.Tensor {
	if by == 0 {
		return yTrue
	}
	return ops.Add(ops.Multiply(asFloat(yTrue), ops.Scalar(1-by)), ops.Scalar(by/float64(max(1, yTrue.Dim(-1)))))
}
