package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// Cropping1D cuts off both ends of sequences [batch, time, features].
type Cropping1D struct {
	Base
	Cropping []int // steps to cut off at the beginning and at the end, or one number for both; nil: 1
}

// Cropping2D cuts off the borders of images [batch, height, width, channels].
type Cropping2D struct {
	Base
	// Cropping is how many pixels to cut off: {{n}} on all sides, {{h}, {w}} on both sides of height and width,
	// {{top, bottom}, {left, right}} on each; nil: none.
	Cropping   [][]int
	DataFormat DataFormat // "": ChannelsLast
}

// Cropping3D cuts off the borders of volumes [batch, depth, height, width, channels].
type Cropping3D struct {
	Base
	// Cropping is how much to cut off: {{n}} on all sides, or one or two numbers for each of depth, height and width, as for [Cropping2D];
	// nil: 1.
	Cropping   [][]int
	DataFormat DataFormat // "": ChannelsLast
}

func init() {
	saving.Register[Cropping1D]("Cropping1D", "keras.layers")
	saving.Register[Cropping2D]("Cropping2D", "keras.layers")
	saving.Register[Cropping3D]("Cropping3D", "keras.layers")
}

// once is the border of a single axis as one of many; nil stays nil.
func once(border []int) [][]int {
	if border == nil {
		return nil
	}
	return [][]int{border}
}

// crop cuts off borders of the n axes that are neither the batch nor the channels; other is what nil means.
func crop(b *Builder, x ops.Tensor, cropping [][]int, format DataFormat, n, other int) ops.Tensor {
	if x.Err() != nil {
		return x
	}
	first, err := firstSpatial(format, x, n)
	if err != nil {
		return b.Errorf("%s", err)
	}
	cut, err := borders("cropping", cropping, n, other)
	if err != nil {
		return b.Errorf("%s", err)
	}
	start, size := make([]int, x.Rank()), make([]int, x.Rank())
	for i := range size {
		size[i] = ops.Unknown // what is left
	}
	for i, c := range cut {
		axis := first + i
		start[axis] = c[0]
		switch d := x.Dim(axis); {
		case d == ops.Unknown && c[1] > 0:
			return b.Errorf("input of shape %v: the size of axis %d must be known", x.Shape(), axis)
		case d != ops.Unknown && c[0]+c[1] >= d:
			return b.Errorf("cropping %v: expected less than the input of shape %v has, got %d of %d along axis %d", cut, x.Shape(), c[0]+c[1], d, axis)
		case d != ops.Unknown:
			size[axis] = d - c[0] - c[1]
		}
	}
	return ops.Slice(x, start, size)
}

// Call implements [Layer].
func (c *Cropping1D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return crop(b, x, once(c.Cropping), "", 1, 1)
}

// Call implements [Layer].
func (c *Cropping2D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return crop(b, x, c.Cropping, c.DataFormat, 2, 0)
}

// Call implements [Layer].
func (c *Cropping3D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return crop(b, x, c.Cropping, c.DataFormat, 3, 1)
}

// SaveConfig implements [saving.ConfigSaver].
func (c *Cropping1D) SaveConfig(config map[string]any) error {
	bare(config, "cropping")
	return nil
}

// SaveConfig implements [saving.ConfigSaver].
func (c *Cropping2D) SaveConfig(config map[string]any) error {
	bare(config, "cropping")
	return nil
}

// SaveConfig implements [saving.ConfigSaver].
func (c *Cropping3D) SaveConfig(config map[string]any) error {
	bare(config, "cropping")
	return nil
}
