package images

import (
	"github.com/pkg/errors"
)

var bitmapFilters = map[string]filter{"bilinear": triangle, "bicubic": catmull, "hamming": hamming, "box": box, "lanczos": lanczos3}

// scale gives the pixels that the resize of Pillow 13 gives.
func (b bitmap) scale(o Options) (bitmap, error) {
	top, left, height, width := 0, 0, b.height, b.width
	if o.KeepAspectRatio {
		height = min(b.height, b.width*o.Height/o.Width)
		width = min(b.width, b.height*o.Width/o.Height)
		top, left = (b.height-height)/2, (b.width-width)/2
	}
	rows := span{float64(top), float64(height), b.height}
	columns := span{float64(left), float64(width), b.width}
	if o.Interpolation == "" || o.Interpolation == "nearest" {
		return b.pick(rows, columns, o.Height, o.Width), nil
	}
	f, ok := bitmapFilters[o.Interpolation]
	if !ok {
		return b, errors.Errorf(`images: interpolation: expected "nearest", "bilinear", "bicubic", "hamming", "box" or "lanczos", got %q`, o.Interpolation)
	}
	if b.channels == 4 {
		b = b.multiplied()
	}
	across := o.Width != b.width || width != b.width
	down := o.Height != b.height || height != b.height
	// Pixels are rounded in between, so the order counts: Pillow begins with columns where that leaves much less to do.
	columnsFirst := o.Height < b.height && b.height-o.Height > 2*(b.width-o.Width)
	if down && columnsFirst {
		b = b.scaleColumns(f.taps(rows, o.Height, true))
	}
	if across {
		b = b.scaleRows(f.taps(columns, o.Width, true))
	}
	if down && !columnsFirst {
		b = b.scaleColumns(f.taps(rows, o.Height, true))
	}
	if b.channels == 4 {
		b.divide()
	}
	return b, nil
}

// pick takes for each pixel the one that is there.
func (b bitmap) pick(rows, columns span, height, width int) bitmap {
	out := newBitmap(height, width, b.channels)
	ys, xs := rows.nearest(height), columns.nearest(width)
	for y, from := range ys {
		for x, at := range xs {
			i := (from*b.width + at) * b.channels
			copy(out.pix[(y*width+x)*b.channels:], b.pix[i:i+b.channels])
		}
	}
	return out
}

func (s span) nearest(to int) []int {
	all := make([]int, to)
	step := s.size / float64(to)
	at := s.from + step/2
	for i := range all {
		all[i] = min(int(at), s.samples-1)
		at += step // Summed up as Pillow does: where a place falls between two pixels, rounding decides.
	}
	return all
}

// fixed are weights as whole numbers of 22 bits behind the point, which is what Pillow computes in.
func (t taps) fixed() []int32 {
	const one = 1 << 22
	all := make([]int32, len(t.weights))
	for i, w := range t.weights {
		if w < 0 {
			all[i] = int32(w*one - 0.5)
		} else {
			all[i] = int32(w*one + 0.5)
		}
	}
	return all
}

func (b bitmap) scaleRows(all []taps) bitmap {
	out := newBitmap(b.height, len(all), b.channels)
	for x, t := range all {
		weights := t.fixed()
		for y := range b.height {
			for c := range b.channels {
				out.pix[(y*out.width+x)*b.channels+c] = weighted(b.pix[(y*b.width+t.first)*b.channels+c:], b.channels, weights)
			}
		}
	}
	return out
}

func (b bitmap) scaleColumns(all []taps) bitmap {
	out := newBitmap(len(all), b.width, b.channels)
	stride := b.width * b.channels
	for y, t := range all {
		weights := t.fixed()
		for x := range stride {
			out.pix[y*stride+x] = weighted(b.pix[t.first*stride+x:], stride, weights)
		}
	}
	return out
}

func weighted(pix []uint8, stride int, weights []int32) uint8 {
	sum := int32(1 << 21)
	for i, w := range weights {
		sum += int32(pix[i*stride]) * w
	}
	return uint8(min(max(sum>>22, 0), 255))
}

// multiplied multiplies the colors by their opacity: what is not seen must not color its neighbors.
func (b bitmap) multiplied() bitmap {
	out := newBitmap(b.height, b.width, b.channels)
	copy(out.pix, b.pix)
	for i := 0; i < len(out.pix); i += 4 {
		p := out.pix[i : i+4]
		for c := range 3 {
			v := uint32(p[c])*uint32(p[3]) + 128
			p[c] = uint8((v>>8 + v) >> 8)
		}
	}
	return out
}

func (b bitmap) divide() {
	for i := 0; i < len(b.pix); i += 4 {
		p := b.pix[i : i+4]
		if p[3] == 0 || p[3] == 255 {
			continue
		}
		for c := range 3 {
			p[c] = uint8(min(255*uint32(p[c])/uint32(p[3]), 255))
		}
	}
}
