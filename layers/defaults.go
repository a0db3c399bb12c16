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
	if r == nil || y.Err() != nil {
		return y
	}
	penalty := r.Penalty(y)
	if y.Rank() > 0 {
		penalty = ops.Divide(penalty, ops.Scalar(float64(y.Dim(0))))
	}
	b.AddLoss(penalty)
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

// positive makes sure that an argument that must be positive is.
func positive(name string, v int) error {
	if v < 1 {
		return errors.Errorf("%s must be positive, got %d", name, v)
	}
	return nil
}
