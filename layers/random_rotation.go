package layers

import (
	"math"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// RandomRotation turns images [batch, height, width, channels] about their middle in training, each by an angle of its own, as floats.
type RandomRotation struct {
	Base
	Factor        float64       `keras:"factor"` // largest angle in both directions, in whole turns, up to 1
	FactorRange   []float64     `keras:"factor"` // in place of Factor: smallest and largest angle, in turns counterclockwise
	FillMode      FillMode      // "": FillReflect
	Interpolation Interpolation // Bilinear or Nearest; "": Bilinear
	Seed          *int          // nil: from the model's seed
	FillValue     float64       // outside of the image, with FillConstant
	DataFormat    DataFormat    // "": ChannelsLast
}

func init() { saving.Register[RandomRotation]("RandomRotation", "keras.layers") }

// Call implements [Layer].
func (r *RandomRotation) Call(b *Builder, x ops.Tensor) ops.Tensor {
	turns, err := factor{"factor", r.Factor, r.FactorRange}.overlapping(-1, 1)
	w := warp{r.Interpolation, r.FillMode, r.FillValue}
	if err == nil {
		err = w.check()
	}
	if err != nil {
		return b.Errorf("%s", err)
	}
	return augment(b, r.DataFormat, r.Seed, x, func(x, stream ops.Tensor) ops.Tensor {
		angle := draw(x, stream, span{2 * math.Pi * turns.low, 2 * math.Pi * turns.high})[0]
		return w.apply(x, rotation(angle, x.Dim(1), x.Dim(2)))
	})
}

// rotation is the matrix that turns images by an angle about their middle.
func rotation(angle ops.Tensor, height, width int) [6]ops.Tensor {
	x, y := ops.Scalar(float64(width-1)/2), ops.Scalar(float64(height-1)/2)
	cos, sin := ops.Cos(angle), ops.Sin(angle)
	moved := func(from, along, across ops.Tensor) ops.Tensor {
		return ops.Subtract(ops.Subtract(from, ops.Multiply(x, along)), ops.Multiply(y, across))
	}
	minus := ops.Negative(sin)
	return [6]ops.Tensor{cos, minus, moved(x, cos, minus), sin, cos, moved(y, sin, cos)}
}

// SaveConfig implements [saving.ConfigSaver].
func (r *RandomRotation) SaveConfig(config map[string]any) error {
	explicit(config, "factor")
	return nil
}
