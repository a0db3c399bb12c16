package layers

import (
	"math"
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// An Interpolation says how pixels are made from those around a place, by Keras's words.
type Interpolation = ops.Interpolation

// Keras's interpolations.
const (
	Bilinear = ops.Bilinear // by distance, from the nearest pixel on each side; also ""
	Nearest  = ops.Nearest  // the nearest pixel
	Bicubic  = ops.Bicubic  // Keys's cubic kernel; of Resizing only
	Lanczos3 = ops.Lanczos3 // sinc functions of radius 3; of Resizing only
	Lanczos5 = ops.Lanczos5 // sinc functions of radius 5; of Resizing only
)

// A FillMode says what an image goes on with outside of its border, by Keras's words.
type FillMode = ops.FillMode

// Keras's modes, with what is beside a row a b c d.
const (
	FillConstant = ops.FillConstant // k k k | a b c d | k k k
	FillNearest  = ops.FillNearest  // a a a | a b c d | d d d
	FillWrap     = ops.FillWrap     // b c d | a b c d | a b c
	FillReflect  = ops.FillReflect  // c b a | a b c d | d c b
)

// augment applies f, which gets images of floats with the channels last and the layer's stream, in training only.
func augment(b *Builder, format DataFormat, seed *int, x ops.Tensor, f func(x, stream ops.Tensor) ops.Tensor) ops.Tensor {
	stream := b.Stream("", seed)
	if !b.Training() && format == ChannelsFirst {
		format = ChannelsLast // there is nothing to do, and so nothing to transpose
	}
	return channelsLast(b, format, ops.Cast(x, ops.Float32), 2, func(x ops.Tensor) ops.Tensor {
		if !b.Training() {
			return x
		}
		return f(x, stream)
	})
}

// A span is what a number is drawn from for each sample.
type span struct{ low, high float64 }

// draw draws numbers from spans for each sample of x: [batch, 1] each.
func draw(x, stream ops.Tensor, spans ...span) []ops.Tensor {
	all := ops.Split(ops.RandomUniform(stream, 0, 1, x.Dim(0), len(spans)), len(spans), 1)
	for i, s := range spans {
		all[i] = shiftedBy(ops.Multiply(all[i], ops.Scalar(s.high-s.low)), s.low)
	}
	return all
}

func shiftedBy(x ops.Tensor, v float64) ops.Tensor { return ops.Add(x, ops.Scalar(v)) }

// perImage is a number for each sample, [batch, 1], in a shape that fits images.
func perImage(v ops.Tensor) ops.Tensor { return ops.ExpandDims(ops.ExpandDims(v, -1), -1) }

// A factor is one number, for both directions, or a range from a lower to an upper one.
type factor struct {
	name   string
	number float64
	bounds []float64
}

// checked returns the range.
func (f factor) checked() (span, error) {
	switch {
	case f.bounds == nil:
		v := math.Abs(f.number)
		return span{-v, v}, nil
	case f.number != 0:
		return span{}, errors.Errorf("%s: expected a number or a range, got both: %v and %v", f.name, f.number, f.bounds)
	case len(f.bounds) != 2:
		return span{}, errors.Errorf("%s: expected a lower and an upper bound, got %v", f.name, f.bounds)
	}
	return span{min(f.bounds[0], f.bounds[1]), max(f.bounds[0], f.bounds[1])}, nil
}

// within is the range, whose ends must both lie between two numbers, the lower one included or not.
func (f factor) within(low, high float64, included bool) (span, error) {
	s, err := f.checked()
	if err != nil {
		return s, err
	}
	for _, v := range append(slices.Clone(f.bounds), f.number) {
		if !(v >= low && v <= high) || v == low && !included {
			return s, errors.Errorf("%s: expected numbers between %v and %v, got %v", f.name, low, high, v)
		}
	}
	return s, nil
}

// overlapping is the range as Keras's base class for images checks it: one number must lie between two, of a range a part. Keras cuts off what
// is below the lower one for a number only.
func (f factor) overlapping(low, high float64) (span, error) {
	s, err := f.checked()
	switch {
	case err != nil:
		return s, err
	case f.bounds == nil && !(f.number >= low && f.number <= high):
		return s, errors.Errorf("%s: expected a number between %v and %v, got %v", f.name, low, high, f.number)
	case f.bounds == nil:
		return span{max(s.low, low), s.high}, nil
	case !(f.bounds[0] <= high && f.bounds[1] >= low):
		return s, errors.Errorf("%s: expected a range within %v and %v, got %v", f.name, low, high, f.bounds)
	}
	return s, nil
}

// valueRange is the range of an image's values; 0 to 255 where it is not set.
func valueRange(v []float64) (span, error) {
	switch {
	case v == nil:
		return span{0, 255}, nil
	case len(v) != 2 || !(v[0] <= v[1]):
		return span{}, errors.Errorf("value_range: expected the lowest and the highest value, got %v", v)
	}
	return span{v[0], v[1]}, nil
}

// explicit writes factors of zero into a config, which Keras asks for.
func explicit(config map[string]any, names ...string) {
	for _, name := range names {
		if _, ok := config[name]; !ok {
			config[name] = 0.0
		}
	}
}

// A warp moves the pixels of images.
type warp struct {
	interpolation Interpolation
	mode          FillMode
	value         float64
}

func (w warp) check() error {
	switch w.interpolation {
	case "", Bilinear, Nearest:
	default:
		return errors.Errorf("interpolation %q: expected %q or %q", w.interpolation, Bilinear, Nearest)
	}
	switch w.mode {
	case "", FillReflect, FillWrap, FillConstant, FillNearest:
		return nil
	}
	return errors.Errorf("fill_mode %q: expected %q, %q, %q or %q", w.mode, FillReflect, FillWrap, FillConstant, FillNearest)
}

// apply takes each pixel from where a matrix of six columns, [batch, 1] each, says.
func (w warp) apply(x ops.Tensor, matrix [6]ops.Tensor) ops.Tensor {
	if w.mode == "" {
		w.mode = FillReflect
	}
	none := ops.ZerosLike(matrix[0])
	transform := ops.Concatenate(1, append(matrix[:], none, none)...)
	return ops.AffineTransform(x, transform, ops.AffineOptions{Interpolation: w.interpolation, FillMode: w.mode, FillValue: w.value})
}
