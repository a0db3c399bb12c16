package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// RepeatVector makes a sequence of a vector over and over: [batch, features] becomes [batch, N, features].
type RepeatVector struct {
	Base
	N int // required
}

func init() { saving.Register[RepeatVector]("RepeatVector", "keras.layers") }

// Call implements [Layer].
func (r *RepeatVector) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if err := positive("n", r.N); err != nil {
		return b.Errorf("%s", err)
	}
	if x.Err() == nil && x.Rank() != 2 {
		return b.Errorf("input of shape %v: expected [batch, features]", x.Shape())
	}
	return ops.Repeat(ops.ExpandDims(x, 1), r.N, 1)
}
