package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// UnitNormalization scales each sample to Euclidean length 1 along axes. The shape stays.
type UnitNormalization struct {
	Base
	Axis []int // nil: -1
}

func init() { saving.Register[UnitNormalization]("UnitNormalization", "keras.layers") }

// Call implements [Layer].
func (u *UnitNormalization) Call(_ *Builder, x ops.Tensor) ops.Tensor {
	axes := u.Axis
	if len(axes) == 0 {
		axes = []int{-1}
	}
	const most = 1e12 // vectors shorter than its inverse stay shorter than 1
	inverse := ops.Minimum(ops.Rsqrt(ops.KeepDims(ops.Sum, ops.Square(x), axes...)), ops.Scalar(most))
	return ops.Multiply(x, inverse)
}

// SupportsMasking implements [MaskSupporter].
func (u *UnitNormalization) SupportsMasking() bool { return true }
