package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// RandomContrast moves the values of images [batch, height, width, channels] away from or to the mean of their channel in training, each image
// by a factor of its own, as floats: (x - mean)·factor + mean, kept in the range of values.
type RandomContrast struct {
	Base
	// Factor v, up to 1, means factors from 1 to 1+v: Keras takes a lower bound from a range only.
	Factor      float64    `keras:"factor"`
	FactorRange []float64  `keras:"factor"` // in place of Factor: v and w mean factors from 1-v to 1+w
	ValueRange  []float64  // lowest and highest value; nil: 0 and 255
	Seed        *int       // nil: from the model's seed
	DataFormat  DataFormat // "": ChannelsLast
}

func init() { saving.Register[RandomContrast]("RandomContrast", "keras.layers") }

// Call implements [Layer].
func (c *RandomContrast) Call(b *Builder, x ops.Tensor) ops.Tensor {
	f, err := factor{"factor", c.Factor, c.FactorRange}.overlapping(0, 1)
	if err != nil {
		return b.Errorf("%s", err)
	}
	values, err := valueRange(c.ValueRange)
	if err != nil {
		return b.Errorf("%s", err)
	}
	return augment(b, c.DataFormat, c.Seed, x, func(x, stream ops.Tensor) ops.Tensor {
		mean := ops.KeepDims(ops.Mean, x, 1, 2)
		contrast := perImage(draw(x, stream, span{1 - f.low, 1 + f.high})[0])
		return ops.Clip(ops.Add(ops.Multiply(ops.Subtract(x, mean), contrast), mean), values.low, values.high)
	})
}

// SaveConfig implements [saving.ConfigSaver].
func (c *RandomContrast) SaveConfig(config map[string]any) error {
	explicit(config, "factor")
	return nil
}
