package layers

import (
	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
)

// LayerNormalization gives each sample mean 0 and variance 1 along axes, then scales and shifts it (Ba et al. 2016). The shape stays.
type LayerNormalization struct {
	Base
	Axis    []int    // nil: -1
	Epsilon *float64 // added to the variance; nil: 0.001
	Center  *bool    // add beta; nil: true
	Scale   *bool    // multiply by gamma; nil: true
	// RMSScaling leaves out the mean and beta, and multiplies by gamma in any case. Keras has it for old files; see [RMSNormalization].
	RMSScaling          bool                     `keras:"rms_scaling"`
	BetaInitializer     initializers.Initializer // nil: Zeros
	GammaInitializer    initializers.Initializer // nil: Ones
	BetaRegularizer     regularizers.Regularizer
	GammaRegularizer    regularizers.Regularizer
	BetaConstraint      constraints.Constraint
	GammaConstraint     constraints.Constraint
	ActivityRegularizer regularizers.Regularizer
}

func init() { saving.Register[LayerNormalization]("LayerNormalization", "keras.layers") }

// Call implements [Layer].
func (n *LayerNormalization) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if x.Err() != nil {
		return x
	}
	a, err := normalizedAxes(n.Axis, x)
	if err != nil {
		return b.Errorf("%s", err)
	}
	s := scaleAndShift{
		Spec{Initializer: initializerOr(n.GammaInitializer, initializers.Ones{}), Regularizer: n.GammaRegularizer, Constraint: n.GammaConstraint},
		Spec{Initializer: initializerOr(n.BetaInitializer, initializers.Zeros{}), Regularizer: n.BetaRegularizer, Constraint: n.BetaConstraint},
		optional.Or(n.Scale, true) || n.RMSScaling, optional.Or(n.Center, true) && !n.RMSScaling,
	}
	if !n.RMSScaling && a.last(x) {
		var gamma, beta ops.Tensor
		if s.scales {
			gamma = b.Weight("gamma", a.sizes, s.gamma)
		}
		if s.shifts {
			beta = b.Weight("beta", a.sizes, s.beta)
		}
		return b.penalizeOutput(n.ActivityRegularizer, ops.LayerNormalization(x, gamma, beta, optional.Or(n.Epsilon, 1e-3)))
	}
	centered := ops.Subtract(x, ops.KeepDims(ops.Mean, x, a.axes...))
	variance := ops.KeepDims(ops.Mean, ops.Square(centered), a.axes...)
	y := centered
	if n.RMSScaling {
		y = x
	}
	y = ops.Multiply(y, ops.Rsqrt(ops.Add(variance, ops.Scalar(optional.Or(n.Epsilon, 1e-3)))))
	return b.penalizeOutput(n.ActivityRegularizer, s.apply(b, y, a.sizes, a.over))
}

// SupportsMasking implements [MaskSupporter].
func (n *LayerNormalization) SupportsMasking() bool { return true }

// scaleAndShift are the two weights of a normalization.
type scaleAndShift struct {
	gamma, beta    Spec
	scales, shifts bool
}

// apply multiplies by gamma and adds beta, of a shape that over makes fit y.
func (s scaleAndShift) apply(b *Builder, y ops.Tensor, shape []int, over func(ops.Tensor) ops.Tensor) ops.Tensor {
	if s.scales {
		y = ops.Multiply(y, over(b.Weight("gamma", shape, s.gamma)))
	}
	if s.shifts {
		y = ops.Add(y, over(b.Weight("beta", shape, s.beta)))
	}
	return y
}

// last reports whether the axes are x's last one alone, along which one operation does all.
func (a axesOf) last(x ops.Tensor) bool { return len(a.axes) == 1 && a.axes[0] == x.Rank()-1 }
