package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// SpatialDropout1D is [Dropout] of whole features of sequences [batch, time, features]: what is dropped is 0 at all times (Tompson et al.
// 2015). The shape stays.
type SpatialDropout1D struct {
	Base
	Rate float64 // share of the features, in [0, 1]
	Seed *int    // nil: from the model's seed
}

// SpatialDropout2D is [Dropout] of whole channels of images [batch, height, width, channels]. The shape stays.
type SpatialDropout2D struct {
	Base
	Rate       float64    // share of the channels, in [0, 1]
	DataFormat DataFormat // "": ChannelsLast
	Seed       *int       // nil: from the model's seed
}

// SpatialDropout3D is [Dropout] of whole channels of volumes [batch, depth, height, width, channels]. The shape stays.
type SpatialDropout3D struct {
	Base
	Rate       float64    // share of the channels, in [0, 1]
	DataFormat DataFormat // "": ChannelsLast
	Seed       *int       // nil: from the model's seed
}

func init() {
	saving.Register[SpatialDropout1D]("SpatialDropout1D", "keras.layers")
	saving.Register[SpatialDropout2D]("SpatialDropout2D", "keras.layers")
	saving.Register[SpatialDropout3D]("SpatialDropout3D", "keras.layers")
}

// dropChannels drops whole channels of what has n axes beside them and the batch.
func dropChannels(b *Builder, x ops.Tensor, d Dropout, format DataFormat, n int) ops.Tensor {
	if x.Err() != nil {
		return x
	}
	first, err := firstSpatial(format, x, n)
	if err != nil {
		return b.Errorf("%s", err)
	}
	for range x.Rank() {
		d.NoiseShape = append(d.NoiseShape, ops.Unknown)
	}
	for i := range n {
		d.NoiseShape[first+i] = 1
	}
	return d.Call(b, x)
}

// Call implements [Layer].
func (d *SpatialDropout1D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return dropChannels(b, x, Dropout{Rate: d.Rate, Seed: d.Seed}, "", 1)
}

// Call implements [Layer].
func (d *SpatialDropout2D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return dropChannels(b, x, Dropout{Rate: d.Rate, Seed: d.Seed}, d.DataFormat, 2)
}

// Call implements [Layer].
func (d *SpatialDropout3D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return dropChannels(b, x, Dropout{Rate: d.Rate, Seed: d.Seed}, d.DataFormat, 3)
}

// SupportsMasking implements [MaskSupporter].
func (d *SpatialDropout1D) SupportsMasking() bool { return true }

// SupportsMasking implements [MaskSupporter].
func (d *SpatialDropout2D) SupportsMasking() bool { return true }

// SupportsMasking implements [MaskSupporter].
func (d *SpatialDropout3D) SupportsMasking() bool { return true }

// SaveConfig implements [saving.ConfigSaver].
func (d *SpatialDropout1D) SaveConfig(config map[string]any) error {
	config["rate"] = d.Rate
	return nil
}

// SaveConfig implements [saving.ConfigSaver].
func (d *SpatialDropout2D) SaveConfig(config map[string]any) error {
	config["rate"] = d.Rate
	return nil
}

// SaveConfig implements [saving.ConfigSaver].
func (d *SpatialDropout3D) SaveConfig(config map[string]any) error {
	config["rate"] = d.Rate
	return nil
}

// Omits implements [Omitter].
func (*SpatialDropout1D) Omits() []string { return []string{"trainable", activityRegularizer} }

// Omits implements [Omitter].
func (*SpatialDropout2D) Omits() []string { return []string{"trainable", activityRegularizer} }

// Omits implements [Omitter].
func (*SpatialDropout3D) Omits() []string { return []string{"trainable", activityRegularizer} }
