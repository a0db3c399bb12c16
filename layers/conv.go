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
	KernelRegularizer   regularizers.Regularizer
	BiasRegularizer     regularizers.Regularizer
	ActivityRegularizer regularizers.Regularizer
	KernelConstraint    constraints.Constraint
	BiasConstraint      constraints.Constraint
}

func init() { saving.Register[Conv2D]("Conv2D", "keras.layers") }

// SaveConfig implements [saving.ConfigSaver].
func (c *Conv2D) SaveConfig(config map[string]any) error {
	for _, name := range []string{"kernel_size", "strides", "dilation_rate"} {
		bare(config, name)
	}
	return nil
}

// Call implements [Layer].
func (c *Conv2D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	size, err := c.check()
	if err != nil {
		return b.Errorf("%s", err)
	}
	y := onImages(b, c.DataFormat, x, func(x ops.Tensor) ops.Tensor { return c.convolve(b, x, size) })
	// Outside of onImages: a softmax is over the last axis, whatever that holds.
	return b.penalizeOutput(c.ActivityRegularizer, activate(c.Activation, y))
}

func (c *Conv2D) check() (size []int, err error) {
	if err := positive("filters", c.Filters); err != nil {
		return nil, err
	}
	size, err = ops.Pair("kernel_size", c.KernelSize)
	if err != nil {
		return nil, err
	}
	if c.Groups < 0 {
		return nil, positive("groups", c.Groups)
	}
	if above1(c.Strides) && above1(c.DilationRate) {
		return nil, errors.Errorf("strides %v and dilation_rate %v: expected one of them to be 1, as Keras does", c.Strides, c.DilationRate)
	}
	return size, nil
}

func above1(sizes []int) bool {
	return slices.ContainsFunc(sizes, func(n int) bool { return n > 1 })
}

func (c *Conv2D) convolve(b *Builder, x ops.Tensor, size []int) ops.Tensor {
	groups := max(1, c.Groups)
	channels := x.Dim(-1)
	if x.Err() == nil && (channels == ops.Unknown || channels%groups != 0 || c.Filters%groups != 0) {
		return b.Errorf("%d channels and %d filters cannot be split into %d groups", channels, c.Filters, groups)
	}
	y := ops.Conv(x, b.Weight("kernel", []int{size[0], size[1], channels / groups, c.Filters},
		Spec{Initializer: c.KernelInitializer, Regularizer: c.KernelRegularizer, Constraint: c.KernelConstraint}),
		ops.Window{Strides: c.Strides, Padding: c.Padding, Dilation: c.DilationRate})
	if optional.Or(c.UseBias, true) {
		y = ops.Add(y, b.Weight("bias", []int{c.Filters},
			Spec{Initializer: initializerOr(c.BiasInitializer, initializers.Zeros{}), Regularizer: c.BiasRegularizer, Constraint: c.BiasConstraint}))
	}
	return y
}
