package losses

import "github.com/gokeras/gokeras/keras/ops"

// Hinge is mean(max(1-t·p, 0)) over the last axis. Targets are -1 or 1; where all of a batch are 0 or 1, 0 stands for -1.
type Hinge struct{ Base }

// SquaredHinge is mean(max(1-t·p, 0)²) over the last axis, of targets as those of [Hinge].
type SquaredHinge struct{ Base }

// CategoricalHinge is max(1 + max((1-t)·p) - sum(t·p), 0) over the last axis, of one-hot targets.
type CategoricalHinge struct{ Base }

// Loss implements [Loss].
func (Hinge) Loss(yTrue, yPred ops.Tensor) ops.Tensor { return overLast(shortOfMargin(yTrue, yPred)) }

// Loss implements [Loss].
func (SquaredHinge) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	return overLast(ops.Square(shortOfMargin(yTrue, yPred)))
}

// Loss implements [Loss].
func (CategoricalHinge) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = floats(yTrue, yPred)
	hit := ops.Sum(ops.Multiply(yTrue, yPred), -1)
	miss := ops.Max(ops.Multiply(ops.Subtract(ops.Scalar(1), yTrue), yPred), -1)
	return ops.Maximum(ops.Add(ops.Subtract(miss, hit), ops.Scalar(1)), ops.Scalar(0))
}

// shortOfMargin is max(1-t·p, 0).
func shortOfMargin(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = floats(yTrue, yPred)
	t := signs(yTrue)
	return ops.Maximum(ops.Subtract(ops.Scalar(1), ops.Multiply(t, yPred)), ops.Scalar(0))
}

// signs makes -1 and 1 of targets that are all 0 or 1.
func signs(yTrue ops.Tensor) ops.Tensor {
	one := ops.Scalar(1)
	binary := ops.All(ops.LogicalOr(ops.Equal(yTrue, ops.Scalar(0)), ops.Equal(yTrue, one)))
	return ops.Where(binary, ops.Subtract(ops.Multiply(ops.Scalar(2), yTrue), one), yTrue)
}
