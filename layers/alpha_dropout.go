package layers

import (
	"math"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// AlphaDropout is a dropout that keeps mean 0 and variance 1, for networks of SELU (Klambauer et al. 2017): in training a share of the elements
// takes SELU's lowest value, and then all are scaled and shifted. Otherwise it does nothing. The shape stays.
type AlphaDropout struct {
	Base
	Rate float64 // share of the elements, in [0, 1], and less than 1 in training
	// NoiseShape is the shape of the random mask, which is repeated along axes of size 1; a size of -1, and nil, mean the input's.
	NoiseShape []int
	Seed       *int // nil: from the model's seed
}

func init() { saving.Register[AlphaDropout]("AlphaDropout", "keras.layers") }

// Call implements [Layer].
func (d *AlphaDropout) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if !(d.Rate >= 0 && d.Rate <= 1) {
		return b.Errorf("rate %v: expected a number in [0, 1]", d.Rate)
	}
	if d.Rate == 0 {
		return x
	}
	if x.Err() == nil && d.NoiseShape != nil && len(d.NoiseShape) != x.Rank() {
		return b.Errorf("noise_shape %v does not fit an input of shape %v", d.NoiseShape, x.Shape())
	}
	stream := b.Stream("", d.Seed)
	if !b.Training() || x.Err() != nil {
		return x
	}
	if d.Rate == 1 {
		return b.Errorf("rate 1: expected less in training, since what is left is scaled by 1/sqrt(1-rate)")
	}
	return d.drop(x, stream)
}

func (d *AlphaDropout) drop(x, stream ops.Tensor) ops.Tensor {
	const lowest = -1.6732632423543772848170429916717 * 1.0507009873554804934193349852946 // of SELU
	shape := x.Shape()
	for i, n := range d.NoiseShape {
		if n != ops.Unknown {
			shape[i] = n
		}
	}
	kept := ops.GreaterEqual(ops.RandomUniform(stream, 0, 1, shape...), ops.Scalar(d.Rate))
	scale := 1 / math.Sqrt((1-d.Rate)*(1+d.Rate*lowest*lowest))
	y := ops.Where(kept, x, ops.Scalar(lowest))
	return ops.Add(ops.Multiply(y, ops.Scalar(scale)), ops.Scalar(-scale*lowest*d.Rate))
}

// SupportsMasking implements [MaskSupporter].
func (d *AlphaDropout) SupportsMasking() bool { return true }

// SaveConfig implements [saving.ConfigSaver].
func (d *AlphaDropout) SaveConfig(config map[string]any) error {
	saveDropout(config, d.Rate, d.NoiseShape)
	return nil
}
