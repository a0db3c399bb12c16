package layers

import (
	"math"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// GaussianNoise adds random numbers in training, from the normal distribution around 0. Otherwise it does nothing. The shape stays.
type GaussianNoise struct {
	Base
	Stddev float64 // standard deviation, in [0, 1]
	Seed   *int    // nil: from the model's seed
}

// GaussianDropout multiplies by random numbers in training, from the normal distribution around 1 with the variance that [Dropout] of the same
// rate has, rate/(1-rate) (Srivastava et al. 2014). Otherwise it does nothing. The shape stays.
type GaussianDropout struct {
	Base
	Rate float64 // in [0, 1], and less than 1 in training
	Seed *int    // nil: from the model's seed
}

func init() {
	saving.Register[GaussianNoise]("GaussianNoise", "keras.layers")
	saving.Register[GaussianDropout]("GaussianDropout", "keras.layers")
}

// Call implements [Layer].
func (g *GaussianNoise) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if !(g.Stddev >= 0 && g.Stddev <= 1) {
		return b.Errorf("stddev %v: expected a number in [0, 1]", g.Stddev)
	}
	if g.Stddev == 0 {
		return x
	}
	stream := b.Stream("", g.Seed)
	if !b.Training() || x.Err() != nil {
		return x
	}
	return ops.Add(x, ops.RandomNormal(stream, 0, g.Stddev, x.Shape()...))
}

// SupportsMasking implements [MaskSupporter].
func (g *GaussianNoise) SupportsMasking() bool { return true }

// SaveConfig implements [saving.ConfigSaver].
func (g *GaussianNoise) SaveConfig(config map[string]any) error {
	config["stddev"] = g.Stddev
	return nil
}

// Call implements [Layer].
func (g *GaussianDropout) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if !(g.Rate >= 0 && g.Rate <= 1) {
		return b.Errorf("rate %v: expected a number in [0, 1]", g.Rate)
	}
	if g.Rate == 0 {
		return x
	}
	stream := b.Stream("", g.Seed)
	if !b.Training() || x.Err() != nil {
		return x
	}
	if g.Rate == 1 {
		return b.Errorf("rate 1: expected less in training, since the variance is rate/(1-rate)")
	}
	return ops.Multiply(x, ops.RandomNormal(stream, 1, math.Sqrt(g.Rate/(1-g.Rate)), x.Shape()...))
}

// SupportsMasking implements [MaskSupporter].
func (g *GaussianDropout) SupportsMasking() bool { return true }

// SaveConfig implements [saving.ConfigSaver].
func (g *GaussianDropout) SaveConfig(config map[string]any) error {
	config["rate"] = g.Rate
	return nil
}
