package ops

import "github.com/pkg/errors"

// ImageBorder says how much [CropImages] takes off each side of images, or [PadImages] adds, in pixels: exactly two of Top, Bottom and
// TargetHeight, and exactly two of Left, Right and TargetWidth. The third follows.
type ImageBorder struct {
	Top, Left, Bottom, Right  *int
	TargetHeight, TargetWidth *int        // the size afterwards
	DataFormat                ImageFormat // "": ImageChannelsLast
}

// A side is one axis of a border.
type side struct {
	first, last, target *int
	crop                bool
}

// from is where each element of the result comes from; -1: it is new, and zero.
func (s side) from(n int) ([]int, error) {
	sign := 1
	if s.crop {
		sign = -1
	}
	var first, last int
	switch {
	case s.first == nil:
		last = *s.last
		first = sign*(*s.target-n) - last
	case s.last == nil:
		first = *s.first
		last = sign*(*s.target-n) - first
	default:
		first, last = *s.first, *s.last
	}
	size := n + sign*(first+last)
	if first < 0 || last < 0 || size < 1 {
		return nil, errors.Errorf("%d and %d pixels of %d: expected no negative numbers, and something left", first, last, n)
	}
	from := make([]int, size)
	for i := range from {
		k := i - sign*first
		if k < 0 || k >= n {
			k = -1
		}
		from[i] = k
	}
	return from, nil
}

func (s side) given() int {
	n := 0
	for _, p := range []*int{s.first, s.last, s.target} {
		if p != nil {
			n++
		}
	}
	return n
}

// bordered crops or pads images.
func (b ImageBorder) bordered(label string, x Tensor, crop bool) Tensor {
	rows, columns := side{b.Top, b.Bottom, b.TargetHeight, crop}, side{b.Left, b.Right, b.TargetWidth, crop}
	if rows.given() != 2 || columns.given() != 2 {
		return Fail(x.path, errors.Errorf("%s: %d of top, bottom, target_height and %d of left, right, target_width: expected 2 and 2",
			label, rows.given(), columns.given()))
	}
	return onImages(label, x, b.DataFormat, func(x Tensor) Tensor {
		x = apply(rearrangement{label: label, axis: 1, from: rows.from}, x)
		return apply(rearrangement{label: label, axis: 2, from: columns.from}, x)
	})
}

// CropImages cuts off the borders of images [batch, height, width, channels], or of one image without the batch axis.
func CropImages(x Tensor, border ImageBorder) Tensor { return border.bordered("crop_images", x, true) }

// PadImages puts zeros around images [batch, height, width, channels], or around one image without the batch axis.
func PadImages(x Tensor, border ImageBorder) Tensor { return border.bordered("pad_images", x, false) }
