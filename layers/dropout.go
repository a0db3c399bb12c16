package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// Dropout sets a share of its input to 0 in training and scales the rest by 1/(1-rate) (Srivastava et al. 2014). Otherwise it
// does nothing.
type Dropout struct {
	Base
	Rate float64 // share of the elements, in [0, 1]
	// NoiseShape is the shape of the random mask, which is repeated along axes of size 1; a size of -1, and nil, mean the input's.
	NoiseShape []int
	Seed       *int // nil: from the model's seed
}

func init() { saving.Register[Dropout]("Dropout", "keras.layers") }

// Call implements [Layer].
func (d *Dropout) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if !(d.Rate >= 0 && d.Rate <= 1) {
		return b.Errorf("rate %v: expected a number in [0, 1]", d.Rate)
	}
	if d.Rate == 0 {
		return x
	}
	shape := append([]int{}, d.NoiseShape...)
	if x.Err() == nil && d.NoiseShape != nil && len(shape) != x.Rank() {
		return b.Errorf("noise_shape %v does not fit an input of shape %v", shape, x.Shape())
	}
	stream := b.Stream("", d.Seed)
	if !b.Training() || x.Err() != nil {
		return x
	}
	if d.NoiseShape == nil {
		return ops.Dropout(x, stream, d.Rate)
	}
	for i, n := range shape {
		if n == ops.Unknown {
			shape[i] = x.Dim(i)
		}
	}
	ones := ops.BroadcastTo(ops.Scalar(1), shape...)
	return ops.Multiply(x, ops.Dropout(ones, stream, d.Rate))
}

// SupportsMasking implements [MaskSupporter].
func (d *Dropout) SupportsMasking() bool { return true }

// SaveConfig implements [saving.ConfigSaver].
func (d *Dropout) SaveConfig(config map[string]any) error {
	saveDropout(config, d.Rate, d.NoiseShape)
	return nil
}

// saveDropout writes the rate, which Keras asks for also where it is 0, and sizes that are the input's as null.
func saveDropout(config map[string]any, rate float64, noiseShape []int) {
	config["rate"] = rate
	shape, ok := config["noise_shape"].([]any)
	if !ok {
		return
	}
	for i, n := range noiseShape {
		if n == ops.Unknown {
			shape[i] = nil
		}
	}
}
