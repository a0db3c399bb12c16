package layers

import (
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// Conv1DTranspose is the gradient of [Conv1D] with respect to its input, which makes sequences larger: [batch, time, channels] becomes
// [batch, time', filters]. See [ops.ConvTranspose] for the sizes.
type Conv1DTranspose struct {
	Base
	Filters             int                      // number of filters; required
	KernelSize          []int                    // steps that a filter spreads over; required
	Strides             []int                    // nil: 1
	Padding             Padding                  // "": Valid
	OutputPadding       []int                    // what is added to the output's size behind, less than Strides; nil: as much as the padding asks for
	DataFormat          DataFormat               // "": ChannelsLast; ChannelsFirst: [batch, channels, time]
	DilationRate        []int                    // nil: 1
	Activation          activations.Activation   // nil: linear
	UseBias             *bool                    // nil: true
	KernelInitializer   initializers.Initializer // nil: GlorotUniform
	BiasInitializer     initializers.Initializer // nil: Zeros
	KernelRegularizer   regularizers.Regularizer // nil: none
	BiasRegularizer     regularizers.Regularizer // nil: none
	ActivityRegularizer regularizers.Regularizer // of the output; nil: none
	KernelConstraint    constraints.Constraint   // nil: none
	BiasConstraint      constraints.Constraint   // nil: none
}

// Conv2DTranspose is the gradient of [Conv2D] with respect to its input, which makes images larger: [batch, height, width, channels] becomes
// [batch, height', width', filters]. See [ops.ConvTranspose] for the sizes.
type Conv2DTranspose struct {
	Base
	Filters             int                      // number of filters; required
	KernelSize          []int                    // height and width of the filters, or one number for both; required
	Strides             []int                    // nil: 1
	Padding             Padding                  // "": Valid
	OutputPadding       []int                    // what is added to the output's size behind, less than Strides; nil: as much as the padding asks for
	DataFormat          DataFormat               // "": ChannelsLast
	DilationRate        []int                    // nil: 1
	Activation          activations.Activation   // nil: linear
	UseBias             *bool                    // nil: true
	KernelInitializer   initializers.Initializer // nil: GlorotUniform
	BiasInitializer     initializers.Initializer // nil: Zeros
	KernelRegularizer   regularizers.Regularizer // nil: none
	BiasRegularizer     regularizers.Regularizer // nil: none
	ActivityRegularizer regularizers.Regularizer // of the output; nil: none
	KernelConstraint    constraints.Constraint   // nil: none
	BiasConstraint      constraints.Constraint   // nil: none
}

// Conv3DTranspose is the gradient of [Conv3D] with respect to its input, which makes volumes larger: [batch, depth, height, width, channels] becomes
// [batch, depth', height', width', filters]. See [ops.ConvTranspose] for the sizes.
type Conv3DTranspose struct {
	Base
	Filters             int                      // number of filters; required
	KernelSize          []int                    // depth, height and width of the filters, or one number for all; required
	Strides             []int                    // nil: 1
	Padding             Padding                  // "": Valid
	OutputPadding       []int                    // what is added to the output's size behind, less than Strides; nil: as much as the padding asks for
	DataFormat          DataFormat               // "": ChannelsLast
	DilationRate        []int                    // nil: 1
	Activation          activations.Activation   // nil: linear
	UseBias             *bool                    // nil: true
	KernelInitializer   initializers.Initializer // nil: GlorotUniform
	BiasInitializer     initializers.Initializer // nil: Zeros
	KernelRegularizer   regularizers.Regularizer // nil: none
	BiasRegularizer     regularizers.Regularizer // nil: none
	ActivityRegularizer regularizers.Regularizer // of the output; nil: none
	KernelConstraint    constraints.Constraint   // nil: none
	BiasConstraint      constraints.Constraint   // nil: none
}

func init() {
	saving.Register[Conv1DTranspose]("Conv1DTranspose", "keras.layers")
	saving.Register[Conv2DTranspose]("Conv2DTranspose", "keras.layers")
	saving.Register[Conv3DTranspose]("Conv3DTranspose", "keras.layers")
}

// convTranspose is what the layers that convolve backwards have in common.
type convTranspose Conv2DTranspose

func (c *convTranspose) call(b *Builder, x ops.Tensor, axes int) ops.Tensor {
	size, err := c.check(axes)
	if err != nil {
		return b.Errorf("%s", err)
	}
	y := channelsLast(b, c.DataFormat, x, axes, func(x ops.Tensor) ops.Tensor { return c.convolve(b, x, size) })
	return b.penalizeOutput(c.ActivityRegularizer, activate(c.Activation, y))
}

func (c *convTranspose) check(axes int) (size []int, err error) {
	if err := positive("filters", c.Filters); err != nil {
		return nil, err
	}
	if err := oneOfThem(c.Strides, c.DilationRate); err != nil {
		return nil, err
	}
	if err := c.checkOutputPadding(axes); err != nil {
		return nil, err
	}
	return kernelSize(c.KernelSize, axes)
}

func (c *convTranspose) checkOutputPadding(axes int) error {
	if c.OutputPadding == nil {
		return nil
	}
	strides := c.Strides
	if strides == nil {
		strides = []int{1}
	}
	strides, err := multiples("strides", strides, axes)
	if err != nil {
		return err
	}
	if n := len(c.OutputPadding); n != 1 && n != axes {
		return errors.Errorf("output_padding %v: expected one number, or one for each of %d axes", c.OutputPadding, axes)
	}
	for i, stride := range strides {
		if p := c.OutputPadding[min(i, len(c.OutputPadding)-1)]; p < 0 || p >= stride {
			return errors.Errorf("output_padding %v: expected numbers from 0, less than the strides %v", c.OutputPadding, strides)
		}
	}
	return nil
}

func (c *convTranspose) convolve(b *Builder, x ops.Tensor, size []int) ops.Tensor {
	channels, err := channelsOf(x)
	if err != nil {
		return b.Errorf("%s", err)
	}
	kernel := b.Weight("kernel", append(size, c.Filters, channels),
		Spec{Initializer: c.KernelInitializer, Regularizer: c.KernelRegularizer, Constraint: c.KernelConstraint})
	y := ops.ConvTranspose(x, kernel, ops.TransposeWindow{
		Strides: c.Strides, Padding: c.Padding, OutputPadding: c.OutputPadding, Dilation: c.DilationRate,
	})
	return addBias(b, y, c.Filters, c.UseBias, Spec{Initializer: c.BiasInitializer, Regularizer: c.BiasRegularizer, Constraint: c.BiasConstraint})
}

// Call implements [Layer].
func (c *Conv1DTranspose) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*convTranspose)(c).call(b, x, 1)
}

// Call implements [Layer].
func (c *Conv2DTranspose) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*convTranspose)(c).call(b, x, 2)
}

// Call implements [Layer].
func (c *Conv3DTranspose) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*convTranspose)(c).call(b, x, 3)
}

// SaveConfig implements [saving.ConfigSaver].
func (*Conv2DTranspose) SaveConfig(config map[string]any) error { return saveWindows(config) }

// SaveConfig implements [saving.ConfigSaver].
func (*Conv3DTranspose) SaveConfig(config map[string]any) error { return saveWindows(config) }
