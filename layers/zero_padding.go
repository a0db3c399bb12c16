package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// ZeroPadding1D puts steps of zeros before and behind sequences [batch, time, features].
type ZeroPadding1D struct {
	Base
	Padding    []int      // steps before and behind, or one number for both; nil: 1
	DataFormat DataFormat // "": ChannelsLast; ChannelsFirst: [batch, features, time]
}

// ZeroPadding2D puts zeros around images [batch, height, width, channels].
type ZeroPadding2D struct {
	Base
	// Padding is how many pixels to put: {{n}} on all sides, {{h}, {w}} on both sides of height and width, {{top, bottom}, {left, right}} on
	// each; nil: 1.
	Padding    [][]int
	DataFormat DataFormat // "": ChannelsLast
}

// ZeroPadding3D puts zeros around volumes [batch, depth, height, width, channels].
type ZeroPadding3D struct {
	Base
	// Padding is how much to put: {{n}} on all sides, or one or two numbers for each of depth, height and width, as for [ZeroPadding2D];
	// nil: 1.
	Padding    [][]int
	DataFormat DataFormat // "": ChannelsLast
}

func init() {
	saving.Register[ZeroPadding1D]("ZeroPadding1D", "keras.layers")
	saving.Register[ZeroPadding2D]("ZeroPadding2D", "keras.layers")
	saving.Register[ZeroPadding3D]("ZeroPadding3D", "keras.layers")
}

// padZeros puts zeros around the n axes that are neither the batch nor the channels.
func padZeros(b *Builder, x ops.Tensor, padding [][]int, format DataFormat, n int) ops.Tensor {
	if x.Err() != nil {
		return x
	}
	first, err := firstSpatial(format, x, n)
	if err != nil {
		return b.Errorf("%s", err)
	}
	added, err := borders("padding", padding, n, 1)
	if err != nil {
		return b.Errorf("%s", err)
	}
	widths := make([][2]int, x.Rank())
	copy(widths[first:], added)
	return ops.Pad(x, widths, ops.PadConstant, 0)
}

// Call implements [Layer].
func (z *ZeroPadding1D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return padZeros(b, x, once(z.Padding), z.DataFormat, 1)
}

// Call implements [Layer].
func (z *ZeroPadding2D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return padZeros(b, x, z.Padding, z.DataFormat, 2)
}

// Call implements [Layer].
func (z *ZeroPadding3D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return padZeros(b, x, z.Padding, z.DataFormat, 3)
}

// SaveConfig implements [saving.ConfigSaver].
func (z *ZeroPadding1D) SaveConfig(config map[string]any) error {
	bare(config, "padding")
	return nil
}

// SaveConfig implements [saving.ConfigSaver].
func (z *ZeroPadding2D) SaveConfig(config map[string]any) error {
	bare(config, "padding")
	return nil
}

// SaveConfig implements [saving.ConfigSaver].
func (z *ZeroPadding3D) SaveConfig(config map[string]any) error {
	bare(config, "padding")
	return nil
}
