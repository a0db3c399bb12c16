package layers

import (
	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
)

// RMSNormalization divides each sample by the root of its mean square along axes, then scales it (Zhang and Sennrich 2019). The weight of the
// scale meets the last axes of the input, as in Keras, so that other axes than the last ones are of use for special shapes only.
type RMSNormalization struct {
	Base
	Axis                []int    // nil: -1
	Epsilon             *float64 // added to the mean square; nil: 1e-6
	ActivityRegularizer regularizers.Regularizer
}

func init() { saving.Register[RMSNormalization]("RMSNormalization", "keras.layers") }

// Call implements [Layer].
func (n *RMSNormalization) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if x.Err() != nil {
		return x
	}
	a, err := normalizedAxes(n.Axis, x)
	if err != nil {
		return b.Errorf("%s", err)
	}
	if !fitsFromTheEnd(a.sizes, x.Shape()) {
		return b.Errorf("axis %v: the scale of shape %v does not fit the last axes of an input of shape %v", n.Axis, a.sizes, x.Shape())
	}
	scale, epsilon := b.Weight("scale", a.sizes, Spec{Initializer: initializers.Ones{}}), optional.Or(n.Epsilon, 1e-6)
	if a.last(x) {
		return b.penalizeOutput(n.ActivityRegularizer, ops.RMSNormalization(x, scale, epsilon))
	}
	square := ops.KeepDims(ops.Mean, ops.Square(x), a.axes...)
	y := ops.Multiply(x, ops.Rsqrt(ops.Add(square, ops.Scalar(epsilon))))
	return b.penalizeOutput(n.ActivityRegularizer, ops.Multiply(y, scale))
}
