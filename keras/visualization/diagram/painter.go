package diagram

import (
	"fmt"
	"image/color"

	"github.com/gokeras/gokeras/keras/visualization/internal/fonts"
	"github.com/pkg/errors"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A drawing is Graphviz's layout: what is drawn of the whole, of clusters and nodes, and of edges with their heads.
type drawing struct {
	Box     string `json:"bb"`
	Objects []shape
	Edges   []shape
}

type shape struct {
	Draw  []stroke `json:"_draw_"`
	Label []stroke `json:"_ldraw_"`
	Head  []stroke `json:"_hdraw_"`
	Tail  []stroke `json:"_tdraw_"`
}

// A stroke is one of Graphviz's drawing operations.
type stroke struct {
	Op       string
	Color    string
	Points   [][2]float64
	Style    string
	Size     float64
	FontChar int
	Point    [2]float64 `json:"pt"`
	Align    string
	Text     string
}

// A painter draws Graphviz's operations, with the pen that they set.
type painter struct {
	c          draw.Canvas
	origin     vg.Point
	line, fill color.Color
	width      vg.Length
	dashes     []vg.Length
	size       float64
	bold       bool
}

func (p *painter) paint(g *drawing) error {
	for _, s := range g.Objects {
		if err := p.all(s.Draw, s.Label); err != nil {
			return err
		}
	}
	for _, s := range g.Edges {
		if err := p.all(s.Draw, s.Head, s.Tail, s.Label); err != nil {
			return err
		}
	}
	return nil
}

// all draws parts of a shape, each with a fresh pen.
func (p *painter) all(parts ...[]stroke) error {
	for _, part := range parts {
		p.line, p.fill, p.width, p.dashes, p.bold = color.Black, color.Black, vg.Points(1), nil, false
		for _, s := range part {
			if err := p.stroke(s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *painter) stroke(s stroke) (err error) {
	switch s.Op {
	case "c":
		p.line, err = parseColor(s.Color)
	case "C":
		p.fill, err = parseColor(s.Color)
	case "S":
		err = p.style(s.Style)
	case "F":
		p.size = s.Size
	case "t":
		p.bold = s.FontChar&1 != 0
	case "T":
		p.text(s)
	case "P", "p", "L":
		p.polygon(s)
	case "b", "B":
		p.curve(s)
	default:
		return errors.Errorf("graphviz: unknown drawing operation %q", s.Op)
	}
	return err
}

// style reads "dashed", "solid" and "setlinewidth(2)".
func (p *painter) style(s string) error {
	switch s {
	case "solid":
		p.dashes, p.width = nil, vg.Points(1)
		return nil
	case "dashed":
		p.dashes = []vg.Length{5, 2}
		return nil
	}
	var width float64
	if _, err := fmt.Sscanf(s, "setlinewidth(%g)", &width); err != nil {
		return errors.Errorf("graphviz: unknown style %q", s)
	}
	p.width = vg.Points(width)
	return nil
}

func parseColor(s string) (color.Color, error) {
	c := color.NRGBA{A: 255}
	n, err := fmt.Sscanf(s, "#%02x%02x%02x%02x", &c.R, &c.G, &c.B, &c.A)
	if n < 3 {
		return nil, errors.Wrapf(err, "graphviz: color %q", s)
	}
	return c, nil
}

func (p *painter) at(pt [2]float64) vg.Point {
	return vg.Point{X: p.origin.X + vg.Length(pt[0]), Y: p.origin.Y + vg.Length(pt[1])}
}

// polygon draws a closed or filled polygon, or an open line.
func (p *painter) polygon(s stroke) {
	var path vg.Path
	for i, pt := range s.Points {
		if i == 0 {
			path.Move(p.at(pt))
			continue
		}
		path.Line(p.at(pt))
	}
	if s.Op != "L" {
		path.Close()
	}
	if s.Op == "P" {
		p.c.SetColor(p.fill)
		p.c.Fill(path)
	}
	p.outline(path)
}

func (p *painter) outline(path vg.Path) {
	if _, _, _, alpha := p.line.RGBA(); alpha == 0 {
		return
	}
	p.c.SetLineStyle(draw.LineStyle{Color: p.line, Width: p.width, Dashes: p.dashes})
	p.c.Stroke(path)
}

// curve draws Bézier curves of three degrees, joined.
func (p *painter) curve(s stroke) {
	var path vg.Path
	for i, pt := range s.Points {
		switch {
		case i == 0:
			path.Move(p.at(pt))
		case i%3 == 0:
			path.CubeTo(p.at(s.Points[i-2]), p.at(s.Points[i-1]), p.at(pt))
		}
	}
	p.outline(path)
}

// text writes where Graphviz has left room for it.
func (p *painter) text(s stroke) {
	face := fonts.Sans(p.size, p.bold)
	pt := p.at(s.Point)
	switch width := face.Width(s.Text); s.Align {
	case "c":
		pt.X -= width / 2
	case "r":
		pt.X -= width
	}
	p.c.SetColor(p.line)
	p.c.FillString(face, pt, s.Text)
}
