package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// AdaptiveMaxPooling1D makes sequences [batch, time, features] OutputSize steps long: each is the largest element of one of as many windows, as
// even as can be, that cover all steps.
type AdaptiveMaxPooling1D struct {
	Base
	OutputSize []int      // steps of the result; required
	DataFormat DataFormat // "": ChannelsLast; ChannelsFirst: [batch, features, time]
}

// AdaptiveMaxPooling2D gives images [batch, height, width, channels] the size OutputSize: each pixel is the largest element of one of as many
// windows, as even as can be, that cover the image.
type AdaptiveMaxPooling2D struct {
	Base
	OutputSize []int      // height and width of the result, or one number for both; required
	DataFormat DataFormat // "": ChannelsLast
}

// AdaptiveMaxPooling3D gives volumes [batch, depth, height, width, channels] the size OutputSize: each element is the largest of one of as many
// windows, as even as can be, that cover the volume.
type AdaptiveMaxPooling3D struct {
	Base
	OutputSize []int      // depth, height and width of the result, or one number for all; required
	DataFormat DataFormat // "": ChannelsLast
}

// AdaptiveAveragePooling1D makes sequences [batch, time, features] OutputSize steps long: each is the average of one of as many windows, as even
// as can be, that cover all steps.
type AdaptiveAveragePooling1D struct {
	Base
	OutputSize []int      // steps of the result; required
	DataFormat DataFormat // "": ChannelsLast; ChannelsFirst: [batch, features, time]
}

// AdaptiveAveragePooling2D gives images [batch, height, width, channels] the size OutputSize: each pixel is the average of one of as many windows,
// as even as can be, that cover the image.
type AdaptiveAveragePooling2D struct {
	Base
	OutputSize []int      // height and width of the result, or one number for both; required
	DataFormat DataFormat // "": ChannelsLast
}

// AdaptiveAveragePooling3D gives volumes [batch, depth, height, width, channels] the size OutputSize: each element is the average of one of as
// many windows, as even as can be, that cover the volume.
type AdaptiveAveragePooling3D struct {
	Base
	OutputSize []int      // depth, height and width of the result, or one number for all; required
	DataFormat DataFormat // "": ChannelsLast
}

func init() {
	saving.Register[AdaptiveMaxPooling1D]("AdaptiveMaxPooling1D", "keras.layers")
	saving.Register[AdaptiveMaxPooling2D]("AdaptiveMaxPooling2D", "keras.layers")
	saving.Register[AdaptiveMaxPooling3D]("AdaptiveMaxPooling3D", "keras.layers")
	saving.Register[AdaptiveAveragePooling1D]("AdaptiveAveragePooling1D", "keras.layers")
	saving.Register[AdaptiveAveragePooling2D]("AdaptiveAveragePooling2D", "keras.layers")
	saving.Register[AdaptiveAveragePooling3D]("AdaptiveAveragePooling3D", "keras.layers")
}

// An adaptivePooling is what the layers have in common that pool to a given size.
type adaptivePooling struct {
	Base
	OutputSize []int
	DataFormat DataFormat
}

func (p *adaptivePooling) pool(b *Builder, x ops.Tensor, n int, by func(ops.Tensor, ...int) ops.Tensor) ops.Tensor {
	if p.OutputSize == nil {
		return b.Errorf("output_size is required: one positive number, or one for each of %d axes", n)
	}
	return channelsLast(b, p.DataFormat, x, n, func(x ops.Tensor) ops.Tensor { return by(x, p.OutputSize...) })
}

func saveAdaptive(config map[string]any) error {
	bare(config, "output_size")
	return nil
}

// Call implements [Layer].
func (p *AdaptiveMaxPooling1D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*adaptivePooling)(p).pool(b, x, 1, ops.AdaptiveMaxPool)
}

// SaveConfig implements [saving.ConfigSaver].
func (*AdaptiveMaxPooling1D) SaveConfig(config map[string]any) error { return saveAdaptive(config) }

// Call implements [Layer].
func (p *AdaptiveMaxPooling2D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*adaptivePooling)(p).pool(b, x, 2, ops.AdaptiveMaxPool)
}

// SaveConfig implements [saving.ConfigSaver].
func (*AdaptiveMaxPooling2D) SaveConfig(config map[string]any) error { return saveAdaptive(config) }

// Call implements [Layer].
func (p *AdaptiveMaxPooling3D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*adaptivePooling)(p).pool(b, x, 3, ops.AdaptiveMaxPool)
}

// SaveConfig implements [saving.ConfigSaver].
func (*AdaptiveMaxPooling3D) SaveConfig(config map[string]any) error { return saveAdaptive(config) }

// Call implements [Layer].
func (p *AdaptiveAveragePooling1D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*adaptivePooling)(p).pool(b, x, 1, ops.AdaptiveAveragePool)
}

// SaveConfig implements [saving.ConfigSaver].
func (*AdaptiveAveragePooling1D) SaveConfig(config map[string]any) error { return saveAdaptive(config) }

// Call implements [Layer].
func (p *AdaptiveAveragePooling2D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*adaptivePooling)(p).pool(b, x, 2, ops.AdaptiveAveragePool)
}

// SaveConfig implements [saving.ConfigSaver].
func (*AdaptiveAveragePooling2D) SaveConfig(config map[string]any) error { return saveAdaptive(config) }

// Call implements [Layer].
func (p *AdaptiveAveragePooling3D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*adaptivePooling)(p).pool(b, x, 3, ops.AdaptiveAveragePool)
}

// SaveConfig implements [saving.ConfigSaver].
func (*AdaptiveAveragePooling3D) SaveConfig(config map[string]any) error { return saveAdaptive(config) }
