package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// CenterCrop takes the middle of images [batch, height, width, channels], as floats. Of an image that is smaller, it scales the largest part in
// the middle that has the ratio of the result.
type CenterCrop struct {
	Base
	Height, Width int        // of the result, in pixels; required
	DataFormat    DataFormat // "": ChannelsLast
}

func init() { saving.Register[CenterCrop]("CenterCrop", "keras.layers") }

// Call implements [Layer].
func (c *CenterCrop) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return channelsLast(b, c.DataFormat, ops.Cast(x, ops.Float32), 2, func(x ops.Tensor) ops.Tensor {
		top, left := x.Dim(1)-c.Height, x.Dim(2)-c.Width
		if top < 0 || left < 0 || c.Height < 1 || c.Width < 1 {
			return scaledCenter(x, c.Height, c.Width)
		}
		return window(x, top/2, left/2, c.Height, c.Width)
	})
}

// scaledCenter scales the largest part in the middle that has the ratio of height and width.
func scaledCenter(x ops.Tensor, height, width int) ops.Tensor {
	return ops.ImageResize(x, height, width, ops.ResizeOptions{CropToAspectRatio: true})
}

// window cuts out a part of each image.
func window(x ops.Tensor, top, left, height, width int) ops.Tensor {
	return ops.CropImages(x, ops.ImageBorder{Top: &top, Left: &left, TargetHeight: &height, TargetWidth: &width})
}
