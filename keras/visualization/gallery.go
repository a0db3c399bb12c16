package visualization

import (
	"cmp"
	"image"
	"image/color"
	"math"

	"github.com/gokeras/gokeras/keras/visualization/internal/fonts"
	"github.com/pkg/errors"
	"gonum.org/v1/plot/palette/moreland"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gorgonia.org/tensor"
)

// GalleryOptions say how pictures are laid out and what is drawn on them.
type GalleryOptions struct {
	// Columns is the number of pictures in a row; 0: as many as make the gallery about square.
	Columns int
	// Labels stand above the pictures; nil: none, else one for each.
	Labels []string
	// Range are the numbers that are black and white, or no and full color; both 0: the least and the largest of all pictures.
	Range [2]float64
	// Heat is an array [n, height, width] of one map for each picture, which is laid over it: from blue for the least number of the
	// picture's map to red for its largest. It may be coarser than the pictures: its size then divides theirs. nil: none.
	Heat *tensor.Dense
	// HeatOpacity is how far the map hides the picture, from 0 to 1; nil: 0.5.
	HeatOpacity *float64
	// Scale is the number of dots along the side of a pixel; 0: so many that pictures are at least 96 dots wide and high.
	Scale int
}

const (
	smallestSide = 96
	gap          = 8
	labelSize    = 12
	labelRoom    = labelSize + 6
)

// Gallery draws an array of pictures, [n, height, width] or [n, height, width, channels] with 1 (gray), 3 (RGB) or 4 (RGBA) channels, in
// rows. A dot is 1/72 inch.
func Gallery(pictures *tensor.Dense, options ...GalleryOptions) (*Picture, error) {
	var o GalleryOptions
	if len(options) > 0 {
		o = options[0]
	}
	p, err := newGallery(pictures, o)
	return p, errors.Wrap(err, "visualization: gallery")
}

// A gallery is a stack of pictures with their places.
type gallery struct {
	GalleryOptions
	pictures, heat *stack
	rows           int
	cell           image.Point // in dots, with the room for a label
	opacity        float64
	colors         []color.Color
}

func newGallery(pictures *tensor.Dense, o GalleryOptions) (*Picture, error) {
	s, err := newStack(pictures)
	if err != nil {
		return nil, err
	}
	g := &gallery{GalleryOptions: o, pictures: s, opacity: 0.5}
	if err := g.check(); err != nil {
		return nil, err
	}
	if o.Heat != nil {
		if err := g.readHeat(); err != nil {
			return nil, errors.WithMessage(err, "Heat")
		}
	}
	g.Columns = min(s.n, cmp.Or(o.Columns, int(math.Ceil(math.Sqrt(float64(s.n))))))
	g.rows = (s.n + g.Columns - 1) / g.Columns
	if g.Scale == 0 {
		side := min(s.width, s.height)
		g.Scale = (smallestSide + side - 1) / side
	}
	if g.Range == [2]float64{} {
		g.Range = s.bounds()
	}
	g.cell = image.Pt(s.width*g.Scale+gap, s.height*g.Scale+gap)
	if o.Labels != nil {
		g.cell.Y += labelRoom
	}
	return &Picture{
		Width: float64(g.Columns*g.cell.X + gap), Height: float64(g.rows*g.cell.Y + gap), DPI: 72, Draw: g.draw,
	}, nil
}

func (g *gallery) check() error {
	if g.Columns < 0 || g.Scale < 0 {
		return errors.Errorf("expected Columns and Scale that are not negative, got %d and %d", g.Columns, g.Scale)
	}
	if g.Labels != nil && len(g.Labels) != g.pictures.n {
		return errors.Errorf("expected a label for each of %d pictures, got %d", g.pictures.n, len(g.Labels))
	}
	if g.Range[0] > g.Range[1] {
		return errors.Errorf("Range is %v: expected the smaller number first", g.Range)
	}
	return nil
}

func (g *gallery) readHeat() error {
	h, err := newStack(g.Heat)
	if err != nil {
		return err
	}
	s := g.pictures
	if h.n != s.n || h.channels != 1 || s.height%h.height != 0 || s.width%h.width != 0 {
		return errors.Errorf("expected a map for each of %d pictures, whose size divides %d x %d, got an array of shape %v", s.n, s.height, s.width, g.Heat.Shape())
	}
	if o := g.HeatOpacity; o != nil {
		g.opacity = *o
	}
	if !(g.opacity >= 0 && g.opacity <= 1) {
		return errors.Errorf("the opacity is %v: expected a number from 0 to 1", g.opacity)
	}
	g.heat, g.colors = h, moreland.SmoothBlueRed().Palette(256).Colors()
	return nil
}

func (g *gallery) draw(c draw.Canvas) error {
	size := vg.Point{X: vg.Length(g.cell.X - gap), Y: vg.Length(g.pictures.height * g.Scale)}
	face := fonts.Sans(labelSize, false)
	for i := range g.pictures.n {
		column, row := i%g.Columns, i/g.Columns
		low := vg.Point{X: vg.Length(gap + column*g.cell.X), Y: vg.Length(gap + (g.rows-1-row)*g.cell.Y)}
		img := g.pictures.picture(i, g.Scale, g.Range)
		if g.heat != nil {
			g.warm(img, i)
		}
		c.DrawImage(vg.Rectangle{Min: low, Max: low.Add(size)}, img)
		if g.Labels == nil {
			continue
		}
		c.SetColor(color.Black)
		c.FillString(face, vg.Point{X: low.X + (size.X-face.Width(g.Labels[i]))/2, Y: low.Y + size.Y + 5}, g.Labels[i])
	}
	return nil
}

// warm lays a map over a picture.
func (g *gallery) warm(img *image.NRGBA, i int) {
	h := g.heat
	area := h.height * h.width
	one := stack{n: 1, height: h.height, width: h.width, channels: 1, at: func(k int) float64 { return h.at(i*area + k) }}
	bounds := one.bounds()
	dots := image.Pt(img.Rect.Dx()/h.width, img.Rect.Dy()/h.height)
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			v := share(one.at(y/dots.Y*h.width+x/dots.X), bounds)
			img.SetNRGBA(x, y, mix(img.NRGBAAt(x, y), g.colors[int(v*float64(len(g.colors)-1))], g.opacity))
		}
	}
}

func mix(a color.NRGBA, with color.Color, opacity float64) color.NRGBA {
	b := color.NRGBAModel.Convert(with).(color.NRGBA)
	one := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-opacity) + float64(b)*opacity)) }
	return color.NRGBA{one(a.R, b.R), one(a.G, b.G), one(a.B, b.B), a.A}
}
