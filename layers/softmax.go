package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// Softmax is exp(x)/sum(exp(x)) along axes. Where the input has a mask, which must fit its shape from the last axis on, the result is 0 for
// what the mask leaves out, and the rest sums to 1. The shape stays.
type Softmax struct {
	Base
	Axis []int // nil: -1; the sum is over all of several
}

func init() { saving.Register[Softmax]("Softmax", "keras.layers") }

// Apply implements [activations.Activation].
func (s *Softmax) Apply(x ops.Tensor) ops.Tensor {
	mask := x.Mask()
	if !mask.Valid() {
		return s.along(x)
	}
	const never = -1e9 // exp of it is 0
	y := s.along(ops.Where(mask, x, ops.Scalar(never)))
	return ops.Where(mask, y, ops.Scalar(0))
}

func (s *Softmax) along(x ops.Tensor) ops.Tensor {
	switch len(s.Axis) {
	case 0:
		return ops.Softmax(x, -1)
	case 1:
		return ops.Softmax(x, s.Axis[0])
	}
	return ops.Exp(ops.Subtract(x, ops.KeepDims(ops.LogSumExp, x, s.Axis...)))
}

// Call implements [Layer].
func (s *Softmax) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if mask := x.Mask(); mask.Valid() && x.Err() == nil && !fitsFromTheEnd(mask.Shape(), x.Shape()) {
		return b.Errorf("mask of shape %v: expected one that can be repeated to the input's shape %v", mask.Shape(), x.Shape())
	}
	return s.Apply(x)
}

// fitsFromTheEnd reports whether what has one shape can be repeated to the other.
func fitsFromTheEnd(small, large []int) bool {
	if len(small) > len(large) {
		return false
	}
	large = large[len(large)-len(small):]
	for i, n := range small {
		if n != 1 && n != large[i] && n != ops.Unknown && large[i] != ops.Unknown {
			return false
		}
	}
	return true
}

// SupportsMasking implements [MaskSupporter].
func (s *Softmax) SupportsMasking() bool { return true }

// SaveConfig implements [saving.ConfigSaver].
func (s *Softmax) SaveConfig(config map[string]any) error {
	bare(config, "axis")
	return nil
}
