package layers

import (
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// Activation applies an activation function.
type Activation struct {
	Base
	Activation activations.Activation // required
}

func init() { saving.Register[Activation]("Activation", "keras.layers") }

// Call implements [Layer].
func (a *Activation) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if a.Activation == nil {
		return b.Errorf("activation is required")
	}
	return a.Activation.Apply(x)
}

// SupportsMasking implements [MaskSupporter].
func (a *Activation) SupportsMasking() bool { return true }
