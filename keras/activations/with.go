package activations

import (
	"github.com/gokeras/gokeras/keras/ops"

	"github.com/gokeras/gokeras/internal/optional"
)

// Keras has no form in its files for a function with arguments. The types below are saved as objects of the package gokeras, such as
// "gokeras>ReLUWith", which Python reads where a class is registered under that name.

// ReLUWith is x above Threshold and NegativeSlope·(x-Threshold) below, at most MaxValue.
type ReLUWith struct {
	NegativeSlope float64
	MaxValue      *float64 // nil: unbounded
	Threshold     float64
}

// LeakyReLUWith is x above 0 and NegativeSlope·x below.
type LeakyReLUWith struct {
	NegativeSlope *float64 // nil: 0.2
}

// ELUWith is x above 0 and Alpha·(exp(x)-1) below.
type ELUWith struct {
	Alpha *float64 // nil: 1
}

// CELUWith is x above 0 and Alpha·(exp(x/Alpha)-1) below.
type CELUWith struct {
	Alpha float64 // 0: 1
}

// GELUWith is x·Φ(x), where Φ is the distribution function of the normal distribution.
type GELUWith struct {
	Approximate bool // takes 0.5·(1+tanh(√(2/π)·(x+0.044715·x³))) for Φ
}

// GLUWith cuts x in two halves along an axis, a and b, and is a·sigmoid(b).
type GLUWith struct {
	Axis *int // nil: -1
}

// SoftmaxWith is exp(x)/sum(exp(x)) along an axis.
type SoftmaxWith struct {
	Axis *int // nil: -1
}

// LogSoftmaxWith is the logarithm of [SoftmaxWith].
type LogSoftmaxWith struct {
	Axis *int // nil: -1
}

// SparsemaxWith is [ops.Sparsemax] along an axis.
type SparsemaxWith struct {
	Axis *int // nil: -1
}

// SquarePlusWith is (x+√(x²+B))/2.
type SquarePlusWith struct {
	B *float64 // nil: 4
}

// SoftShrinkWith is x, Threshold nearer to 0, at most 0.
type SoftShrinkWith struct {
	Threshold *float64 // nil: 0.5
}

// HardShrinkWith is x where |x| is above Threshold, and 0 elsewhere.
type HardShrinkWith struct {
	Threshold *float64 // nil: 0.5
}

// ThresholdWith is x above Threshold and DefaultValue elsewhere.
type ThresholdWith struct {
	Threshold    float64
	DefaultValue float64
}

// Apply implements [Activation].
func (a ReLUWith) Apply(x ops.Tensor) ops.Tensor {
	if a.MaxValue == nil && a.Threshold == 0 {
		if a.NegativeSlope == 0 {
			return ops.ReLU(x)
		}
		return ops.LeakyReLU(x, a.NegativeSlope)
	}
	y := a.positive(x)
	if a.NegativeSlope == 0 {
		return y
	}
	below := ops.ReLU(ops.Subtract(ops.Scalar(a.Threshold), x))
	return ops.Subtract(y, ops.Multiply(ops.Scalar(a.NegativeSlope), below))
}

// positive is what is left of x above the threshold.
func (a ReLUWith) positive(x ops.Tensor) ops.Tensor {
	y := ops.ReLU(x)
	if a.Threshold != 0 {
		y = ops.Threshold(x, a.Threshold, 0)
	}
	switch {
	case a.MaxValue == nil:
		return y
	case a.Threshold == 0 && *a.MaxValue == 6:
		return ops.ReLU6(x)
	}
	return ops.Clip(y, 0, *a.MaxValue)
}

// Apply implements [Activation].
func (a LeakyReLUWith) Apply(x ops.Tensor) ops.Tensor {
	return ops.LeakyReLU(x, optional.Or(a.NegativeSlope, 0.2))
}

// Apply implements [Activation].
func (a ELUWith) Apply(x ops.Tensor) ops.Tensor { return ops.ELU(x, optional.Or(a.Alpha, 1)) }

// Apply implements [Activation].
func (a CELUWith) Apply(x ops.Tensor) ops.Tensor {
	if a.Alpha == 0 {
		return ops.CELU(x, 1)
	}
	return ops.CELU(x, a.Alpha)
}

// Apply implements [Activation].
func (a GELUWith) Apply(x ops.Tensor) ops.Tensor { return ops.GELU(x, a.Approximate) }

// Apply implements [Activation].
func (a GLUWith) Apply(x ops.Tensor) ops.Tensor { return ops.GLU(x, optional.Or(a.Axis, -1)) }

// Apply implements [Activation].
func (a SoftmaxWith) Apply(x ops.Tensor) ops.Tensor { return ops.Softmax(x, optional.Or(a.Axis, -1)) }

// Apply implements [Activation].
func (a LogSoftmaxWith) Apply(x ops.Tensor) ops.Tensor {
	return ops.LogSoftmax(x, optional.Or(a.Axis, -1))
}

// Apply implements [Activation].
func (a SparsemaxWith) Apply(x ops.Tensor) ops.Tensor {
	return ops.Sparsemax(x, optional.Or(a.Axis, -1))
}

// Apply implements [Activation].
func (a SquarePlusWith) Apply(x ops.Tensor) ops.Tensor { return ops.SquarePlus(x, optional.Or(a.B, 4)) }

// Apply implements [Activation].
func (a SoftShrinkWith) Apply(x ops.Tensor) ops.Tensor {
	return ops.SoftShrink(x, optional.Or(a.Threshold, 0.5))
}

// Apply implements [Activation].
func (a HardShrinkWith) Apply(x ops.Tensor) ops.Tensor {
	return ops.HardShrink(x, optional.Or(a.Threshold, 0.5))
}

// Apply implements [Activation].
func (a ThresholdWith) Apply(x ops.Tensor) ops.Tensor {
	return ops.Threshold(x, a.Threshold, a.DefaultValue)
}
