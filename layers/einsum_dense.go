package layers

import (
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
)

// EinsumDense is activation(x·kernel + bias), where an equation in Einstein's notation says which axes of the input and the kernel are multiplied
// and summed over: "abc,cd->abd" is a [Dense] layer on sequences [batch, time, features].
type EinsumDense struct {
	Base
	// Equation is one of "X,Y->Z", "...X,Y->...Z" and "X...,Y->Z...", a letter for each axis: X of the input, Y of the kernel, Z of the output;
	// required.
	Equation string
	// OutputShape is the output's shape without the batch axis and those that "..." stands for; -1 for a size that is the input's; required.
	OutputShape         []int
	Activation          activations.Activation   // nil: linear
	BiasAxes            string                   // letters of the output's axes that the bias has; "": no bias
	KernelInitializer   initializers.Initializer // nil: GlorotUniform
	BiasInitializer     initializers.Initializer // nil: Zeros
	KernelRegularizer   regularizers.Regularizer
	BiasRegularizer     regularizers.Regularizer
	ActivityRegularizer regularizers.Regularizer
	KernelConstraint    constraints.Constraint
	BiasConstraint      constraints.Constraint
}

func init() { saving.Register[EinsumDense]("EinsumDense", "keras.layers") }

// Call implements [Layer].
func (d *EinsumDense) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if x.Err() != nil {
		return x
	}
	e, err := parseEquation(d.Equation)
	if err != nil {
		return b.Errorf("%s", err)
	}
	s, err := e.shapes(x.Shape(), d.OutputShape, d.BiasAxes)
	if err != nil {
		return b.Errorf("equation %q, output_shape %v, input of shape %v: %s", d.Equation, d.OutputShape, x.Shape(), err)
	}
	kernel := b.Weight("kernel", s.kernel, Spec{
		Initializer: withAxes(d.KernelInitializer, s.summed, s.made), Regularizer: d.KernelRegularizer, Constraint: d.KernelConstraint,
	})
	var bias ops.Tensor
	if d.BiasAxes != "" {
		bias = b.Weight("bias", s.bias,
			Spec{Initializer: initializerOr(d.BiasInitializer, initializers.Zeros{}), Regularizer: d.BiasRegularizer, Constraint: d.BiasConstraint})
	}
	return b.penalizeOutput(d.ActivityRegularizer, activate(d.Activation, e.apply(x, kernel, bias, s, d.BiasAxes)))
}

// SaveConfig implements [saving.ConfigSaver].
func (d *EinsumDense) SaveConfig(config map[string]any) error {
	shape, _ := config["output_shape"].([]any)
	for i, n := range d.OutputShape {
		if n == ops.Unknown {
			shape[i] = nil
		}
	}
	return nil
}

// withAxes tells an initializer that counts a kernel's inputs and outputs which axes they are, unless it was told.
func withAxes(i initializers.Initializer, in, out []int) initializers.Initializer {
	told := func(inputs, outputs []int) bool { return inputs != nil && outputs != nil }
	switch v := initializerOr(i, initializers.GlorotUniform{}).(type) {
	case initializers.VarianceScaling:
		if !told(v.InputAxes, v.OutputAxes) {
			v.InputAxes, v.OutputAxes = in, out
		}
		return v
	case initializers.GlorotUniform:
		if !told(v.InputAxes, v.OutputAxes) {
			v.InputAxes, v.OutputAxes = in, out
		}
		return v
	case initializers.GlorotNormal:
		if !told(v.InputAxes, v.OutputAxes) {
			v.InputAxes, v.OutputAxes = in, out
		}
		return v
	case initializers.HeUniform:
		if !told(v.InputAxes, v.OutputAxes) {
			v.InputAxes, v.OutputAxes = in, out
		}
		return v
	case initializers.HeNormal:
		if !told(v.InputAxes, v.OutputAxes) {
			v.InputAxes, v.OutputAxes = in, out
		}
		return v
	case initializers.LecunUniform:
		if !told(v.InputAxes, v.OutputAxes) {
			v.InputAxes, v.OutputAxes = in, out
		}
		return v
	case initializers.LecunNormal:
		if !told(v.InputAxes, v.OutputAxes) {
			v.InputAxes, v.OutputAxes = in, out
		}
		return v
	default:
		return v
	}
}
