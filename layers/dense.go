package layers

import (
	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
)

// Dense is activation(x·kernel + bias) over the last axis: [batch, ..., features] becomes [batch, ..., units].
type Dense struct {
	Base
	Units               int                      // size of the output's last axis; required
	Activation          activations.Activation   // nil: linear
	UseBias             *bool                    // nil: true
	KernelInitializer   initializers.Initializer // nil: GlorotUniform
	BiasInitializer     initializers.Initializer // nil: Zeros
	KernelRegularizer   regularizers.Regularizer
	BiasRegularizer     regularizers.Regularizer
	ActivityRegularizer regularizers.Regularizer
	KernelConstraint    constraints.Constraint
	BiasConstraint      constraints.Constraint
}

func init() { saving.Register[Dense]("Dense", "keras.layers") }

// Call implements [Layer].
func (d *Dense) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if err := positive("units", d.Units); err != nil {
		return b.Errorf("%s", err)
	}
	if x.Err() == nil && x.Rank() < 2 {
		return b.Errorf("input of shape %v: expected at least 2 axes, with the batch", x.Shape())
	}
	if x.Dim(-1) == ops.Unknown {
		return b.Errorf("input of shape %v: the size of the last axis must be known", x.Shape())
	}
	y := ops.MatMul(x, b.Weight("kernel", []int{x.Dim(-1), d.Units},
		Spec{Initializer: d.KernelInitializer, Regularizer: d.KernelRegularizer, Constraint: d.KernelConstraint}))
	if optional.Or(d.UseBias, true) {
		y = ops.Add(y, b.Weight("bias", []int{d.Units},
			Spec{Initializer: initializerOr(d.BiasInitializer, initializers.Zeros{}), Regularizer: d.BiasRegularizer, Constraint: d.BiasConstraint}))
	}
	return b.penalizeOutput(d.ActivityRegularizer, activate(d.Activation, y))
}

// SupportsMasking implements [MaskSupporter].
func (d *Dense) SupportsMasking() bool { return true }
