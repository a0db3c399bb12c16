// Package regularizers holds penalties that are added to the loss for large weights or outputs.
//
//	&layers.Dense{Units: 64, KernelRegularizer: regularizers.L2{L2: new(1e-4)}}
package regularizers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// A Regularizer is a penalty for a tensor: a tensor without axes, which is added to the loss.
type Regularizer interface {
	Penalty(w ops.Tensor) ops.Tensor
}

// L1 is l1·sum(|w|).
type L1 struct {
	L1 *float64 `keras:"l1"` // nil: 0.01
}

// L2 is l2·sum(w²).
type L2 struct {
	L2 *float64 `keras:"l2"` // nil: 0.01
}

// L1L2 is l1·sum(|w|) + l2·sum(w²).
type L1L2 struct {
	L1 float64 `keras:"l1"`
	L2 float64 `keras:"l2"`
}

func init() {
	saving.Register[L1]("L1", "keras.regularizers")
	saving.Register[L2]("L2", "keras.regularizers")
	saving.Register[L1L2]("L1L2", "keras.regularizers")
}

const defaultFactor = 0.01

// Penalty implements [Regularizer].
func (r L1) Penalty(w ops.Tensor) ops.Tensor { return L1L2{L1: factor(r.L1)}.Penalty(w) }

// Penalty implements [Regularizer].
func (r L2) Penalty(w ops.Tensor) ops.Tensor { return L1L2{L2: factor(r.L2)}.Penalty(w) }

// Penalty implements [Regularizer].
func (r L1L2) Penalty(w ops.Tensor) ops.Tensor {
	p := ops.Scalar(0)
	if r.L1 != 0 {
		p = ops.Multiply(ops.Scalar(r.L1), ops.Sum(ops.Absolute(w)))
	}
	if r.L2 != 0 {
		l2 := ops.Multiply(ops.Scalar(r.L2), ops.Sum(ops.Square(w)))
		if r.L1 == 0 {
			return l2
		}
		p = ops.Add(p, l2)
	}
	return p
}

func factor(p *float64) float64 {
	if p == nil {
		return defaultFactor
	}
	return *p
}
