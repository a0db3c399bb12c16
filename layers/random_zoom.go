package layers

import (
	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// RandomZoom zooms images [batch, height, width, channels] in or out about their middle in training, each by a factor of its own, as floats. A
// factor of 0.2 shows a fifth more of what is around the image, -0.2 a fifth less of it.
type RandomZoom struct {
	Base
	HeightFactor  float64       `keras:"height_factor"` // largest factor in both directions, up to 1
	HeightRange   []float64     `keras:"height_factor"` // in place of HeightFactor: smallest and largest factor, above -1
	WidthFactor   *float64      `keras:"width_factor"`  // nil, without a WidthRange: that drawn for the height, which keeps the ratio
	WidthRange    []float64     `keras:"width_factor"`  // in place of WidthFactor
	FillMode      FillMode      // "": FillReflect
	Interpolation Interpolation // Bilinear or Nearest; "": Bilinear
	Seed          *int          // nil: from the model's seed
	FillValue     float64       // outside of the image, with FillConstant
	DataFormat    DataFormat    // "": ChannelsLast
}

func init() { saving.Register[RandomZoom]("RandomZoom", "keras.layers") }

// Call implements [Layer].
func (z *RandomZoom) Call(b *Builder, x ops.Tensor) ops.Tensor {
	w := warp{z.Interpolation, z.FillMode, z.FillValue}
	spans, err := z.spans()
	if err == nil {
		err = w.check()
	}
	if err != nil {
		return b.Errorf("%s", err)
	}
	return augment(b, z.DataFormat, z.Seed, x, func(x, stream ops.Tensor) ops.Tensor {
		zooms := draw(x, stream, spans...)
		height, width := zooms[0], zooms[len(zooms)-1]
		none := ops.ZerosLike(height)
		return w.apply(x, [6]ops.Tensor{width, none, kept(width, x.Dim(2)), none, height, kept(height, x.Dim(1))})
	})
}

// spans are those of the height and, where it has one of its own, the width: 1 is no zoom.
func (z *RandomZoom) spans() ([]span, error) {
	height, err := factor{"height_factor", z.HeightFactor, z.HeightRange}.within(-1, 1, false)
	if err != nil {
		return nil, err
	}
	spans := []span{{1 + height.low, 1 + height.high}}
	if z.WidthFactor != nil || z.WidthRange != nil {
		width, err := factor{"width_factor", optional.Or(z.WidthFactor, 0), z.WidthRange}.within(-1, 1, false)
		if err != nil {
			return nil, err
		}
		spans = append(spans, span{1 + width.low, 1 + width.high})
	}
	return spans, nil
}

// kept is the shift that keeps the middle of n pixels where it is.
func kept(zoom ops.Tensor, n int) ops.Tensor {
	return ops.Multiply(ops.Subtract(ops.Scalar(1), zoom), ops.Scalar(float64(n-1)/2))
}

// SaveConfig implements [saving.ConfigSaver].
func (z *RandomZoom) SaveConfig(config map[string]any) error {
	explicit(config, "height_factor")
	return nil
}
