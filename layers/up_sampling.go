package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// UpSampling1D repeats each step of sequences [batch, time, features].
type UpSampling1D struct {
	Base
	Size int // how often; 0: 2
}

// UpSampling2D makes images [batch, height, width, channels] larger.
type UpSampling2D struct {
	Base
	Size       []int      // how many times as high and as wide, or one number for both; nil: 2
	DataFormat DataFormat // "": ChannelsLast
	// Interpolation says how pixels are made: Nearest, which repeats them, or Bilinear, Bicubic, Lanczos3 or Lanczos5; "": Nearest.
	Interpolation Interpolation
}

// UpSampling3D repeats the elements of volumes [batch, depth, height, width, channels] along all three axes.
type UpSampling3D struct {
	Base
	Size       []int      // how often along depth, height and width, or one number for all; nil: 2
	DataFormat DataFormat // "": ChannelsLast
}

func init() {
	saving.Register[UpSampling1D]("UpSampling1D", "keras.layers")
	saving.Register[UpSampling2D]("UpSampling2D", "keras.layers")
	saving.Register[UpSampling3D]("UpSampling3D", "keras.layers")
}

// Call implements [Layer].
func (u *UpSampling1D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	size := []int{u.Size}
	if u.Size == 0 {
		size = nil
	}
	return repeatEach(b, x, size, "", 1)
}

// repeatEach repeats elements along the n axes that are neither the batch nor the channels.
func repeatEach(b *Builder, x ops.Tensor, size []int, format DataFormat, n int) ops.Tensor {
	if x.Err() != nil {
		return x
	}
	first, err := firstSpatial(format, x, n)
	if err != nil {
		return b.Errorf("%s", err)
	}
	times, err := multiples("size", size, n)
	if err != nil {
		return b.Errorf("%s", err)
	}
	for i, k := range times {
		x = ops.Repeat(x, k, first+i)
	}
	return x
}

// Call implements [Layer].
func (u *UpSampling2D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	switch u.Interpolation {
	case "", ops.Nearest:
		return repeatEach(b, x, u.Size, u.DataFormat, 2)
	case ops.Bilinear, ops.Bicubic, ops.Lanczos3, ops.Lanczos5:
	default:
		return b.Errorf("interpolation %q: expected one of %q", u.Interpolation,
			[]Interpolation{ops.Nearest, ops.Bilinear, ops.Bicubic, ops.Lanczos3, ops.Lanczos5})
	}
	times, err := multiples("size", u.Size, 2)
	if err != nil {
		return b.Errorf("%s", err)
	}
	return channelsLast(b, u.DataFormat, x, 2, func(x ops.Tensor) ops.Tensor {
		if x.Err() != nil {
			return x
		}
		h, w := x.Dim(1), x.Dim(2)
		if h == ops.Unknown || w == ops.Unknown {
			return b.Errorf("input of shape %v: height and width must be known, except for interpolation %q", x.Shape(), ops.Nearest)
		}
		return ops.ImageResize(x, h*times[0], w*times[1], ops.ResizeOptions{Interpolation: u.Interpolation})
	})
}

// Call implements [Layer].
func (u *UpSampling3D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return repeatEach(b, x, u.Size, u.DataFormat, 3)
}

// SaveConfig implements [saving.ConfigSaver].
func (u *UpSampling2D) SaveConfig(config map[string]any) error {
	bare(config, "size")
	return nil
}

// SaveConfig implements [saving.ConfigSaver].
func (u *UpSampling3D) SaveConfig(config map[string]any) error {
	bare(config, "size")
	return nil
}
