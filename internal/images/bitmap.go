package images

import (
	"image"
	"image/color"

	"gorgonia.org/tensor"
)

// A bitmap is a picture of 8-bit samples, channel by channel within a pixel. Colors are not multiplied by their opacity.
type bitmap struct {
	height, width, channels int
	pix                     []uint8
}

func newBitmap(height, width, channels int) bitmap {
	return bitmap{height, width, channels, make([]uint8, height*width*channels)}
}

func (b bitmap) floats() *tensor.Dense {
	v := make([]float32, len(b.pix))
	for i, p := range b.pix {
		v[i] = float32(p)
	}
	return tensor.New(tensor.WithShape(b.height, b.width, b.channels), tensor.WithBacking(v))
}

func toBitmap(m image.Image, channels int) bitmap {
	size := m.Bounds().Size()
	b := newBitmap(size.Y, size.X, channels)
	read := reader(m)
	for y := range size.Y {
		row := b.pix[y*size.X*channels:]
		for x := range size.X {
			store(row[x*channels:][:channels], read(x, y))
		}
	}
	return b
}

func store(dst []uint8, c color.NRGBA) {
	switch len(dst) {
	case 1:
		// ITU-R 601, in the whole numbers that Pillow uses.
		dst[0] = uint8((19595*uint32(c.R) + 38470*uint32(c.G) + 7471*uint32(c.B) + 1<<15) >> 16)
	case 3:
		dst[0], dst[1], dst[2] = c.R, c.G, c.B
	default:
		dst[0], dst[1], dst[2], dst[3] = c.R, c.G, c.B, c.A
	}
}

// reader returns the function that reads a pixel, counted from the upper left corner.
func reader(m image.Image) func(x, y int) color.NRGBA {
	origin := m.Bounds().Min
	switch m := m.(type) {
	case *image.NRGBA:
		return func(x, y int) color.NRGBA { return m.NRGBAAt(x+origin.X, y+origin.Y) }
	case *image.NRGBA64: // Converting by the color model would multiply by the opacity and divide again.
		return func(x, y int) color.NRGBA {
			c := m.NRGBA64At(x+origin.X, y+origin.Y)
			return color.NRGBA{R: uint8(c.R >> 8), G: uint8(c.G >> 8), B: uint8(c.B >> 8), A: uint8(c.A >> 8)}
		}
	case *image.Gray:
		return func(x, y int) color.NRGBA {
			v := m.GrayAt(x+origin.X, y+origin.Y).Y
			return color.NRGBA{R: v, G: v, B: v, A: 255}
		}
	case *image.Paletted:
		palette := make([]color.NRGBA, len(m.Palette))
		for i, c := range m.Palette {
			palette[i] = unmultiplied(c)
		}
		return func(x, y int) color.NRGBA {
			if i := int(m.ColorIndexAt(x+origin.X, y+origin.Y)); i < len(palette) {
				return palette[i]
			}
			return color.NRGBA{A: 255}
		}
	case *image.YCbCr:
		chroma := newChroma(m)
		return func(x, y int) color.NRGBA {
			cb, cr := chroma.at(x, y)
			r, g, b := color.YCbCrToRGB(m.Y[m.YOffset(x+origin.X, y+origin.Y)], cb, cr)
			return color.NRGBA{R: r, G: g, B: b, A: 255}
		}
	}
	return func(x, y int) color.NRGBA { return unmultiplied(m.At(x+origin.X, y+origin.Y)) }
}

func unmultiplied(c color.Color) color.NRGBA {
	if c, ok := c.(color.NRGBA); ok {
		return c
	}
	return color.NRGBAModel.Convert(c).(color.NRGBA)
}
