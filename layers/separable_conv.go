package layers

import (
	"slices"

	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
)

// SeparableConv1D is [DepthwiseConv1D] and a mixture of its channels for each filter: [batch, time, channels] becomes
// [batch, time', filters].
type SeparableConv1D struct {
	Base
	Filters              int                      // number of filters; required
	KernelSize           []int                    // steps that a filter sees; required
	Strides              []int                    // nil: 1
	Padding              Padding                  // "": Valid
	DataFormat           DataFormat               // "": ChannelsLast; ChannelsFirst: [batch, channels, time]
	DilationRate         []int                    // nil: 1
	DepthMultiplier      int                      // number of depthwise filters for each channel; 0: 1
	Activation           activations.Activation   // nil: linear
	UseBias              *bool                    // nil: true
	DepthwiseInitializer initializers.Initializer // nil: GlorotUniform
	PointwiseInitializer initializers.Initializer // nil: GlorotUniform
	BiasInitializer      initializers.Initializer // nil: Zeros
	DepthwiseRegularizer regularizers.Regularizer // nil: none
	PointwiseRegularizer regularizers.Regularizer // nil: none
	BiasRegularizer      regularizers.Regularizer // nil: none
	ActivityRegularizer  regularizers.Regularizer // of the output; nil: none
	DepthwiseConstraint  constraints.Constraint   // nil: none
	PointwiseConstraint  constraints.Constraint   // nil: none
	BiasConstraint       constraints.Constraint   // nil: none
}

// SeparableConv2D is [DepthwiseConv2D] and a mixture of its channels for each filter: [batch, height, width, channels] becomes
// [batch, height', width', filters].
type SeparableConv2D struct {
	Base
	Filters              int                      // number of filters; required
	KernelSize           []int                    // height and width of the filters, or one number for both; required
	Strides              []int                    // nil: 1
	Padding              Padding                  // "": Valid
	DataFormat           DataFormat               // "": ChannelsLast
	DilationRate         []int                    // nil: 1
	DepthMultiplier      int                      // number of depthwise filters for each channel; 0: 1
	Activation           activations.Activation   // nil: linear
	UseBias              *bool                    // nil: true
	DepthwiseInitializer initializers.Initializer // nil: GlorotUniform
	PointwiseInitializer initializers.Initializer // nil: GlorotUniform
	BiasInitializer      initializers.Initializer // nil: Zeros
	DepthwiseRegularizer regularizers.Regularizer // nil: none
	PointwiseRegularizer regularizers.Regularizer // nil: none
	BiasRegularizer      regularizers.Regularizer // nil: none
	ActivityRegularizer  regularizers.Regularizer // of the output; nil: none
	DepthwiseConstraint  constraints.Constraint   // nil: none
	PointwiseConstraint  constraints.Constraint   // nil: none
	BiasConstraint       constraints.Constraint   // nil: none
}

func init() {
	saving.Register[SeparableConv1D]("SeparableConv1D", "keras.layers")
	saving.Register[SeparableConv2D]("SeparableConv2D", "keras.layers")
}

// separable is what the layers of separable convolutions have in common.
type separable SeparableConv2D

func (c *separable) call(b *Builder, x ops.Tensor, axes int) ops.Tensor {
	if err := positive("filters", c.Filters); err != nil {
		return b.Errorf("%s", err)
	}
	if c.DepthMultiplier < 0 {
		return b.Errorf("%s", positive("depth_multiplier", c.DepthMultiplier))
	}
	size, err := kernelSize(c.KernelSize, axes)
	if err != nil {
		return b.Errorf("%s", err)
	}
	y := channelsLast(b, c.DataFormat, x, axes, func(x ops.Tensor) ops.Tensor { return c.convolve(b, x, size) })
	return b.penalizeOutput(c.ActivityRegularizer, activate(c.Activation, y))
}

func (c *separable) convolve(b *Builder, x ops.Tensor, size []int) ops.Tensor {
	channels, err := channelsOf(x)
	if err != nil {
		return b.Errorf("%s", err)
	}
	multiplier := max(1, c.DepthMultiplier)
	ones := slices.Repeat([]int{1}, len(size))
	depthwise := b.Weight("depthwise_kernel", append(size, channels, multiplier),
		Spec{Initializer: c.DepthwiseInitializer, Regularizer: c.DepthwiseRegularizer, Constraint: c.DepthwiseConstraint})
	pointwise := b.Weight("pointwise_kernel", append(ones, channels*multiplier, c.Filters),
		Spec{Initializer: c.PointwiseInitializer, Regularizer: c.PointwiseRegularizer, Constraint: c.PointwiseConstraint})
	y := ops.SeparableConv(x, depthwise, pointwise, ops.Window{Strides: c.Strides, Padding: c.Padding, Dilation: c.DilationRate})
	return addBias(b, y, c.Filters, c.UseBias, Spec{Initializer: c.BiasInitializer, Regularizer: c.BiasRegularizer, Constraint: c.BiasConstraint})
}

// Call implements [Layer].
func (c *SeparableConv1D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*separable)(c).call(b, x, 1)
}

// Call implements [Layer].
func (c *SeparableConv2D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*separable)(c).call(b, x, 2)
}

// SaveConfig implements [saving.ConfigSaver].
func (*SeparableConv2D) SaveConfig(config map[string]any) error { return saveWindows(config) }
