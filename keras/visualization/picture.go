package visualization

import (
	"bytes"
	"cmp"
	"image/color"
	"io"
	"path/filepath"
	"strings"

	"github.com/gokeras/gokeras/internal/wholefile"
	"github.com/pkg/errors"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A Format is how a picture is written.
type Format string

// Formats.
const (
	PNG Format = "png"
	SVG Format = "svg"
)

// A Picture is ready to be written, as often as wanted. What draws with gonum.org/v1/plot can be one, such as a Plot:
//
//	&visualization.Picture{Width: 360, Height: 270, Draw: func(c draw.Canvas) error { plot.Draw(c); return nil }}
type Picture struct {
	Width, Height float64 // in points of 1/72 inch
	DPI           int     // dots per inch of a PNG, fewer where it would have more than 32767 on a side or 64 million in all; 0: 144
	// Draw draws the picture on a canvas of its size, the same each time.
	Draw func(draw.Canvas) error
}

// Bounds of a PNG, those of Graphviz.
const (
	maxSide   = 32767
	maxPixels = 1 << 26
)

const usualDPI = 144

func (p *Picture) check() error {
	if p.Draw == nil {
		return errors.New("there is no Draw")
	}
	if !(p.Width > 0 && p.Height > 0) || p.DPI < 0 {
		return errors.Errorf("expected a positive Width and Height, and a DPI that is not negative, got %v, %v and %d", p.Width, p.Height, p.DPI)
	}
	if p.tooLarge(1) {
		return errors.Errorf("%v x %v points are more than a picture may have", p.Width, p.Height)
	}
	return nil
}

func (p *Picture) size() (width, height vg.Length) { return vg.Points(p.Width), vg.Points(p.Height) }

// Save writes the picture to a file whose name ends in .png or .svg. The file is written beside its place and then moved there, so that
// an old one stays whole if anything fails.
func (p *Picture) Save(path string) error {
	f, err := formatOf(path)
	if err != nil {
		return errors.Wrapf(err, "visualization: save %s", path)
	}
	return errors.Wrapf(wholefile.Replace(path, func(w io.Writer) error { return p.write(w, f) }), "visualization: save %s", path)
}

// Write is [Picture.Save] to a writer.
func (p *Picture) Write(w io.Writer, f Format) error {
	return errors.Wrap(p.write(w, f), "visualization: write")
}

func (p *Picture) write(w io.Writer, f Format) error {
	if err := p.check(); err != nil {
		return err
	}
	switch f {
	case PNG:
		return p.writeTo(w, vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(p.size()), vgimg.UseDPI(p.resolution()))})
	case SVG:
		return p.writeSVG(w)
	}
	return errors.Errorf("unknown format %q: expected %q or %q", f, PNG, SVG)
}

func (p *Picture) writeTo(w io.Writer, c vg.CanvasWriterTo) error {
	if err := p.Draw(draw.New(c)); err != nil {
		return err
	}
	_, err := c.WriteTo(w)
	return err
}

// writeSVG puts a white sheet behind the picture, as a PNG has it, and names fonts for readers that have not got the first.
func (p *Picture) writeSVG(w io.Writer) error {
	width, height := p.size()
	c := vgsvg.New(width, height)
	c.SetColor(color.White)
	c.Fill(vg.Rectangle{Max: vg.Point{X: width, Y: height}}.Path())
	var b bytes.Buffer
	if err := p.writeTo(&b, c); err != nil {
		return err
	}
	text := bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
	text = bytes.ReplaceAll(text, []byte("data:image/jpg;base64,"), []byte("data:image/png;base64,"))
	_, err := w.Write(text)
	return err
}

// resolution is the dots per inch at which a PNG stays within bounds.
func (p *Picture) resolution() int {
	dpi := cmp.Or(p.DPI, usualDPI)
	for dpi > 1 && p.tooLarge(dpi) {
		dpi -= max(1, dpi/50)
	}
	return dpi
}

func (p *Picture) tooLarge(dpi int) bool {
	w, h := p.Width*float64(dpi)/vg.Inch.Points(), p.Height*float64(dpi)/vg.Inch.Points()
	return w > maxSide || h > maxSide || w*h > maxPixels
}

// formatOf is the format that a file's name asks for.
func formatOf(path string) (Format, error) {
	switch f := Format(strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))); f {
	case PNG, SVG:
		return f, nil
	default:
		return "", errors.Errorf("expected a name that ends in .png or .svg, got %q", filepath.Base(path))
	}
}
