package layers

import (
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
)

// DepthwiseConv1D slides filters of its own over each channel of sequences: [batch, time, channels] becomes
// [batch, time', channels·multiplier].
type DepthwiseConv1D struct {
	Base
	KernelSize           []int                    // steps that a filter sees; required
	Strides              []int                    // nil: 1
	Padding              Padding                  // "": Valid
	DepthMultiplier      int                      // number of filters for each channel; 0: 1
	DataFormat           DataFormat               // "": ChannelsLast; ChannelsFirst: [batch, channels, time]
	DilationRate         []int                    // nil: 1
	Activation           activations.Activation   // nil: linear
	UseBias              *bool                    // nil: true
	DepthwiseInitializer initializers.Initializer // of the kernel; nil: GlorotUniform
	BiasInitializer      initializers.Initializer // nil: Zeros
	DepthwiseRegularizer regularizers.Regularizer // of the kernel; nil: none
	BiasRegularizer      regularizers.Regularizer // nil: none
	ActivityRegularizer  regularizers.Regularizer // of the output; nil: none
	DepthwiseConstraint  constraints.Constraint   // of the kernel; nil: none
	BiasConstraint       constraints.Constraint   // nil: none
}

// DepthwiseConv2D slides filters of its own over each channel of images: [batch, height, width, channels] becomes
// [batch, height', width', channels·multiplier].
type DepthwiseConv2D struct {
	Base
	KernelSize           []int                    // height and width of the filters, or one number for both; required
	Strides              []int                    // nil: 1
	Padding              Padding                  // "": Valid
	DepthMultiplier      int                      // number of filters for each channel; 0: 1
	DataFormat           DataFormat               // "": ChannelsLast
	DilationRate         []int                    // nil: 1
	Activation           activations.Activation   // nil: linear
	UseBias              *bool                    // nil: true
	DepthwiseInitializer initializers.Initializer // of the kernel; nil: GlorotUniform
	BiasInitializer      initializers.Initializer // nil: Zeros
	DepthwiseRegularizer regularizers.Regularizer // of the kernel; nil: none
	BiasRegularizer      regularizers.Regularizer // nil: none
	ActivityRegularizer  regularizers.Regularizer // of the output; nil: none
	DepthwiseConstraint  constraints.Constraint   // of the kernel; nil: none
	BiasConstraint       constraints.Constraint   // nil: none
}

func init() {
	saving.Register[DepthwiseConv1D]("DepthwiseConv1D", "keras.layers")
	saving.Register[DepthwiseConv2D]("DepthwiseConv2D", "keras.layers")
}

// depthwise is what the layers that convolve each channel for itself have in common.
type depthwise DepthwiseConv2D

func (c *depthwise) call(b *Builder, x ops.Tensor, axes int) ops.Tensor {
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

func (c *depthwise) convolve(b *Builder, x ops.Tensor, size []int) ops.Tensor {
	channels, err := channelsOf(x)
	if err != nil {
		return b.Errorf("%s", err)
	}
	multiplier := max(1, c.DepthMultiplier)
	kernel := b.Weight("kernel", append(size, channels, multiplier),
		Spec{Initializer: c.DepthwiseInitializer, Regularizer: c.DepthwiseRegularizer, Constraint: c.DepthwiseConstraint})
	y := ops.DepthwiseConv(x, kernel, ops.Window{Strides: c.Strides, Padding: c.Padding, Dilation: c.DilationRate})
	return addBias(b, y, channels*multiplier, c.UseBias,
		Spec{Initializer: c.BiasInitializer, Regularizer: c.BiasRegularizer, Constraint: c.BiasConstraint})
}

// Call implements [Layer].
func (c *DepthwiseConv1D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*depthwise)(c).call(b, x, 1)
}

// Call implements [Layer].
func (c *DepthwiseConv2D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*depthwise)(c).call(b, x, 2)
}

// SaveConfig implements [saving.ConfigSaver].
func (*DepthwiseConv2D) SaveConfig(config map[string]any) error { return saveWindows(config) }
