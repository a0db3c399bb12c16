package losses

import (
	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/ops"
	"gorgonia.org/tensor"
)

const (
	defaultFocus   = 2.0
	defaultBalance = 0.25
)

// BinaryFocalCrossentropy is the average over an axis of (1-q)^gamma times the binary cross-entropy, where q is the probability that
// the prediction gives to the target: what is easy counts less. Source: Lin et al. 2018.
type BinaryFocalCrossentropy struct {
	Base
	ApplyClassBalancing bool     // weighs targets of 1 by Alpha and those of 0 by 1-Alpha
	Alpha               *float64 // nil: 0.25
	Gamma               *float64 // nil: 2
	FromLogits          bool     // predictions are before their sigmoid
	LabelSmoothing      float64  // moves targets towards 1/2
	Axis                *int     // over which the average is taken; nil: -1
}

// CategoricalFocalCrossentropy is -sum(alpha·(1-p)^gamma·t·log(p)) over the classes, of one-hot targets.
type CategoricalFocalCrossentropy struct {
	Base
	Alpha          []float64 // one for all, or one for each place of the last axis; nil: 0.25
	Gamma          *float64  // nil: 2
	FromLogits     bool      // predictions are before their softmax
	LabelSmoothing float64   // moves targets towards 1/classes
	Axis           *int      // of the classes; nil: -1
}

// Loss implements [Loss].
func (l BinaryFocalCrossentropy) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = floats(yTrue, yPred)
	if err := sameShape(yTrue, yPred); err != nil {
		return ops.Fail(yPred.Path(), err)
	}
	t, p := smoothBinary(yTrue, l.LabelSmoothing), yPred
	if l.FromLogits {
		p = ops.Sigmoid(p)
	}
	loss := ops.Multiply(focus(likelihood(t, p), l.Gamma), ops.BinaryCrossentropy(t, p, false))
	if l.ApplyClassBalancing {
		loss = ops.Multiply(likelihood(t, ops.Scalar(optional.Or(l.Alpha, defaultBalance))), loss)
	}
	return ops.Mean(loss, optional.Or(l.Axis, -1))
}

// Loss implements [Loss].
func (l CategoricalFocalCrossentropy) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = floats(yTrue, yPred)
	axis := optional.Or(l.Axis, -1)
	if l.FromLogits {
		yPred = ops.Softmax(yPred, axis)
	}
	p := ops.Divide(yPred, ops.KeepDims(ops.Sum, yPred, axis))
	p = ops.Clip(p, epsilon, 1-epsilon)
	loss := ops.Multiply(ops.Negative(smoothClasses(yTrue, l.LabelSmoothing)), ops.Log(p))
	return ops.Sum(ops.Multiply(ops.Multiply(focus(p, l.Gamma), l.balance()), loss), axis)
}

func (l CategoricalFocalCrossentropy) balance() ops.Tensor {
	switch len(l.Alpha) {
	case 0:
		return ops.Scalar(defaultBalance)
	case 1:
		return ops.Scalar(l.Alpha[0])
	}
	return ops.Array(tensor.New(tensor.WithShape(len(l.Alpha)), tensor.WithBacking(l.Alpha)))
}

// likelihood is t·p + (1-t)·(1-p).
func likelihood(t, p ops.Tensor) ops.Tensor {
	one := ops.Scalar(1)
	return ops.Add(ops.Multiply(t, p), ops.Multiply(ops.Subtract(one, t), ops.Subtract(one, p)))
}

// focus is (1-p)^gamma.
func focus(p ops.Tensor, gamma *float64) ops.Tensor {
	return ops.Power(ops.Subtract(ops.Scalar(1), p), ops.Scalar(optional.Or(gamma, defaultFocus)))
}
