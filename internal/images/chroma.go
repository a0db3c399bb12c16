package images

import "image"

// A chroma is the color planes of a JPEG, made as large as its gray plane. Where they are stored in half the width or height, they are
// interpolated with weights of 3 and 1, as the decoder does that Pillow and TensorFlow use; Go's own repeats each value.
type chroma struct {
	cb, cr []uint8
	stride int
}

func newChroma(m *image.YCbCr) chroma {
	size := m.Bounds().Size()
	c := chroma{cb: m.Cb, cr: m.Cr, stride: m.CStride}
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio444:
		return c
	case image.YCbCrSubsampleRatio422:
		width := (size.X + 1) / 2
		c.cb, c.cr = wider(c.cb, c.stride, width, size.Y), wider(c.cr, c.stride, width, size.Y)
		c.stride = 2 * width
	case image.YCbCrSubsampleRatio420:
		width, height := (size.X+1)/2, (size.Y+1)/2
		c.cb, c.cr = larger(c.cb, c.stride, width, height), larger(c.cr, c.stride, width, height)
		c.stride = 2 * width
	default:
		c.cb, c.cr = repeated(m, m.Cb), repeated(m, m.Cr)
		c.stride = size.X
	}
	return c
}

func (c chroma) at(x, y int) (cb, cr uint8) {
	i := y*c.stride + x
	return c.cb[i], c.cr[i]
}

func wider(src []uint8, stride, width, height int) []uint8 {
	dst := make([]uint8, 2*width*height)
	for y := range height {
		row, out := src[y*stride:][:width], dst[2*y*width:][:2*width]
		for x, v := range row {
			before, after := row[max(x-1, 0)], row[min(x+1, width-1)]
			out[2*x] = uint8((3*int(v) + int(before) + 1) >> 2)
			out[2*x+1] = uint8((3*int(v) + int(after) + 2) >> 2)
		}
		out[0], out[2*width-1] = row[0], row[width-1]
	}
	return dst
}

func larger(src []uint8, stride, width, height int) []uint8 {
	dst := make([]uint8, 4*width*height)
	sums := make([]int, width)
	for y := range 2 * height {
		near := y / 2
		far := max(near-1, 0)
		if y%2 == 1 {
			far = min(near+1, height-1)
		}
		for x := range sums {
			sums[x] = 3*int(src[near*stride+x]) + int(src[far*stride+x])
		}
		out := dst[2*y*width:][:2*width]
		for x, v := range sums {
			before, after := sums[max(x-1, 0)], sums[min(x+1, width-1)]
			out[2*x] = uint8((3*v + before + 8) >> 4)
			out[2*x+1] = uint8((3*v + after + 7) >> 4)
		}
	}
	return dst
}

// repeated serves the rare other ratios.
func repeated(m *image.YCbCr, src []uint8) []uint8 {
	r := m.Bounds()
	dst := make([]uint8, 0, r.Dx()*r.Dy())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			dst = append(dst, src[m.COffset(x, y)])
		}
	}
	return dst
}
