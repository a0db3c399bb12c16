package ops

import (
	"slices"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// ResizeOptions are the options of [ImageResize].
type ResizeOptions struct {
	Interpolation Interpolation // "": Bilinear
	// Antialias widens the interpolation where images become smaller, so that each of their pixels counts; Nearest and Area do not care.
	Antialias bool
	// CropToAspectRatio takes the largest part in the middle that has the ratio of the new size, instead of distorting.
	CropToAspectRatio bool
	// PadToAspectRatio puts as much of FillValue on both sides as is needed for the ratio of the new size. Not with CropToAspectRatio.
	PadToAspectRatio bool
	FillMode         FillMode // "": FillConstant, the only one that Keras has here
	FillValue        float64
	DataFormat       ImageFormat // "": ImageChannelsLast
}

func (o ResizeOptions) check() error {
	kinds := []Interpolation{"", Bilinear, Nearest, Bicubic, Lanczos3, Lanczos5, Area}
	switch {
	case !slices.Contains(kinds, o.Interpolation):
		return errors.Errorf("interpolation %q: expected one of %q", o.Interpolation, kinds[1:])
	case o.FillMode != "" && o.FillMode != FillConstant:
		return errors.Errorf("fill_mode %q: expected %q", o.FillMode, FillConstant)
	case o.CropToAspectRatio && o.PadToAspectRatio:
		return errors.New("crop_to_aspect_ratio and pad_to_aspect_ratio: expected one of them at most")
	}
	return nil
}

// A resizing makes images [batch, height, width, channels] of another height and width.
type resizing struct {
	height, width int
	options       ResizeOptions
}

func (o resizing) name() string { return "resize" }

func (o resizing) infer(in []Spec) ([]Spec, error) {
	if o.height < 1 || o.width < 1 {
		return nil, errors.Errorf("height %d and width %d: expected positive numbers", o.height, o.width)
	}
	s := in[0].Shape
	return []Spec{floats(s[0], o.height, o.width, s[3])}, o.options.check()
}

// part is where the part of an axis begins that is scaled, and how long it is; it begins before 0 where the image is padded.
type part struct{ from, n int }

// parts are those of height and width, by Keras's own arithmetic.
func (o resizing) parts(height, width int) (rows, columns part) {
	rows, columns = part{0, height}, part{0, width}
	h := int(float64(width*o.height) / float64(o.width))
	w := int(float64(height*o.width) / float64(o.height))
	switch {
	case o.options.CropToAspectRatio:
		rows.n, columns.n = max(min(height, h), 1), max(min(width, w), 1)
		rows.from, columns.from = (height-rows.n)/2, (width-columns.n)/2
	case o.options.PadToAspectRatio:
		// Keras puts the same on both sides, one less than the ratio asks for where that is odd, and never on four sides.
		if d := (max(height, h) - height) / 2; d > 0 {
			rows = part{-d, height + 2*d}
		} else if d := (max(width, w) - width) / 2; d > 0 {
			columns = part{-d, width + 2*d}
		}
	}
	return rows, columns
}

// weights are the blends along both axes, and the shares of the filling outside of the image.
func (o resizing) weights(height, width int) (rows, columns []blend, above, beside []float64) {
	r, c := o.parts(height, width)
	along := func(p part, m, n int) ([]blend, []float64) {
		return shifted(o.options.Interpolation.blends(p.n, n, o.options.Antialias), -p.from, m)
	}
	rows, above = along(r, height, o.height)
	columns, beside = along(c, width, o.width)
	return rows, columns, above, beside
}

func (o resizing) bind(c *binding) func() error {
	return pick(c, resize[float32](o, c), resize[float64](o, c))
}

func resize[T kernel.Float](o resizing, c *binding) func() error {
	x, y, s := data[T](c.in[0]), data[T](c.out[0]), c.in[0].Shape
	rows, columns, above, beside := o.weights(s[1], s[2])
	k := &kernel.ResizeImages[T]{
		N: s[0], H: s[1], W: s[2], C: s[3], OH: o.height, OW: o.width, Rows: band[T](rows), Columns: band[T](columns),
	}
	if o.options.PadToAspectRatio && o.options.FillValue != 0 {
		k.Fill, k.RowsOutside, k.ColumnsOutside = T(o.options.FillValue), converted[T](above), converted[T](beside)
	}
	return func() error { k.Resize(y, x); return nil }
}

func band[T kernel.Float](all []blend) kernel.Band[T] {
	var b kernel.Band[T]
	for _, t := range all {
		b.Append(t.from, t.weights)
	}
	return b
}

func converted[T kernel.Float](v []float64) []T {
	c := make([]T, len(v))
	for i, f := range v {
		c[i] = T(f)
	}
	return c
}

func (o resizing) gradient(c *chain) []Tensor {
	return []Tensor{apply(resizingGradient{o, c.in[0].Spec()}, c.g())}
}

type resizingGradient struct {
	forward resizing
	result  Spec
}

func (o resizingGradient) name() string                 { return "resize_gradient" }
func (o resizingGradient) infer([]Spec) ([]Spec, error) { return []Spec{o.result}, nil }

func (o resizingGradient) bind(c *binding) func() error {
	return pick(c, resizeBack[float32](o, c), resizeBack[float64](o, c))
}

func resizeBack[T kernel.Float](o resizingGradient, c *binding) func() error {
	dy, dx, s := data[T](c.in[0]), data[T](c.out[0]), o.result.Shape
	rows, columns, _, _ := o.forward.weights(s[1], s[2])
	k := &kernel.ResizeImages[T]{
		N: s[0], H: o.forward.height, W: o.forward.width, C: s[3], OH: s[1], OW: s[2],
		Rows: band[T](transposed(rows, s[1])), Columns: band[T](transposed(columns, s[2])),
	}
	return func() error { k.Resize(dx, dy); return nil }
}

// ImageResize makes images [batch, height, width, channels], or one image without the batch axis, of another height and width, in pixels,
// as floats.
//
// Source: keras.ops.image.resize on JAX; Area on TensorFlow. TensorFlow takes the weights of Bicubic without Antialias from a table, which makes
// a difference in the third digit.
func ImageResize(x Tensor, height, width int, o ResizeOptions) Tensor {
	return onImages("resize", x, o.DataFormat, func(x Tensor) Tensor { return apply(resizing{height, width, o}, asFloat(x)) })
}
