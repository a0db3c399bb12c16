package diagram

import (
	"encoding/json"
	"fmt"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/visualization"
	"github.com/pkg/errors"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Plot draws the diagram of a model, with the nodes, texts and edges of Keras's plot_model, into a file whose name ends in .png or .svg.
// What goes into the model must be known: it starts with an Input, or is built. A diagram has at most 500 nodes, and PNG at most 32767 dots
// on a side and 64 million in all; larger ones get fewer dots per inch.
func Plot(path string, m *keras.Model, options ...Options) error {
	p, err := Model(m, options...)
	if err != nil {
		return err
	}
	return p.Save(path)
}

// Model is [Plot] without a file: the picture that plot_model would write.
func Model(m *keras.Model, options ...Options) (*visualization.Picture, error) {
	d, err := newDot(m, options)
	if err == nil && len(d.ids) > maxNodes {
		err = errors.Errorf("there are %d nodes: expected at most %d, unless a Graphviz of your own draws what Dot says", len(d.ids), maxNodes)
	}
	if err != nil {
		return nil, errors.Wrap(err, "diagram")
	}
	p, err := drawn(d.text.String(), d.o.DPI)
	return p, errors.Wrap(err, "diagram")
}

// maxNodes bounds a diagram. Graphviz goes from node to node by recursion, and with about a thousand in a row runs out of the stack that it has
// in WebAssembly, which ends in damaged memory.
const maxNodes = 500

// margin around a diagram, in points.
const margin = 4

// drawn lets Graphviz lay the graph out.
func drawn(dot string, dpi int) (*visualization.Picture, error) {
	text, err := layout(dot)
	if err != nil {
		return nil, err
	}
	var g drawing
	if err := json.Unmarshal(text, &g); err != nil {
		return nil, errors.Wrap(err, "graphviz")
	}
	var left, bottom, right, top float64
	if _, err := fmt.Sscanf(g.Box, "%g,%g,%g,%g", &left, &bottom, &right, &top); err != nil {
		return nil, errors.Wrapf(err, "graphviz: box %q", g.Box)
	}
	return &visualization.Picture{
		Width: right - left + 2*margin, Height: top - bottom + 2*margin, DPI: dpi,
		Draw: func(c draw.Canvas) error {
			p := &painter{c: c, origin: vg.Point{X: vg.Length(margin - left), Y: vg.Length(margin - bottom)}}
			return p.paint(&g)
		},
	}, nil
}
