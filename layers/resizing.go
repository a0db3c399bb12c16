package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// Resizing makes images [batch, height, width, channels] of another height and width. Integers are rounded to integers.
type Resizing struct {
	Base
	Height, Width     int           // of the result, in pixels; required
	Interpolation     Interpolation // "": Bilinear
	CropToAspectRatio bool          // take the largest part in the middle that has the ratio of the result
	PadToAspectRatio  bool          // put FillValue on both sides, as much as the ratio of the result asks for; not with CropToAspectRatio
	FillMode          FillMode      // "": FillConstant, the only one
	FillValue         float64
	Antialias         bool       // let all pixels count where images become smaller
	DataFormat        DataFormat // "": ChannelsLast
}

func init() { saving.Register[Resizing]("Resizing", "keras.layers") }

// Call implements [Layer].
func (r *Resizing) Call(b *Builder, x ops.Tensor) ops.Tensor {
	y := channelsLast(b, r.DataFormat, x, 2, func(x ops.Tensor) ops.Tensor {
		return ops.ImageResize(x, r.Height, r.Width, ops.ResizeOptions{
			Interpolation: r.Interpolation, Antialias: r.Antialias, CropToAspectRatio: r.CropToAspectRatio,
			PadToAspectRatio: r.PadToAspectRatio, FillMode: r.FillMode, FillValue: r.FillValue,
		})
	})
	if x.DType() == ops.Int32 {
		return ops.Cast(ops.Round(y), ops.Int32)
	}
	return y
}
