package layers

import (
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// Permute puts the axes behind the batch in another order: Dims 2 and 1 make [batch, time, features] [batch, features, time].
type Permute struct {
	Base
	Dims []int // for each axis of the result, which of the input's it is, counted from 1; required
}

func init() { saving.Register[Permute]("Permute", "keras.layers") }

// Call implements [Layer].
func (p *Permute) Call(b *Builder, x ops.Tensor) ops.Tensor {
	order := append([]int{0}, p.Dims...)
	for i, axis := range slices.Sorted(slices.Values(order)) {
		if axis != i {
			return b.Errorf("dims %v: expected the numbers from 1 to %d, each once", p.Dims, len(p.Dims))
		}
	}
	if x.Err() == nil && x.Rank() != len(order) {
		return b.Errorf("input of shape %v: expected %d axes with the batch, for dims %v, got %d", x.Shape(), len(order), p.Dims, x.Rank())
	}
	return ops.Transpose(x, order...)
}
