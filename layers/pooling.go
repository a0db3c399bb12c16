package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// MaxPooling2D keeps the largest element of each window of images [batch, height, width, channels].
type MaxPooling2D struct {
	Base
	PoolSize   []int      // height and width of the windows, or one number for both; nil: 2
	Strides    []int      // nil: PoolSize
	Padding    Padding    // "": Valid
	DataFormat DataFormat // "": ChannelsLast
}

// GlobalAveragePooling2D averages images [batch, height, width, channels] over height and width: [batch, channels].
type GlobalAveragePooling2D struct {
	Base
	DataFormat DataFormat // "": ChannelsLast
	KeepDims   bool       `keras:"keepdims"` // keep height and width, with size 1
}

func init() {
	saving.Register[MaxPooling2D]("MaxPooling2D", "keras.layers")
	saving.Register[GlobalAveragePooling2D]("GlobalAveragePooling2D", "keras.layers")
}

// SaveConfig implements [saving.ConfigSaver].
func (p *MaxPooling2D) SaveConfig(config map[string]any) error {
	bare(config, "pool_size")
	bare(config, "strides")
	return nil
}

// Call implements [Layer].
func (p *MaxPooling2D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	size := p.PoolSize
	if size == nil {
		size = []int{2, 2}
	}
	return onImages(b, p.DataFormat, x, func(x ops.Tensor) ops.Tensor {
		return ops.MaxPool(x, ops.Window{Size: size, Strides: p.Strides, Padding: p.Padding})
	})
}

// Call implements [Layer].
func (p *GlobalAveragePooling2D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return onImages(b, p.DataFormat, x, func(x ops.Tensor) ops.Tensor {
		if p.KeepDims {
			return ops.KeepDims(ops.Mean, x, 1, 2)
		}
		return ops.Mean(x, 1, 2)
	})
}
