package layers

import (
	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
)

// BatchNormalization gives each channel mean 0 and variance 1, then scales and shifts it (Ioffe and Szegedy 2015). In training the
// statistics are the batch's, and moving averages of them are kept, which are used otherwise, and also where the layer is frozen.
type BatchNormalization struct {
	Base
	Axis                      *int                     // the channels; nil: -1
	Momentum                  *float64                 // of the moving averages; nil: 0.99
	Epsilon                   *float64                 // added to the variance; nil: 0.001
	Center                    *bool                    // add beta; nil: true
	Scale                     *bool                    // multiply by gamma; nil: true
	BetaInitializer           initializers.Initializer // nil: Zeros
	GammaInitializer          initializers.Initializer // nil: Ones
	MovingMeanInitializer     initializers.Initializer // nil: Zeros
	MovingVarianceInitializer initializers.Initializer // nil: Ones
	BetaRegularizer           regularizers.Regularizer
	GammaRegularizer          regularizers.Regularizer
	BetaConstraint            constraints.Constraint
	GammaConstraint           constraints.Constraint
}

func init() { saving.Register[BatchNormalization]("BatchNormalization", "keras.layers") }

// Call implements [Layer].
func (n *BatchNormalization) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if x.Err() != nil {
		return x
	}
	axis := optional.Or(n.Axis, -1)
	if axis < 0 {
		axis += x.Rank()
	}
	if axis < 1 || axis >= x.Rank() {
		return b.Errorf("axis %d: an input of shape %v has no such axis behind the batch", optional.Or(n.Axis, -1), x.Shape())
	}
	if x.Dim(axis) == ops.Unknown {
		return b.Errorf("input of shape %v: the size of axis %d must be known", x.Shape(), axis)
	}
	var counts ops.Tensor // 1 for what the mask leaves, 0 for the rest
	if m := x.Mask(); m.Valid() {
		counts = ops.ExpandDims(ops.Cast(m, ops.Float32), -1)
	}
	if axis == x.Rank()-1 {
		return n.normalize(b, x, counts)
	}
	order := make([]int, x.Rank())
	for i := range order {
		order[i] = i
	}
	order[axis], order[len(order)-1] = len(order)-1, axis
	if counts.Valid() {
		counts = ops.Transpose(counts, order...)
	}
	return ops.Transpose(n.normalize(b, ops.Transpose(x, order...), counts), order...)
}

// normalize works on x with the channels last.
func (n *BatchNormalization) normalize(b *Builder, x, counts ops.Tensor) ops.Tensor {
	shape := []int{x.Dim(-1)}
	var gamma, beta ops.Tensor
	if optional.Or(n.Scale, true) {
		gamma = b.Weight("gamma", shape, Spec{Initializer: initializerOr(n.GammaInitializer, initializers.Ones{}), Regularizer: n.GammaRegularizer, Constraint: n.GammaConstraint})
	}
	if optional.Or(n.Center, true) {
		beta = b.Weight("beta", shape, Spec{Initializer: initializerOr(n.BetaInitializer, initializers.Zeros{}), Regularizer: n.BetaRegularizer, Constraint: n.BetaConstraint})
	}
	mean := b.Weight("moving_mean", shape, Spec{Initializer: initializerOr(n.MovingMeanInitializer, initializers.Zeros{}), NonTrainable: true})
	variance := b.Weight("moving_variance", shape, Spec{Initializer: initializerOr(n.MovingVarianceInitializer, initializers.Ones{}), NonTrainable: true})
	epsilon := optional.Or(n.Epsilon, 1e-3)
	if !b.Training() || !b.Trainable() {
		return ops.BatchNormalization(x, mean, variance, beta, gamma, epsilon)
	}
	y, m, v := n.batch(x, counts, beta, gamma, epsilon)
	momentum := optional.Or(n.Momentum, 0.99)
	b.Update(mean, moving(mean, m, momentum))
	b.Update(variance, moving(variance, v, momentum))
	return y
}

// batch normalizes by the batch's statistics, which leave out what a mask leaves out.
func (n *BatchNormalization) batch(x, counts, beta, gamma ops.Tensor, epsilon float64) (y, mean, variance ops.Tensor) {
	if !counts.Valid() {
		return ops.NormalizeBatch(x, beta, gamma, epsilon)
	}
	const keep = 1e-7 // as keras.config.epsilon
	axes := make([]int, x.Rank()-1)
	for i := range axes {
		axes[i] = i
	}
	counts = ops.Multiply(ops.OnesLike(x), counts)
	total := ops.Add(ops.Sum(counts, axes...), ops.Scalar(keep))
	mean = ops.Divide(ops.Sum(ops.Multiply(x, counts), axes...), total)
	variance = ops.Divide(ops.Sum(ops.Multiply(ops.SquaredDifference(x, mean), counts), axes...), total)
	return ops.BatchNormalization(x, mean, variance, beta, gamma, epsilon), mean, variance
}

// moving is the next value of a moving average.
func moving(average, value ops.Tensor, momentum float64) ops.Tensor {
	return ops.Add(ops.Multiply(average, ops.Scalar(momentum)), ops.Multiply(value, ops.Scalar(1-momentum)))
}

// SupportsMasking implements [MaskSupporter].
func (n *BatchNormalization) SupportsMasking() bool { return true }
