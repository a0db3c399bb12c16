package ops

import (
	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// Padding says what happens at the borders of windows, by Keras's words.
type Padding string

// The paddings of convolution and pooling: no padding, or as much as keeps the size at stride 1, the odd element behind.
const (
	Valid Padding = "valid"
	Same  Padding = "same"
)

// A Window is how a convolution or a pooling moves over an image.
type Window struct {
	Size     []int   // height and width; not needed by Conv, whose kernel has them
	Strides  []int   // nil: 1 for Conv, Size for pooling; one number stands for both axes
	Padding  Padding // "": Valid
	Dilation []int   // nil: 1; Conv only
}

// pair is one number for both axes, or one for each.
func pair(what string, v []int, def ...int) ([2]int, error) {
	if v == nil {
		v = def
	}
	if len(v) == 1 {
		v = []int{v[0], v[0]}
	}
	if len(v) != 2 || v[0] < 1 || v[1] < 1 {
		return [2]int{}, errors.Errorf("%s %v: expected one or two positive numbers", what, v)
	}
	return [2]int{v[0], v[1]}, nil
}

// Pair makes one number stand for both axes of an image; what names the argument in errors.
func Pair(what string, v []int) ([]int, error) {
	p, err := pair(what, v)
	return p[:], err
}

// extent is how many windows fit along an axis and how much padding comes before it.
func extent(in, window, stride, dilation int, p Padding) (out, before int, err error) {
	span := (window-1)*dilation + 1
	switch p {
	case Same:
		if in == Unknown {
			return Unknown, 0, nil
		}
		out = (in + stride - 1) / stride
		return out, max(0, (out-1)*stride+span-in) / 2, nil
	case Valid, "":
		if in == Unknown {
			return Unknown, 0, nil
		}
		if in < span {
			return 0, 0, errors.Errorf("a window of %d elements does not fit into %d", span, in)
		}
		return (in-span)/stride + 1, 0, nil
	}
	return 0, 0, errors.Errorf("padding %q: expected %q or %q", p, Valid, Same)
}

// A convolution of images [batch, height, width, channels] with a kernel [height, width, channels/groups, filters]. Inputs: x,
// kernel, and bias where there is one.
type convolution struct {
	strides, dilation [2]int
	padding           Padding
	bias              bool
	activation        kernel.Activation
}

func (o convolution) name() string { return "conv" }

func (o convolution) infer(in []Spec) ([]Spec, error) {
	x, k := in[0].Shape, in[1].Shape
	if len(x) != 4 || len(k) != 4 || !known(k) {
		return nil, errors.Errorf("shapes %v and %v: expected images [batch, height, width, channels] and a kernel [height, width, channels, filters]", x, k)
	}
	if x[3]%k[2] != 0 || k[3]%(x[3]/k[2]) != 0 {
		return nil, errors.Errorf("%d channels and a kernel for %d of them, with %d filters, make no groups", x[3], k[2], k[3])
	}
	h, _, err := extent(x[1], k[0], o.strides[0], o.dilation[0], o.padding)
	if err != nil {
		return nil, errors.Wrapf(err, "height of %v", x)
	}
	w, _, err := extent(x[2], k[1], o.strides[1], o.dilation[1], o.padding)
	if err != nil {
		return nil, errors.Wrapf(err, "width of %v", x)
	}
	return []Spec{floats(x[0], h, w, k[3])}, nil
}

func (o convolution) geometry(x, k, y []int) kernel.Conv2D {
	_, top, _ := extent(x[1], k[0], o.strides[0], o.dilation[0], o.padding)
	_, left, _ := extent(x[2], k[1], o.strides[1], o.dilation[1], o.padding)
	return kernel.Conv2D{
		N: x[0], H: x[1], W: x[2], C: x[3], KH: k[0], KW: k[1], F: k[3],
		SH: o.strides[0], SW: o.strides[1], DH: o.dilation[0], DW: o.dilation[1],
		Top: top, Left: left, OH: y[1], OW: y[2], Groups: x[3] / k[2],
	}
}

func (o convolution) bind(c *binding) func() error {
	return pick(c, convolve[float32](o, c), convolve[float64](o, c))
}

func convolve[T kernel.Float](o convolution, c *binding) func() error {
	x, k, y := data[T](c.in[0]), data[T](c.in[1]), data[T](c.out[0])
	p := o.geometry(c.in[0].Shape, c.in[1].Shape, c.out[0].Shape)
	e := kernel.Epilogue[T]{Activation: o.activation}
	if o.bias {
		e.Bias = data[T](c.in[2])
	}
	return func() error { kernel.Conv2DForward(p, x, k, y, e); return nil }
}

func (o convolution) gradient(c *chain) []Tensor {
	out := make([]Tensor, len(c.in))
	dz := c.g()
	if o.bias || o.activation != kernel.Linear {
		wanted := o.bias && c.needs[2]
		r := applyAll(activationGradient{o.activation, wanted}, c.out[0], dz)
		dz = r[0]
		if wanted {
			out[2] = r[1]
		}
	}
	if c.needs[0] {
		out[0] = apply(convolutionGradient{o, c.in[0].Spec(), true}, dz, c.in[1])
	}
	if c.needs[1] {
		out[1] = apply(convolutionGradient{o, c.in[1].Spec(), false}, c.in[0], dz)
	}
	return out
}

// convolutionGradient is with respect to the images (inputs: dz, kernel) or to the kernel (inputs: images, dz).
type convolutionGradient struct {
	conv   convolution
	result Spec
	images bool
}

func (o convolutionGradient) name() string {
	if o.images {
		return "conv_gradient_images"
	}
	return "conv_gradient_kernel"
}

func (o convolutionGradient) infer([]Spec) ([]Spec, error) { return []Spec{o.result}, nil }

func (o convolutionGradient) bind(c *binding) func() error {
	return pick(c, convolveBack[float32](o, c), convolveBack[float64](o, c))
}

func convolveBack[T kernel.Float](o convolutionGradient, c *binding) func() error {
	a, b, y := data[T](c.in[0]), data[T](c.in[1]), data[T](c.out[0])
	if o.images {
		p := o.conv.geometry(o.result.Shape, c.in[1].Shape, c.in[0].Shape)
		return func() error { kernel.Conv2DGradInput(p, a, b, y); return nil }
	}
	p := o.conv.geometry(c.in[0].Shape, o.result.Shape, c.in[1].Shape)
	return func() error { kernel.Conv2DGradKernel(p, a, b, y); return nil }
}

// Conv convolves images [batch, height, width, channels] with a kernel [height, width, channels/groups, filters]. The number of
// groups follows from the shapes.
func Conv(x, kernel Tensor, w Window) Tensor {
	strides, err := pair("strides", w.Strides, 1)
	if err == nil {
		var dilation [2]int
		if dilation, err = pair("dilation_rate", w.Dilation, 1); err == nil {
			return apply(convolution{strides: strides, dilation: dilation, padding: w.Padding}, asFloat(x), asFloat(kernel))
		}
	}
	return Fail(x.path, errors.Wrap(err, "conv"))
}
