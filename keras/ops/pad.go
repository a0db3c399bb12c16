package ops

import (
	"github.com/pkg/errors"
)

// A PadMode says what [Pad] puts around a tensor, by Keras's words.
type PadMode string

// The modes of padding: a constant; the elements mirrored at the first and last one, which are not repeated; or mirrored with them.
const (
	PadConstant  PadMode = "constant"
	PadReflect   PadMode = "reflect"
	PadSymmetric PadMode = "symmetric"
)

// Pad puts elements before and behind x's own: widths holds both numbers for each axis, or once for all axes. The mode "" is
// PadConstant, which puts value there; the other modes do not look at value. They mirror, so that a width has to be smaller than
// the axis (PadReflect) or at most its size (PadSymmetric).
func Pad(x Tensor, widths [][2]int, mode PadMode, value float64) Tensor {
	if x.Err() != nil {
		return x
	}
	if len(widths) != 1 && len(widths) != x.Rank() {
		return Fail(x.path, errors.Errorf("pad: %d widths for shape %v: expected one, or one for each axis", len(widths), x.Spec().Shape))
	}
	mirror, err := mirrorOf(mode)
	if err != nil {
		return Fail(x.path, errors.Wrap(err, "pad"))
	}
	for a := range x.Rank() {
		w := widths[0]
		if len(widths) > 1 {
			w = widths[a]
		}
		if w[0] < 0 || w[1] < 0 {
			return Fail(x.path, errors.Errorf("pad: widths %v: expected no negative numbers", widths))
		}
		if w == [2]int{} {
			continue
		}
		from := func(n int) ([]int, error) { return padded(n, w, mirror) }
		x = apply(rearrangement{label: "pad", axis: a, from: from, fill: value}, x)
	}
	return x
}

// mirrorOf is the distance between an element and its mirror image that lies closest to it; -1 where nothing is mirrored.
func mirrorOf(mode PadMode) (int, error) {
	switch mode {
	case "", PadConstant:
		return -1, nil
	case PadReflect:
		return 0, nil
	case PadSymmetric:
		return 1, nil
	}
	return 0, errors.Errorf("mode %q: expected %q, %q or %q", mode, PadConstant, PadReflect, PadSymmetric)
}

func padded(n int, w [2]int, mirror int) ([]int, error) {
	if mirror >= 0 && max(w[0], w[1]) > n-1+mirror {
		return nil, errors.Errorf("%d elements cannot be mirrored: expected at most %d", max(w[0], w[1]), n-1+mirror)
	}
	from := make([]int, w[0]+n+w[1])
	for i := range from {
		k := i - w[0]
		switch {
		case k >= 0 && k < n:
		case mirror < 0:
			k = -1
		case k < 0:
			k = -k - mirror
		default:
			k = 2*(n-1) - k + mirror
		}
		from[i] = k
	}
	return from, nil
}
