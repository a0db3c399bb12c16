package layers

import (
	"slices"

	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
)

// GroupNormalization gives each group of channels of a sample mean 0 and variance 1, then scales and shifts each channel (Wu and He 2018).
// The shape stays.
type GroupNormalization struct {
	Base
	Groups              int                      // must divide the number of channels; 0: 32; -1: one for each channel
	Axis                *int                     // the channels; nil: -1
	Epsilon             *float64                 // added to the variance; nil: 0.001
	Center              *bool                    // add beta; nil: true
	Scale               *bool                    // multiply by gamma; nil: true
	BetaInitializer     initializers.Initializer // nil: Zeros
	GammaInitializer    initializers.Initializer // nil: Ones
	BetaRegularizer     regularizers.Regularizer
	GammaRegularizer    regularizers.Regularizer
	BetaConstraint      constraints.Constraint
	GammaConstraint     constraints.Constraint
	ActivityRegularizer regularizers.Regularizer
}

func init() { saving.Register[GroupNormalization]("GroupNormalization", "keras.layers") }

// Call implements [Layer].
func (n *GroupNormalization) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if x.Err() != nil {
		return x
	}
	a, err := normalizedAxes([]int{optional.Or(n.Axis, -1)}, x)
	if err != nil {
		return b.Errorf("%s", err)
	}
	axis, channels := a.axes[0], a.sizes[0]
	groups := n.Groups
	switch {
	case groups == 0:
		groups = 32
	case groups == -1:
		groups = channels
	}
	if groups < 1 || channels%groups != 0 {
		return b.Errorf("groups: expected -1 or a number that divides the %d channels of an input of shape %v, got %d", channels, x.Shape(), groups)
	}
	s := scaleAndShift{
		Spec{Initializer: initializerOr(n.GammaInitializer, initializers.Ones{}), Regularizer: n.GammaRegularizer, Constraint: n.GammaConstraint},
		Spec{Initializer: initializerOr(n.BetaInitializer, initializers.Zeros{}), Regularizer: n.BetaRegularizer, Constraint: n.BetaConstraint},
		optional.Or(n.Scale, true), optional.Or(n.Center, true),
	}
	mean := meanOfGroups(x, axis, groups)
	centered := ops.Subtract(x, mean)
	variance := meanOfGroups(ops.Square(centered), axis, groups)
	y := ops.Multiply(centered, ops.Rsqrt(ops.Add(variance, ops.Scalar(optional.Or(n.Epsilon, 1e-3)))))
	return b.penalizeOutput(n.ActivityRegularizer, s.apply(b, y, a.sizes, a.over))
}

// meanOfGroups is the mean of each sample's groups, once for each channel, with axes of size 1 for the others. The channels' own means come
// first: kernels sum along whole rows, whatever the groups are.
func meanOfGroups(x ops.Tensor, axis, groups int) ops.Tensor {
	batch, channels, whole := x.Dim(0), x.Dim(axis), slices.Repeat([]int{1}, x.Rank())
	whole[0], whole[axis] = batch, channels
	var others []int
	for i := 1; i < x.Rank(); i++ {
		if i != axis {
			others = append(others, i)
		}
	}
	if others != nil {
		x = ops.Mean(x, others...)
	}
	mean := ops.Mean(ops.Reshape(x, batch, groups, channels/groups), -1)
	return ops.Reshape(ops.Repeat(mean, channels/groups, 1), whole...)
}

// SupportsMasking implements [MaskSupporter].
func (n *GroupNormalization) SupportsMasking() bool { return true }
