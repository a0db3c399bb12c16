package layers

import (
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
)

// PReLU is x above 0 and alpha·x below, with an alpha for each element of a sample that is learned (He et al. 2015). The shape stays.
type PReLU struct {
	Base
	AlphaInitializer    initializers.Initializer // nil: Zeros
	AlphaRegularizer    regularizers.Regularizer
	AlphaConstraint     constraints.Constraint
	SharedAxes          []int // axes along which alpha is the same, counted from 1 behind the batch: 1 and 2 for one alpha a channel of images
	ActivityRegularizer regularizers.Regularizer
}

func init() { saving.Register[PReLU]("PReLU", "keras.layers") }

// Call implements [Layer].
func (p *PReLU) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if x.Err() != nil {
		return x
	}
	if x.Rank() < 1 {
		return b.Errorf("input without a batch axis")
	}
	shape := append([]int{}, x.Shape()[1:]...)
	for _, axis := range p.SharedAxes {
		if axis < 1 || axis >= x.Rank() {
			return b.Errorf("shared_axes %v: expected axes behind the batch of an input of shape %v, got %d", p.SharedAxes, x.Shape(), axis)
		}
		shape[axis-1] = 1
	}
	for i, n := range shape {
		if n == ops.Unknown {
			return b.Errorf("input of shape %v: the size of axis %d must be known, or be one of shared_axes", x.Shape(), i+1)
		}
	}
	alpha := b.Weight("alpha", shape, Spec{
		Initializer: initializerOr(p.AlphaInitializer, initializers.Zeros{}), Regularizer: p.AlphaRegularizer, Constraint: p.AlphaConstraint,
	})
	below := ops.Multiply(alpha, ops.ReLU(ops.Negative(x)))
	return b.penalizeOutput(p.ActivityRegularizer, ops.Subtract(ops.ReLU(x), below))
}

// SupportsMasking implements [MaskSupporter].
func (p *PReLU) SupportsMasking() bool { return true }
