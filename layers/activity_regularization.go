package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
)

// ActivityRegularization passes its input on, and adds L1·sum(|x|) + L2·sum(x²), by the number of samples, to the loss.
type ActivityRegularization struct {
	Base
	L1 float64 // at least 0
	L2 float64 // at least 0
}

func init() { saving.Register[ActivityRegularization]("ActivityRegularization", "keras.layers") }

// Call implements [Layer].
func (a *ActivityRegularization) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if !(a.L1 >= 0) || !(a.L2 >= 0) {
		return b.Errorf("l1 and l2: expected numbers of at least 0, got %v and %v", a.L1, a.L2)
	}
	return b.penalizeOutput(regularizers.L1L2{L1: a.L1, L2: a.L2}, x)
}

// SupportsMasking implements [MaskSupporter].
func (a *ActivityRegularization) SupportsMasking() bool { return true }

// Omits implements [Omitter].
func (*ActivityRegularization) Omits() []string { return []string{activityRegularizer} }
