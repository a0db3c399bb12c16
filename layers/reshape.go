package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// Flatten makes everything behind the batch axis one axis.
type Flatten struct {
	Base
	DataFormat DataFormat // "": ChannelsLast; ChannelsFirst moves the channels behind first
}

// Reshape gives each sample another shape for the same elements.
type Reshape struct {
	Base
	TargetShape []int // without the batch axis; one size may be -1: what is left
}

func init() {
	saving.Register[Flatten]("Flatten", "keras.layers")
	saving.Register[Reshape]("Reshape", "keras.layers")
}

// Call implements [Layer].
func (f *Flatten) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if x.Err() == nil && x.Rank() < 1 {
		return b.Errorf("input without a batch axis")
	}
	if f.DataFormat == ChannelsFirst && x.Rank() > 2 {
		order := []int{0}
		for i := 2; i < x.Rank(); i++ {
			order = append(order, i)
		}
		x = ops.Transpose(x, append(order, 1)...)
	}
	return ops.Flatten(x)
}

// Call implements [Layer].
func (r *Reshape) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if x.Err() == nil && x.Rank() < 1 {
		return b.Errorf("input without a batch axis")
	}
	if x.Err() != nil {
		return x
	}
	if x.Dim(0) != ops.Unknown {
		return ops.Reshape(x, append([]int{x.Dim(0)}, r.TargetShape...)...)
	}
	// With the batch open, a size that is left open too is worked out from one sample.
	one := ops.Reshape(ops.Placeholder("sample", x.DType(), x.Shape()[1:]...).In(b.Path()), r.TargetShape...)
	if one.Err() != nil {
		return one
	}
	return ops.Reshape(x, append([]int{ops.Unknown}, one.Shape()...)...)
}
