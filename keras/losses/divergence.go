package losses

import "github.com/gokeras/gokeras/keras/ops"

// KLDivergence is sum(t·log(t/p)) over the last axis, of probabilities, which are kept within [1e-7, 1].
type KLDivergence struct{ Base }

// Poisson is mean(p - t·log(p+1e-7)) over the last axis.
type Poisson struct{ Base }

// Loss implements [Loss].
func (KLDivergence) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = floats(yTrue, yPred)
	t, p := ops.Clip(yTrue, epsilon, 1), ops.Clip(yPred, epsilon, 1)
	return ops.Sum(ops.Multiply(t, ops.Log(ops.Divide(t, p))), -1)
}

// Loss implements [Loss].
func (Poisson) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = floats(yTrue, yPred)
	return overLast(ops.Subtract(yPred, ops.Multiply(yTrue, ops.Log(ops.Add(yPred, ops.Scalar(epsilon))))))
}
