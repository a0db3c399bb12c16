package losses

import (
	"github.com/gokeras/gokeras/keras/ops"

	"github.com/gokeras/gokeras/internal/optional"
)

// Dice is 1 - 2·sum(t·p)/(sum(t)+sum(p)), of regions, such as masks of pixels.
type Dice struct {
	Base
	Axis []int // that are summed over; nil: all, so that the loss is one number for the whole batch
}

// Tversky is 1 - sum(t·p)/(sum(t·p) + alpha·sum(t·(1-p)) + beta·sum((1-t)·p)). Source: Salehi et al. 2017.
type Tversky struct {
	Base
	Alpha *float64 // the weight of what was missed; nil: 0.5
	Beta  *float64 // the weight of what was found wrongly; nil: 0.5
	Axis  []int    // that are summed over; nil: all
}

// Loss implements [Loss].
func (l Dice) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	t, p := floats(yTrue, yPred)
	both := ops.Multiply(ops.Scalar(2), ops.Sum(ops.Multiply(t, p), l.Axis...))
	return oneMinusRatio(both, ops.Add(ops.Sum(t, l.Axis...), ops.Sum(p, l.Axis...)))
}

// Loss implements [Loss].
func (l Tversky) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	t, p := floats(yTrue, yPred)
	one := ops.Scalar(1)
	both := ops.Sum(ops.Multiply(t, p), l.Axis...)
	missed := ops.Sum(ops.Multiply(t, ops.Subtract(one, p)), l.Axis...)
	wrong := ops.Sum(ops.Multiply(ops.Subtract(one, t), p), l.Axis...)
	of := ops.Add(both, ops.Multiply(missed, ops.Scalar(optional.Or(l.Alpha, 0.5))))
	return oneMinusRatio(both, ops.Add(of, ops.Multiply(wrong, ops.Scalar(optional.Or(l.Beta, 0.5)))))
}

func oneMinusRatio(part, of ops.Tensor) ops.Tensor {
	return ops.Subtract(ops.Scalar(1), ops.Divide(part, ops.Add(of, ops.Scalar(epsilon))))
}
