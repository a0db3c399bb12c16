package layers

import (
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/pkg/errors"
)

func initializerOr(i, def initializers.Initializer) initializers.Initializer {
	if i == nil {
		return def
	}
	return i
}

// activate applies an activation; nil is the identity.
func activate(a activations.Activation, x ops.Tensor) ops.Tensor {
	if a == nil {
		return x
	}
	return a.Apply(x)
}

// penalizeOutput adds an activity regularizer's penalty for a layer's output, per sample as Keras does.
func (b *Builder) penalizeOutput(r regularizers.Regularizer, y ops.Tensor) ops.Tensor {
	if r != nil && y.Err() == nil {
		b.AddLoss(ops.Divide(r.Penalty(y), ops.Scalar(float64(y.Dim(0)))))
	}
	return y
}

// A DataFormat says where an image's channels are, by Keras's words.
type DataFormat string

// Keras's data formats.
const (
	ChannelsLast  DataFormat = "channels_last"  // [batch, height, width, channels]; also ""
	ChannelsFirst DataFormat = "channels_first" // [batch, channels, height, width]
)

// A Padding says what happens at the borders of windows, by Keras's words.
type Padding = ops.Padding

// Keras's paddings.
const (
	Valid = ops.Valid // none; also ""
	Same  = ops.Same  // as much as keeps the size at stride 1
)

// onImages applies f to x with the channels last, whatever the format.
func onImages(b *Builder, format DataFormat, x ops.Tensor, f func(ops.Tensor) ops.Tensor) ops.Tensor {
	if x.Err() == nil && x.Rank() != 4 {
		return b.Errorf("input of shape %v: expected images, 4 axes with the batch", x.Shape())
	}
	switch format {
	case "", ChannelsLast:
		return f(x)
	case ChannelsFirst:
		y := f(ops.Transpose(x, 0, 2, 3, 1))
		if y.Err() != nil || y.Rank() != 4 {
			return y
		}
		return ops.Transpose(y, 0, 3, 1, 2)
	}
	return b.Errorf("data_format %q: expected %q or %q", format, ChannelsLast, ChannelsFirst)
}

// positive makes sure that an argument that must be positive is.
func positive(name string, v int) error {
	if v < 1 {
		return errors.Errorf("%s must be positive, got %d", name, v)
	}
	return nil
}
