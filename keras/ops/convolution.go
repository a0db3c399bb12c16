package ops

import (
	"slices"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A convolution of images [batch, ..., channels] with a kernel [..., channels/groups, filters]; or backwards, from its outputs to images,
// which is its gradient with respect to them. Inputs: what is convolved, kernel, and bias where there is one.
type convolution struct {
	slide
	backwards  bool
	result     []int // nil: inferred
	bias       bool
	activation kernel.Activation
}

func (o convolution) name() string {
	switch {
	case !o.backwards:
		return "conv"
	case o.transposed && o.result == nil:
		return "conv_transpose"
	}
	return "conv_gradient_images"
}

// axisNames are the axes that a kernel moves over, in errors.
var axisNames = [maxSpatial]string{"depth", "height", "width"}

func axisName(i, axes int) string {
	if axes == 1 {
		return "time"
	}
	return axisNames[i]
}

func (o convolution) infer(in []Spec) ([]Spec, error) {
	if o.result != nil {
		return []Spec{floats(o.result...)}, nil
	}
	x, k := in[0].Shape, in[1].Shape
	axes := len(x) - 2
	if axes < 1 || axes > maxSpatial || len(k) != len(x) || !known(k) {
		return nil, errors.Errorf("shapes %v and %v: expected [batch, ..., channels] with 1 to 3 axes between them, and a kernel of as many axes", x, k)
	}
	channels, err := o.channels(x[axes+1], k[axes], k[axes+1])
	if err != nil {
		return nil, err
	}
	out := slices.Clone(x)
	out[axes+1] = channels
	for i := range axes {
		at := maxSpatial - axes + i
		size, err := o.size(at, x[1+i], k[i])
		if err != nil {
			return nil, errors.Wrapf(err, "%s of %v", axisName(at, axes), x)
		}
		out[1+i] = size
	}
	return []Spec{floats(out...)}, nil
}

// channels are the result's, of a kernel [..., c, f].
func (o convolution) channels(x, c, f int) (int, error) {
	switch {
	case x == Unknown || c == 0 || f == 0:
		return 0, errors.Errorf("%d channels and a kernel for %d of them, with %d filters: expected numbers that are known and not 0", x, c, f)
	case o.backwards && x != f:
		return 0, errors.Errorf("%d channels and a kernel for %d of them: expected as many", x, f)
	case o.backwards:
		return c, nil
	case x%c != 0 || f%(x/c) != 0:
		return 0, errors.Errorf("%d channels and a kernel for %d of them, with %d filters, make no groups", x, c, f)
	}
	return f, nil
}

func (o convolution) size(i, in, window int) (int, error) {
	if o.backwards {
		return o.transposedSize(i, in, window)
	}
	out, _, err := o.extent(i, in, window)
	return out, err
}

// geometry is how images x, a kernel and outputs y lie in memory.
func (s slide) geometry(x, k, y []int) kernel.Conv {
	axes := len(x) - 2
	in, window, out := spatial(x[1:axes+1]), spatial(k[:axes]), spatial(y[1:axes+1])
	var before [maxSpatial]int
	for i := range before {
		_, before[i], _ = s.extent(i, in[i], window[i])
	}
	return kernel.Conv{
		N: x[0], D: in[0], H: in[1], W: in[2], C: x[axes+1], KD: window[0], KH: window[1], KW: window[2], F: k[axes+1],
		SD: s.strides[0], SH: s.strides[1], SW: s.strides[2], DD: s.dilation[0], DH: s.dilation[1], DW: s.dilation[2],
		Front: before[0], Top: before[1], Left: before[2], OD: out[0], OH: out[1], OW: out[2], Groups: x[axes+1] / k[axes],
	}
}

func (o convolution) bind(c *binding) func() error {
	return pick(c, convolve[float32](o, c), convolve[float64](o, c))
}

func convolve[T kernel.Float](o convolution, c *binding) func() error {
	x, k, y := data[T](c.in[0]), data[T](c.in[1]), data[T](c.out[0])
	e := kernel.Epilogue[T]{Activation: o.activation}
	if o.bias {
		e.Bias = data[T](c.in[2])
	}
	if o.backwards {
		p := o.geometry(c.out[0].Shape, c.in[1].Shape, c.in[0].Shape)
		return func() error { kernel.ConvGradInput(p, x, k, y, e); return nil }
	}
	p := o.geometry(c.in[0].Shape, c.in[1].Shape, c.out[0].Shape)
	return func() error { kernel.ConvForward(p, x, k, y, e); return nil }
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
		out[0] = apply(convolution{slide: o.slide, backwards: !o.backwards, result: c.in[0].Spec().Shape}, dz, c.in[1])
	}
	if c.needs[1] {
		images, outputs := c.in[0], dz
		if o.backwards {
			images, outputs = dz, c.in[0]
		}
		out[1] = apply(kernelGradient{o.slide, c.in[1].Spec()}, images, outputs)
	}
	return out
}

