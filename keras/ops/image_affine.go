package ops

import (
	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// AffineOptions are the options of [AffineTransform].
type AffineOptions struct {
	Interpolation Interpolation // Bilinear or Nearest; "": Bilinear
	FillMode      FillMode      // "": FillConstant
	FillValue     float64       // the constant
	DataFormat    ImageFormat   // "": ImageChannelsLast
}

// fillModes are the kernel's words for Keras's.
var fillModes = map[FillMode]kernel.FillMode{
	"": kernel.FillConstant, FillConstant: kernel.FillConstant, FillNearest: kernel.FillNearest, FillWrap: kernel.FillWrap,
	FillMirror: kernel.FillMirror, FillReflect: kernel.FillReflect,
}

// An affine takes each pixel of images [batch, height, width, channels] from a place that transforms [batch or 1, 8] give.
// Inputs: images, transforms.
type affine struct{ options AffineOptions }

func (o affine) name() string { return "affine_transform" }

func (o affine) infer(in []Spec) ([]Spec, error) {
	x, t := in[0].Shape, in[1].Shape
	if len(t) != 2 || (t[1] != 8 && t[1] != Unknown) || (t[0] != 1 && t[0] != x[0] && t[0] != Unknown && x[0] != Unknown) {
		return nil, errors.Errorf("transform of shape %v for images %v: expected [8] or [%d, 8]", t, x, x[0])
	}
	if i := o.options.Interpolation; i != "" && i != Bilinear && i != Nearest {
		return nil, errors.Errorf("interpolation %q: expected %q or %q", i, Bilinear, Nearest)
	}
	if _, ok := fillModes[o.options.FillMode]; !ok {
		return nil, errors.Errorf("fill_mode %q: expected one of %q",
			o.options.FillMode, []FillMode{FillConstant, FillNearest, FillWrap, FillMirror, FillReflect})
	}
	return []Spec{floats(x...)}, nil
}

func (o affine) geometry(x, t Spec) kernel.Affine {
	s := x.Shape
	return kernel.Affine{
		N: s[0], H: s[1], W: s[2], C: s[3], One: t.Shape[0] == 1, Nearest: o.options.Interpolation == Nearest, Mode: fillModes[o.options.FillMode],
	}
}

func (o affine) bind(c *binding) func() error {
	return pick(c, transformImages[float32](o, c), transformImages[float64](o, c))
}

func transformImages[T kernel.Float](o affine, c *binding) func() error {
	x, t, y := data[T](c.in[0]), data[T](c.in[1]), data[T](c.out[0])
	p, fill := o.geometry(c.in[0].Spec, c.in[1].Spec), T(o.options.FillValue)
	return func() error { kernel.AffineTransform(p, y, x, t, fill); return nil }
}

func (o affine) gradient(c *chain) []Tensor {
	out := make([]Tensor, 2)
	if c.needs[0] {
		out[0] = apply(affineGradient{o, c.in[0].Spec()}, c.g(), c.in[1])
	}
	if c.needs[1] {
		out[1] = sumTo(apply(affineGradientTransform{o}, c.g(), c.in[0], c.in[1]), c.in[1].Shape())
	}
	return out
}

// affineGradient is the gradient of the images. Inputs: the result's gradient, transforms.
type affineGradient struct {
	forward affine
	result  Spec
}

func (o affineGradient) name() string                 { return "affine_transform_gradient" }
func (o affineGradient) infer([]Spec) ([]Spec, error) { return []Spec{o.result}, nil }

func (o affineGradient) bind(c *binding) func() error {
	return pick(c, transformBack[float32](o, c), transformBack[float64](o, c))
}

func transformBack[T kernel.Float](o affineGradient, c *binding) func() error {
	dy, t, dx := data[T](c.in[0]), data[T](c.in[1]), data[T](c.out[0])
	p := o.forward.geometry(o.result, c.in[1].Spec)
	return func() error { kernel.AffineTransformGrad(p, dx, dy, t); return nil }
}

// affineGradientTransform is the gradient of each image's transform. Inputs: the result's gradient, images, transforms.
type affineGradientTransform struct{ forward affine }

func (o affineGradientTransform) name() string { return "affine_transform_gradient" }

func (o affineGradientTransform) infer(in []Spec) ([]Spec, error) {
	return []Spec{floats(in[1].Shape[0], 8)}, nil
}

func (o affineGradientTransform) bind(c *binding) func() error {
	return pick(c, transformBackTransform[float32](o, c), transformBackTransform[float64](o, c))
}

func transformBackTransform[T kernel.Float](o affineGradientTransform, c *binding) func() error {
	dy, x, t, dt := data[T](c.in[0]), data[T](c.in[1]), data[T](c.in[2]), data[T](c.out[0])
	p, fill := o.forward.geometry(c.in[1].Spec, c.in[2].Spec), T(o.forward.options.FillValue)
	return func() error { kernel.AffineTransformGradTransform(p, dt, dy, x, t, fill); return nil }
}

// AffineTransform takes the pixel in column X and row Y of each image from column (a0 X + a1 Y + a2)/k and row (b0 X + b1 Y + b2)/k of x,
// where k = c0 X + c1 Y + 1. transform holds a0 a1 a2 b0 b1 b2 c0 c1, as [8] for all images or [batch, 8] for each. x is
// [batch, height, width, channels], or one image without the batch axis; the result has its shape, as floats.
//
// Source: keras.ops.image.affine_transform on JAX, but for c0 and c1, which are those that Keras describes, and has on TensorFlow. What
// TensorFlow calls FillWrap is something else.
func AffineTransform(x, transform Tensor, o AffineOptions) Tensor {
	if err := firstError([]Tensor{x, transform}); err != nil {
		return Fail("", err)
	}
	if transform.Rank() == 1 {
		transform = ExpandDims(transform, 0)
	}
	return onImages("affine_transform", x, o.DataFormat, func(x Tensor) Tensor { return apply(affine{o}, asFloat(x), asFloat(transform)) })
}
