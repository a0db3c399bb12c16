package losses

import (
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// epsilon is keras.config.epsilon().
const epsilon = 1e-7

func asFloat(x ops.Tensor) ops.Tensor { return ops.Cast(x, ops.Float32) }

func overLast(x ops.Tensor) ops.Tensor { return ops.Mean(x, -1) }

// floats are targets and predictions as float32, of the same rank where one has a last axis of size 1 too many.
func floats(yTrue, yPred ops.Tensor) (t, p ops.Tensor) {
	t, p = sameRank(yTrue, yPred)
	return asFloat(t), asFloat(p)
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

// fit gives the longer tensor's rank to the shorter where that is a vector, and else the other way.
func fit(long, short ops.Tensor) (ops.Tensor, ops.Tensor) {
	if short.Rank() == 1 {
		return long, ops.ExpandDims(short, -1)
	}
	return ops.Squeeze(long, -1), short
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

// classesLast moves the axis of the classes to the end.
func classesLast(x ops.Tensor, axis *int) ops.Tensor {
	if x.Err() != nil || axis == nil || *axis == -1 || *axis == x.Rank()-1 {
		return x
	}
	return ops.MoveAxis(x, *axis, -1)
}