// A kernelGradient is the gradient of a convolution with respect to its kernel, of images and the gradient with respect to its outputs.
type kernelGradient struct {
	slide
	result Spec
}

func (o kernelGradient) name() string                 { return "conv_gradient_kernel" }
func (o kernelGradient) infer([]Spec) ([]Spec, error) { return []Spec{o.result}, nil }

func (o kernelGradient) bind(c *binding) func() error {
	return pick(c, bindKernelGradient[float32](o, c), bindKernelGradient[float64](o, c))
}

func bindKernelGradient[T kernel.Float](o kernelGradient, c *binding) func() error {
	x, dy, dk := data[T](c.in[0]), data[T](c.in[1]), data[T](c.out[0])
	p := o.geometry(c.in[0].Shape, o.result.Shape, c.in[1].Shape)
	return func() error { kernel.ConvGradKernel(p, x, dy, dk); return nil }
}

// slides records a convolution of a tensor with as many axes to move over as it has between batch and channels.
func slides(label string, x, kernel Tensor, w Window, set func(*convolution, int) error) Tensor {
	x, kernel = asFloat(x), asFloat(kernel)
	if err := firstError([]Tensor{x, kernel}); err != nil {
		return apply(convolution{}, x, kernel)
	}
	axes := x.Rank() - 2
	if axes < 1 || axes > maxSpatial {
		return Fail(x.path, errors.Errorf("%s: shape %v: expected [batch, ..., channels] with 1 to 3 axes between them", label, x.Shape()))
	}
	s, err := newSlide(axes, w.Strides, w.Dilation, w.Padding)
	o := convolution{slide: s}
	if err == nil && set != nil {
		err = set(&o, axes)
	}
	if err != nil {
		return Fail(x.path, errors.Wrap(err, label))
	}
	return apply(o, x, kernel)
}

// Conv convolves sequences [batch, time, channels], images [batch, height, width, channels] or volumes [batch, depth, height, width,
// channels] with a kernel of as many axes, [..., channels/groups, filters]. The number of groups follows from the shapes.
func Conv(x, kernel Tensor, w Window) Tensor { return slides("conv", x, kernel, w, nil) }

// DepthwiseConv convolves each channel of sequences, images or volumes, as [Conv] takes them, with filters of its own. The kernel is
// [..., channels, multiplier]; channel c makes the channels from c·multiplier on.
func DepthwiseConv(x, kernel Tensor, w Window) Tensor {
	x, kernel = asFloat(x), asFloat(kernel)
	if err := firstError([]Tensor{x, kernel}); err != nil {
		return apply(convolution{}, x, kernel)
	}
	k := kernel.Shape()
	if len(k) < 3 || x.Rank() != len(k) || !known(k) || x.Dim(-1) != k[len(k)-2] {
		return Fail(x.path, errors.Errorf(
			"depthwise_conv: shapes %v and %v: expected [batch, ..., channels] and a kernel [..., channels, multiplier] of as many axes", x.Shape(), k))
	}
	last := len(k) - 1
	flat := append(slices.Clone(k[:last-1]), 1, k[last-1]*k[last])
	return slides("depthwise_conv", x, Reshape(kernel, flat...), w, nil)
}

// SeparableConv is [DepthwiseConv] followed by a [Conv] with a pointwise kernel [1, ..., channels·multiplier, filters].
func SeparableConv(x, depthwise, pointwise Tensor, w Window) Tensor {
	return Conv(DepthwiseConv(x, depthwise, w), pointwise, Window{})
}
