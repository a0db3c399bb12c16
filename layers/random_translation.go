package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// RandomTranslation moves images [batch, height, width, channels] in training, each by a share of its height and width of its own, as floats.
type RandomTranslation struct {
	Base
	HeightFactor  float64       `keras:"height_factor"` // largest share of the height, up and down, up to 1
	HeightRange   []float64     `keras:"height_factor"` // in place of HeightFactor: smallest and largest share downwards
	WidthFactor   float64       `keras:"width_factor"`  // largest share of the width, left and right, up to 1
	WidthRange    []float64     `keras:"width_factor"`  // in place of WidthFactor: smallest and largest share to the right
	FillMode      FillMode      // "": FillReflect
	Interpolation Interpolation // Bilinear or Nearest; "": Bilinear
	Seed          *int          // nil: from the model's seed
	FillValue     float64       // outside of the image, with FillConstant
	DataFormat    DataFormat    // "": ChannelsLast
}

func init() { saving.Register[RandomTranslation]("RandomTranslation", "keras.layers") }

// Call implements [Layer].
func (t *RandomTranslation) Call(b *Builder, x ops.Tensor) ops.Tensor {
	w := warp{t.Interpolation, t.FillMode, t.FillValue}
	height, err := factor{"height_factor", t.HeightFactor, t.HeightRange}.within(-1, 1, true)
	if err != nil {
		return b.Errorf("%s", err)
	}
	width, err := factor{"width_factor", t.WidthFactor, t.WidthRange}.within(-1, 1, true)
	if err == nil {
		err = w.check()
	}
	if err != nil {
		return b.Errorf("%s", err)
	}
	return augment(b, t.DataFormat, t.Seed, x, func(x, stream ops.Tensor) ops.Tensor {
		shares := draw(x, stream, height, width)
		down := ops.Multiply(shares[0], ops.Scalar(float64(x.Dim(1))))
		right := ops.Multiply(shares[1], ops.Scalar(float64(x.Dim(2))))
		one, none := ops.OnesLike(down), ops.ZerosLike(down)
		return w.apply(x, [6]ops.Tensor{one, none, ops.Negative(right), none, one, ops.Negative(down)})
	})
}

// SaveConfig implements [saving.ConfigSaver].
func (t *RandomTranslation) SaveConfig(config map[string]any) error {
	explicit(config, "height_factor", "width_factor")
	return nil
}
