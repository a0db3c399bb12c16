package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// Masking leaves out the steps of a sequence [batch, time, features] in which all features are MaskValue: its output has a mask [batch, time]
// that is false there, and 0 in them. The shape stays.
type Masking struct {
	Base
	MaskValue float64
}

func init() { saving.Register[Masking]("Masking", "keras.layers") }

// Call implements [Layer].
func (m *Masking) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if x.Err() == nil && x.Rank() < 2 {
		return b.Errorf("input of shape %v: expected at least 2 axes with the batch, got %d", x.Shape(), x.Rank())
	}
	counts := ops.Any(ops.NotEqual(x, ops.Scalar(m.MaskValue)), -1)
	return ops.Where(ops.ExpandDims(counts, -1), x, ops.ZerosLike(x)).WithMask(counts)
}

// SupportsMasking implements [MaskSupporter].
func (m *Masking) SupportsMasking() bool { return true }
