package layers

import (
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"gorgonia.org/tensor"
)

// RandomCrop cuts a part out of images [batch, height, width, channels] in training, as floats, at a place that is drawn anew for each batch.
// In inference it scales the largest part in the middle that has the ratio of the result.
//
// In training, images that are not larger in both directions are cut where that is possible, around the middle, and scaled, as Keras does.
// For inference this is what Keras's documentation says; Keras 3.15 itself leaves images there as they are, also of the wrong size.
type RandomCrop struct {
	Base
	Height, Width int        // of the result, in pixels; required
	Seed          *int       // nil: from the model's seed
	DataFormat    DataFormat // "": ChannelsLast
}

func init() { saving.Register[RandomCrop]("RandomCrop", "keras.layers") }

// Call implements [Layer].
func (c *RandomCrop) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if err := positive("height", c.Height); err != nil {
		return b.Errorf("%s", err)
	}
	if err := positive("width", c.Width); err != nil {
		return b.Errorf("%s", err)
	}
	stream := b.Stream("", c.Seed)
	return channelsLast(b, c.DataFormat, ops.Cast(x, ops.Float32), 2, func(x ops.Tensor) ops.Tensor {
		switch {
		case !b.Training() || hasUnknown(x):
			return scaledCenter(x, c.Height, c.Width)
		case x.Dim(1) > c.Height && x.Dim(2) > c.Width:
			return c.cut(x, stream)
		}
		return c.around(x)
	})
}

// hasUnknown reports whether a size is unknown: then this is only about the shape of the result.
func hasUnknown(x ops.Tensor) bool {
	return slices.Contains(x.Shape(), ops.Unknown)
}

// cut takes pixels from a place that is drawn.
func (c *RandomCrop) cut(x, stream ops.Tensor) ops.Tensor {
	s := x.Shape()
	place := ops.Multiply(ops.RandomUniform(stream, 0, 1, 2), ops.Array(tensor.New(
		tensor.WithShape(2), tensor.WithBacking([]float32{float32(s[1] - c.Height + 1), float32(s[2] - c.Width + 1)}),
	)))
	corner := ops.Split(ops.Cast(place, ops.Int32), 2, 0)
	from := ops.Add(ops.Multiply(corner[0], ops.Int(int32(s[2]))), corner[1])
	pixels := ops.Reshape(x, s[0]*s[1]*s[2], s[3])
	return ops.Take(pixels, ops.Add(c.grid(s), from), 0)
}

// grid numbers the pixels of the result as they are in x when it is cut from the upper left corner.
func (c *RandomCrop) grid(s []int) ops.Tensor {
	at := make([]int32, 0, s[0]*c.Height*c.Width)
	for image := range s[0] {
		for row := range c.Height {
			for column := range c.Width {
				at = append(at, int32((image*s[1]+row)*s[2]+column))
			}
		}
	}
	return ops.Array(tensor.New(tensor.WithShape(s[0], c.Height, c.Width), tensor.WithBacking(at)))
}

// around cuts what is too large, by Keras's own arithmetic, and scales the rest.
func (c *RandomCrop) around(x ops.Tensor) ops.Tensor {
	height, width := x.Dim(1), x.Dim(2)
	h := max(min(height, int(float64(width*c.Height)/float64(c.Width))), 1)
	w := max(min(width, int(float64(height*c.Width)/float64(c.Height))), 1)
	top, left := (height-h)/2, (width-w)/2
	x = window(x, top, left, min(c.Height, height-top), min(c.Width, width-left))
	return ops.ImageResize(x, c.Height, c.Width, ops.ResizeOptions{})
}
