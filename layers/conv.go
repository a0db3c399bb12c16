package layers

import (
	"slices"

	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// Causal pads sequences before their first step only, so that no output sees a later step. [Conv1D] alone takes it.
const Causal = ops.Causal

// Conv1D slides filters over sequences: [batch, time, channels] becomes [batch, time', filters].
type Conv1D struct {
	Base
	Filters             int                      // number of filters; required
	KernelSize          []int                    // steps that a filter sees; required
	Strides             []int                    // nil: 1
	Padding             Padding                  // "": Valid; Causal, too
	DataFormat          DataFormat               // "": ChannelsLast; ChannelsFirst: [batch, channels, time]
	DilationRate        []int                    // nil: 1
	Groups              int                      // 0: 1; channels and filters are split into so many groups
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

// Conv2D slides filters over images: [batch, height, width, channels] becomes [batch, height', width', filters].
type Conv2D struct {
	Base
	Filters             int                      // number of filters; required
	KernelSize          []int                    // height and width of the filters, or one number for both; required
	Strides             []int                    // nil: 1
	Padding             Padding                  // "": Valid
	DataFormat          DataFormat               // "": ChannelsLast
	DilationRate        []int                    // nil: 1
	Groups              int                      // 0: 1; channels and filters are split into so many groups
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

// Conv3D slides filters over volumes: [batch, depth, height, width, channels] becomes [batch, depth', height', width', filters].
type Conv3D struct {
	Base
	Filters             int                      // number of filters; required
	KernelSize          []int                    // depth, height and width of the filters, or one number for all; required
	Strides             []int                    // nil: 1
	Padding             Padding                  // "": Valid
	DataFormat          DataFormat               // "": ChannelsLast
	DilationRate        []int                    // nil: 1
	Groups              int                      // 0: 1; channels and filters are split into so many groups
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
	saving.Register[Conv1D]("Conv1D", "keras.layers")
	saving.Register[Conv2D]("Conv2D", "keras.layers")
	saving.Register[Conv3D]("Conv3D", "keras.layers")
}

// conv is what the layers that convolve have in common.
type conv Conv2D

func (c *conv) call(b *Builder, x ops.Tensor, axes int) ops.Tensor {
	size, err := c.check(axes)
	if err != nil {
		return b.Errorf("%s", err)
	}
	y := channelsLast(b, c.DataFormat, x, axes, func(x ops.Tensor) ops.Tensor { return c.convolve(b, x, size) })
	// Outside of channelsLast: a softmax is over the last axis, whatever that holds.
	return b.penalizeOutput(c.ActivityRegularizer, activate(c.Activation, y))
}

func (c *conv) check(axes int) (size []int, err error) {
	if err := positive("filters", c.Filters); err != nil {
		return nil, err
	}
	if c.Groups < 0 {
		return nil, positive("groups", c.Groups)
	}
	if err := oneOfThem(c.Strides, c.DilationRate); err != nil {
		return nil, err
	}
	return kernelSize(c.KernelSize, axes)
}

// kernelSize reads the size of a kernel along each of some axes.
func kernelSize(v []int, axes int) ([]int, error) {
	if v == nil {
		return nil, errors.Errorf("kernel_size is required: one positive number, or one for each of %d axes", axes)
	}
	return multiples("kernel_size", v, axes)
}

// oneOfThem refuses what Keras does: strides together with dilation.
func oneOfThem(strides, dilation []int) error {
	above1 := func(n int) bool { return n > 1 }
	if slices.ContainsFunc(strides, above1) && slices.ContainsFunc(dilation, above1) {
		return errors.Errorf("strides %v and dilation_rate %v: expected one of them to be 1, as Keras does", strides, dilation)
	}
	return nil
}

// channelsOf is the size of an input's last axis, on which the shapes of weights depend.
func channelsOf(x ops.Tensor) (int, error) {
	channels := x.Dim(-1)
	if channels < 1 {
		return 0, errors.Errorf("input of shape %v: the number of channels must be known and positive", x.Shape())
	}
	return channels, nil
}

func (c *conv) convolve(b *Builder, x ops.Tensor, size []int) ops.Tensor {
	channels, err := channelsOf(x)
	if err != nil {
		return b.Errorf("%s", err)
	}
	groups := max(1, c.Groups)
	if channels%groups != 0 || c.Filters%groups != 0 {
		return b.Errorf("%d channels and %d filters cannot be split into %d groups", channels, c.Filters, groups)
	}
	kernel := b.Weight("kernel", append(size, channels/groups, c.Filters), c.kernelSpec())
	y := ops.Conv(x, kernel, ops.Window{Strides: c.Strides, Padding: c.Padding, Dilation: c.DilationRate})
	return addBias(b, y, c.Filters, c.UseBias, c.biasSpec())
}

func (c *conv) kernelSpec() Spec {
	return Spec{Initializer: c.KernelInitializer, Regularizer: c.KernelRegularizer, Constraint: c.KernelConstraint}
}

func (c *conv) biasSpec() Spec {
	return Spec{Initializer: c.BiasInitializer, Regularizer: c.BiasRegularizer, Constraint: c.BiasConstraint}
}

// addBias adds a bias to each of so many channels, unless use says no.
func addBias(b *Builder, y ops.Tensor, channels int, use *bool, spec Spec) ops.Tensor {
	if !optional.Or(use, true) {
		return y
	}
	spec.Initializer = initializerOr(spec.Initializer, initializers.Zeros{})
	return ops.Add(y, b.Weight("bias", []int{channels}, spec))
}

// saveWindows writes what counts for several axes as Keras does where it is one number.
func saveWindows(config map[string]any) error {
	for _, name := range []string{"kernel_size", "strides", "dilation_rate", "output_padding"} {
		bare(config, name)
	}
	return nil
}

// Call implements [Layer].
func (c *Conv1D) Call(b *Builder, x ops.Tensor) ops.Tensor { return (*conv)(c).call(b, x, 1) }

// Call implements [Layer].
func (c *Conv2D) Call(b *Builder, x ops.Tensor) ops.Tensor { return (*conv)(c).call(b, x, 2) }

// Call implements [Layer].
func (c *Conv3D) Call(b *Builder, x ops.Tensor) ops.Tensor { return (*conv)(c).call(b, x, 3) }

// SaveConfig implements [saving.ConfigSaver].
func (*Conv2D) SaveConfig(config map[string]any) error { return saveWindows(config) }

// SaveConfig implements [saving.ConfigSaver].
func (*Conv3D) SaveConfig(config map[string]any) error { return saveWindows(config) }
