package ops

import (
	"slices"

	"github.com/pkg/errors"
)

// Padding says what happens at the borders of windows, by Keras's words.
type Padding string

// The paddings of convolution and pooling: no padding; as much as keeps the size at stride 1, the odd element behind; and, for
// convolutions of sequences, as much before the first step as keeps the size, so that no output sees a later step.
const (
	Valid  Padding = "valid"
	Same   Padding = "same"
	Causal Padding = "causal"
)

// A Window is how a convolution or a pooling moves over an image.
type Window struct {
	Size     []int   // for each axis, or one number for all; not needed by convolutions, whose kernel has them
	Strides  []int   // nil: 1 for convolutions, Size for pooling; one number stands for all axes
	Padding  Padding // "": Valid
	Dilation []int   // nil: 1; one number stands for all axes; convolutions only
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

// maxSpatial is the largest number of axes that a kernel moves over.
const maxSpatial = 3

// perAxis reads a number for each of some axes: v holds one for each, or one for all.
func perAxis(what string, v []int, axes, least int) ([]int, error) {
	if len(v) != 1 && len(v) != axes {
		return nil, errors.Errorf("%s %v: expected one number, or one for each of %d axes, got %d", what, v, axes, len(v))
	}
	if n := slices.Min(v); n < least {
		return nil, errors.Errorf("%s %v: expected numbers of at least %d, got %d", what, v, least, n)
	}
	all := make([]int, axes)
	for i := range all {
		all[i] = v[min(i, len(v)-1)]
	}
	return all, nil
}

// volumeAxes reads a number for each of some axes, behind ones for the axes that a volume has beyond them; nil means def.
func volumeAxes(what string, v []int, axes, def, least int) (all [maxSpatial]int, err error) {
	if v == nil {
		v = []int{def}
	}
	numbers, err := perAxis(what, v, axes, least)
	if err != nil {
		return all, err
	}
	for i := range maxSpatial - axes {
		all[i] = 1
	}
	copy(all[maxSpatial-axes:], numbers)
	return all, nil
}

// A slide is how a kernel moves over depth, height and width.
type slide struct {
	strides, dilation [maxSpatial]int
	padding           Padding
	transposed        bool            // padding is by the rule of transposed convolutions
	more              [maxSpatial]int // output padding of a transposed convolution; -1: as much as Keras takes
}

func newSlide(axes int, strides, dilation []int, p Padding) (s slide, err error) {
	s.padding = p
	if p == Causal && axes != 1 {
		return s, errors.Errorf("padding %q is for sequences only: expected %q or %q", p, Valid, Same)
	}
	if s.strides, err = volumeAxes("strides", strides, axes, 1, 1); err != nil {
		return s, err
	}
	s.dilation, err = volumeAxes("dilation_rate", dilation, axes, 1, 1)
	return s, err
}

// extent is how many windows of a kernel fit along axis i of three of the images, and how much padding comes before.
func (s slide) extent(i, in, window int) (out, before int, err error) {
	switch {
	case s.transposed:
		return Unknown, s.transposedBefore(i, window), nil
	case s.padding != Causal:
		return extent(in, window, s.strides[i], s.dilation[i], s.padding)
	case in != Unknown:
		out = (in + s.strides[i] - 1) / s.strides[i]
	default:
		out = Unknown
	}
	return out, (window - 1) * s.dilation[i], nil
}

// spatial are sizes of depth, height and width: 1 for those that shape does not have.
func spatial(shape []int) (v [maxSpatial]int) {
	for i := range v {
		v[i] = 1
		if place := i - (maxSpatial - len(shape)); place >= 0 {
			v[i] = shape[place]
		}
	}
	return v
}
