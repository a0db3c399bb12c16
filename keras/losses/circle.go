package losses

import (
	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// Circle draws embeddings of one class together and those of others apart: log(1 + sum(exp(pairs of one class))·sum(exp(pairs of two
// classes))) for each sample, over its pairs with the rest of the batch. Predictions are embeddings of length 1, [batch, features];
// targets are class numbers, [batch]. A sample without a pair of either kind does not count. Source: Sun et al. 2020.
type Circle struct {
	Base
	Gamma          *float64 // scale; nil: 80
	Margin         *float64 // nil: 0.4
	RemoveDiagonal *bool    // leaves out the pair of a sample with itself; nil: true
}

// Loss implements [Loss].
func (l Circle) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = sameRank(yTrue, yPred)
	if err := circleShapes(yTrue, yPred); err != nil {
		return ops.Fail(yPred.Path(), err)
	}
	alike, different := l.pairs(ops.Cast(yTrue, ops.Int32))
	gamma, margin, zero := optional.Or(l.Gamma, 80), optional.Or(l.Margin, 0.4), ops.Scalar(0)
	distance := ops.Subtract(ops.Scalar(1), ops.MatMul(yPred, ops.Transpose(yPred)))
	distance = ops.Maximum(distance, zero)
	near := ops.Maximum(ops.Add(distance, ops.Scalar(margin)), zero)
	far := ops.Maximum(ops.Subtract(ops.Scalar(1+margin), distance), zero)
	near = ops.Multiply(ops.Multiply(near, ops.Scalar(gamma)), ops.Subtract(distance, ops.Scalar(margin)))
	far = ops.Multiply(ops.Multiply(far, ops.Scalar(gamma)), ops.Subtract(ops.Scalar(1-margin), distance))
	p, hasAlike := logSumExp(near, alike)
	n, hasDifferent := logSumExp(far, different)
	loss := ops.Where(ops.LogicalAnd(hasAlike, hasDifferent), ops.Softplus(ops.Add(p, n)), zero)
	return loss.WithMask(ops.Greater(loss, zero))
}

func circleShapes(yTrue, yPred ops.Tensor) error {
	for _, y := range []ops.Tensor{yTrue, yPred} {
		if err := y.Err(); err != nil {
			return err
		}
	}
	if yPred.Rank() != 2 || yTrue.Rank() != 1 && !(yTrue.Rank() == 2 && yTrue.Dim(1) == 1) {
		return errors.Errorf("circle: targets of shape %v and predictions of shape %v: expected [batch] and [batch, features]", yTrue.Shape(), yPred.Shape())
	}
	return nil
}

// pairs says which pairs of samples are of one class, and which of two: [batch, batch].
func (l Circle) pairs(labels ops.Tensor) (alike, different ops.Tensor) {
	column := labels
	if labels.Rank() == 1 {
		column = ops.ExpandDims(labels, -1)
	}
	alike = ops.Equal(column, ops.Transpose(column))
	different = ops.LogicalNot(alike)
	if optional.Or(l.RemoveDiagonal, true) {
		alike = ops.LogicalOr(ops.Tril(alike, -1), ops.Triu(alike, 1))
	}
	return alike, different
}

// logSumExp is log(sum(exp(x))) over what a mask leaves of each row of a matrix, and whether it leaves anything; without that it is 0.
func logSumExp(x, mask ops.Tensor) (y, some ops.Tensor) {
	const lowest = -1e30
	some = ops.Any(mask, 1)
	top := ops.StopGradient(ops.KeepDims(ops.Max, ops.Where(mask, x, ops.Scalar(lowest)), 1))
	e := ops.Exp(ops.Where(mask, ops.Subtract(x, top), ops.Scalar(lowest)))
	sum := ops.Where(some, ops.Sum(e, 1), ops.Scalar(1))
	return ops.Where(some, ops.Add(ops.Log(sum), ops.Squeeze(top, 1)), ops.Scalar(0)), some
}
