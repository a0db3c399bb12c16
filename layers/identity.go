package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// Identity passes its input on.
type Identity struct{ Base }

func init() { saving.Register[Identity]("Identity", "keras.layers") }

// Call implements [Layer].
func (*Identity) Call(_ *Builder, x ops.Tensor) ops.Tensor { return x }

// SupportsMasking implements [MaskSupporter].
func (*Identity) SupportsMasking() bool { return true }
