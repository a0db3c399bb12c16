package losses

import (
	"math"

	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/ops"
)

// MeanSquaredError is mean((t-p)²) over the last axis.
type MeanSquaredError struct{ Base }

// MeanAbsoluteError is mean(|t-p|) over the last axis.
type MeanAbsoluteError struct{ Base }

// MeanAbsolutePercentageError is 100·mean(|t-p|/max(|t|, 1e-7)) over the last axis.
type MeanAbsolutePercentageError struct{ Base }

// MeanSquaredLogarithmicError is mean((log(1+t)-log(1+p))²) over the last axis; what is below 1e-7 counts as that.
type MeanSquaredLogarithmicError struct{ Base }

// CosineSimilarity is the negative cosine of the angle between targets and predictions: -1 for the same direction, 1 for opposite
// ones.
type CosineSimilarity struct {
	Base
	Axis *int // along which vectors lie; nil: -1
}

// Huber is (t-p)²/2 up to a distance of delta, and delta·(|t-p|-delta/2) beyond; averaged over the last axis.
type Huber struct {
	Base
	Delta *float64 // nil: 1
}

// LogCosh is mean(log(cosh(p-t))) over the last axis.
type LogCosh struct{ Base }

// Loss implements [Loss].
func (MeanSquaredError) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = sameRank(yTrue, yPred)
	return overLast(ops.SquaredDifference(yTrue, yPred))
}

// Loss implements [Loss].
func (MeanAbsoluteError) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = floats(yTrue, yPred)
	return overLast(ops.Absolute(ops.Subtract(yTrue, yPred)))
}

// Loss implements [Loss].
func (MeanAbsolutePercentageError) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = floats(yTrue, yPred)
	size := ops.Maximum(ops.Absolute(yTrue), ops.Scalar(epsilon))
	return ops.Multiply(ops.Scalar(100), overLast(ops.Absolute(ops.Divide(ops.Subtract(yTrue, yPred), size))))
}

// Loss implements [Loss].
func (MeanSquaredLogarithmicError) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = floats(yTrue, yPred)
	log := func(x ops.Tensor) ops.Tensor { return ops.Log1p(ops.Maximum(x, ops.Scalar(epsilon))) }
	return overLast(ops.SquaredDifference(log(yPred), log(yTrue)))
}

// Loss implements [Loss].
func (l CosineSimilarity) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = floats(yTrue, yPred)
	axis := optional.Or(l.Axis, -1)
	direction := func(x ops.Tensor) ops.Tensor { return ops.Normalize(x, axis, 2, epsilon) }
	return ops.Negative(ops.Sum(ops.Multiply(direction(yTrue), direction(yPred)), axis))
}

// Loss implements [Loss].
func (l Huber) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = floats(yTrue, yPred)
	delta := optional.Or(l.Delta, 1)
	far := ops.Absolute(ops.Subtract(yPred, yTrue))
	near := ops.Multiply(ops.Scalar(0.5), ops.SquaredDifference(yPred, yTrue))
	beyond := ops.Subtract(ops.Multiply(ops.Scalar(delta), far), ops.Scalar(0.5*delta*delta))
	return overLast(ops.Where(ops.LessEqual(far, ops.Scalar(delta)), near, beyond))
}

// Loss implements [Loss].
func (LogCosh) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = floats(yTrue, yPred)
	x := ops.Subtract(yPred, yTrue)
	tail := ops.Softplus(ops.Multiply(x, ops.Scalar(-2)))
	return overLast(ops.Subtract(ops.Add(x, tail), ops.Scalar(math.Ln2)))
}
