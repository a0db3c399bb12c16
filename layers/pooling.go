package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// MaxPooling1D keeps the largest element in each window of sequences [batch, time, features]: [batch, windows, features].
type MaxPooling1D struct {
	Base
	PoolSize   []int      // steps of a window; nil: 2
	Strides    []int      // steps from a window to the next; nil: PoolSize
	Padding    Padding    // "": Valid
	DataFormat DataFormat // "": ChannelsLast; ChannelsFirst: [batch, features, time]
}

// MaxPooling2D keeps the largest element in each window of images [batch, height, width, channels].
type MaxPooling2D struct {
	Base
	PoolSize   []int      // height and width of the windows, or one number for both; nil: 2
	Strides    []int      // from a window to the next, like PoolSize; nil: PoolSize
	Padding    Padding    // "": Valid
	DataFormat DataFormat // "": ChannelsLast
}

// MaxPooling3D keeps the largest element in each window of volumes [batch, depth, height, width, channels].
type MaxPooling3D struct {
	Base
	PoolSize   []int      // depth, height and width of the windows, or one number for all; nil: 2
	Strides    []int      // from a window to the next, like PoolSize; nil: PoolSize
	Padding    Padding    // "": Valid
	DataFormat DataFormat // "": ChannelsLast
}

// AveragePooling1D averages each window of sequences [batch, time, features]: [batch, windows, features]. Padding does not count.
type AveragePooling1D struct {
	Base
	PoolSize   []int      // steps of a window; required
	Strides    []int      // steps from a window to the next; nil: PoolSize
	Padding    Padding    // "": Valid
	DataFormat DataFormat // "": ChannelsLast; ChannelsFirst: [batch, features, time]
}

// AveragePooling2D averages each window of images [batch, height, width, channels]. Padding does not count.
type AveragePooling2D struct {
	Base
	PoolSize   []int      // height and width of the windows, or one number for both; required
	Strides    []int      // from a window to the next, like PoolSize; nil: PoolSize
	Padding    Padding    // "": Valid
	DataFormat DataFormat // "": ChannelsLast
}

// AveragePooling3D averages each window of volumes [batch, depth, height, width, channels]. Padding does not count.
type AveragePooling3D struct {
	Base
	PoolSize   []int      // depth, height and width of the windows, or one number for all; required
	Strides    []int      // from a window to the next, like PoolSize; nil: PoolSize
	Padding    Padding    // "": Valid
	DataFormat DataFormat // "": ChannelsLast
}

func init() {
	saving.Register[MaxPooling1D]("MaxPooling1D", "keras.layers")
	saving.Register[MaxPooling2D]("MaxPooling2D", "keras.layers")
	saving.Register[MaxPooling3D]("MaxPooling3D", "keras.layers")
	saving.Register[AveragePooling1D]("AveragePooling1D", "keras.layers")
	saving.Register[AveragePooling2D]("AveragePooling2D", "keras.layers")
	saving.Register[AveragePooling3D]("AveragePooling3D", "keras.layers")
}

// A pooling is what the layers that pool windows have in common.
type pooling struct {
	Base
	PoolSize   []int
	Strides    []int
	Padding    Padding
	DataFormat DataFormat
}

func (p *pooling) largest(b *Builder, x ops.Tensor, n int) ops.Tensor {
	size := p.PoolSize
	if size == nil {
		size = []int{2}
	}
	return channelsLast(b, p.DataFormat, x, n, func(x ops.Tensor) ops.Tensor { return ops.MaxPool(x, p.window(size)) })
}

func (p *pooling) average(b *Builder, x ops.Tensor, n int) ops.Tensor {
	if p.PoolSize == nil {
		return b.Errorf("pool_size is required: one positive number, or one for each of %d axes", n)
	}
	return channelsLast(b, p.DataFormat, x, n, func(x ops.Tensor) ops.Tensor { return ops.AveragePool(x, p.window(p.PoolSize)) })
}

func (p *pooling) window(size []int) ops.Window {
	return ops.Window{Size: size, Strides: p.Strides, Padding: p.Padding}
}

func savePooling(config map[string]any) error {
	bare(config, "pool_size")
	bare(config, "strides")
	return nil
}

// Call implements [Layer].
func (p *MaxPooling1D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*pooling)(p).largest(b, x, 1)
}

// Call implements [Layer].
func (p *MaxPooling2D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*pooling)(p).largest(b, x, 2)
}

// Call implements [Layer].
func (p *MaxPooling3D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*pooling)(p).largest(b, x, 3)
}

// Call implements [Layer].
func (p *AveragePooling1D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*pooling)(p).average(b, x, 1)
}

// Call implements [Layer].
func (p *AveragePooling2D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*pooling)(p).average(b, x, 2)
}

// Call implements [Layer].
func (p *AveragePooling3D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*pooling)(p).average(b, x, 3)
}

// SaveConfig implements [saving.ConfigSaver].
func (*MaxPooling1D) SaveConfig(config map[string]any) error { return savePooling(config) }

// SaveConfig implements [saving.ConfigSaver].
func (*MaxPooling2D) SaveConfig(config map[string]any) error { return savePooling(config) }

// SaveConfig implements [saving.ConfigSaver].
func (*MaxPooling3D) SaveConfig(config map[string]any) error { return savePooling(config) }

// SaveConfig implements [saving.ConfigSaver].
func (*AveragePooling1D) SaveConfig(config map[string]any) error { return savePooling(config) }

// SaveConfig implements [saving.ConfigSaver].
func (*AveragePooling2D) SaveConfig(config map[string]any) error { return savePooling(config) }

// SaveConfig implements [saving.ConfigSaver].
func (*AveragePooling3D) SaveConfig(config map[string]any) error { return savePooling(config) }
