package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// RandomBrightness adds a number to all values of images [batch, height, width, channels] in training, each image one of its own, and keeps the
// sums in the range of values. Integers stay integers; the fraction of what is added to them is cut off.
type RandomBrightness struct {
	Base
	Factor      float64    `keras:"factor"` // largest share of the range of values that is added or subtracted, up to 1
	FactorRange []float64  `keras:"factor"` // in place of Factor: smallest and largest share
	ValueRange  []float64  // lowest and highest value; nil: 0 and 255
	Seed        *int       // nil: from the model's seed
	DataFormat  DataFormat // "": ChannelsLast; makes no difference
}

func init() { saving.Register[RandomBrightness]("RandomBrightness", "keras.layers") }

// Call implements [Layer].
func (r *RandomBrightness) Call(b *Builder, x ops.Tensor) ops.Tensor {
	shares, err := factor{"factor", r.Factor, r.FactorRange}.overlapping(-1, 1)
	if err != nil {
		return b.Errorf("%s", err)
	}
	values, err := valueRange(r.ValueRange)
	if err != nil {
		return b.Errorf("%s", err)
	}
	whole := x.DType() == ops.Int32
	scale := values.high - values.low
	y := augment(b, r.DataFormat, r.Seed, x, func(x, stream ops.Tensor) ops.Tensor {
		more := draw(x, stream, span{scale * shares.low, scale * shares.high})[0]
		if whole {
			more = ops.Cast(ops.Cast(more, ops.Int32), ops.Float32)
		}
		return ops.Clip(ops.Add(x, perImage(more)), values.low, values.high)
	})
	if whole {
		return ops.Cast(y, ops.Int32)
	}
	return y
}

// SaveConfig implements [saving.ConfigSaver].
func (r *RandomBrightness) SaveConfig(config map[string]any) error {
	explicit(config, "factor")
	return nil
}
