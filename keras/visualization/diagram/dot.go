package diagram

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// Options say what a diagram shows.
type Options struct {
	ShowShapes bool // of what goes into layers and comes out
	ShowDtype  bool // the element type of what comes out
	// ShowLayerNames shows names beside the classes; false: classes alone, which is plot_model's default, while that of model_to_dot is true.
	ShowLayerNames       bool
	ShowLayerActivations bool   // of layers that have one
	ShowTrainable        bool   // whether training changes the weights, of layers that have any
	ExpandNested         bool   // draw models within the model layer by layer
	RankDir              string // "TB": from top to bottom, "LR": from left to right, "BT" or "RL"; "": "TB"
	Splines              string // how edges are drawn: "ortho", "curved", "polyline", "spline" or "line"; "": "ortho"
	DPI                  int    // dots per inch; 0: 200
}

var (
	directions = []string{"TB", "LR", "BT", "RL"}
	splines    = []string{"ortho", "curved", "polyline", "spline", "line"}
)

func (o *Options) fill() error {
	if o.RankDir == "" {
		o.RankDir = directions[0]
	}
	if o.Splines == "" {
		o.Splines = splines[0]
	}
	if o.DPI == 0 {
		o.DPI = 200
	}
	if !slices.Contains(directions, o.RankDir) {
		return errors.Errorf("RankDir is %q: expected one of %q", o.RankDir, directions)
	}
	if !slices.Contains(splines, o.Splines) {
		return errors.Errorf("Splines is %q: expected one of %q", o.Splines, splines)
	}
	if o.DPI < 0 {
		return errors.Errorf("DPI is %d: expected a positive number", o.DPI)
	}
	return nil
}

// Dot is the diagram of a model in Graphviz's language, as Keras's model_to_dot makes it. What goes into the model must be known: it starts
// with an Input, or is built.
func Dot(m *keras.Model, options ...Options) (string, error) {
	d, err := newDot(m, options)
	if err != nil {
		return "", errors.Wrap(err, "diagram")
	}
	return d.text.String(), nil
}

func newDot(m *keras.Model, options []Options) (*dot, error) {
	var o Options
	if len(options) > 0 {
		o = options[0]
	}
	if err := o.fill(); err != nil {
		return nil, err
	}
	if m == nil {
		return nil, errors.New("the model is nil")
	}
	g, err := m.Graph()
	if err != nil {
		return nil, err
	}
	d := &dot{o: o, ids: map[any]string{}}
	fmt.Fprintf(&d.text, "digraph G {\nrankdir=%s;\nconcentrate=true;\ndpi=%d;\nsplines=%s;\nnode [shape=record];\n", o.RankDir, o.DPI, o.Splines)
	d.graph(g)
	d.text.WriteString("}\n")
	return d, nil
}

// A dot writes a model in Graphviz's language.
type dot struct {
	text strings.Builder
	o    Options
	ids  map[any]string // of layers, and of operations by their places
}

// A place is that of an operation, which is known by nothing else.
type place struct {
	graph *keras.Graph
	node  int
}

// id names a node by its layer, so that a layer that several models share is drawn once.
func (d *dot) id(g *keras.Graph, node int) string {
	var key any = place{g, node}
	if p := g.Nodes[node].Part; p != nil {
		key = p
	}
	if d.ids[key] == "" {
		d.ids[key] = fmt.Sprintf("n%d", len(d.ids))
	}
	return d.ids[key]
}

// graph writes nodes first and then edges, which end at layers of models that are expanded.
func (d *dot) graph(g *keras.Graph) {
	for i, n := range g.Nodes {
		if d.o.ExpandNested && n.Inner != nil {
			fmt.Fprintf(&d.text, "subgraph %s {\nstyle=dashed;\nlabel=%s;\nlabeljust=l;\n", quotedName("cluster_"+n.Name), quoted(n.Name))
			d.graph(n.Inner)
			d.text.WriteString("}\n")
			continue
		}
		fmt.Fprintf(&d.text, "%s [label=%s, fontname=Helvetica, border=0, margin=0];\n", d.id(g, i), d.label(n))
	}
	drawn := map[string]bool{}
	for i, n := range g.Nodes {
		for _, call := range n.Calls {
			for argument, from := range call {
				edge := d.edge(g, from, i, argument)
				if edge != "" && !drawn[edge] {
					fmt.Fprintf(&d.text, "%s [penwidth=2];\n", edge)
				}
				drawn[edge] = true
			}
		}
	}
}

// edge leads from the layer that makes a tensor to the one that takes it.
func (d *dot) edge(g *keras.Graph, from keras.Link, to, argument int) string {
	source, target := g, g
	for d.o.ExpandNested && source.Nodes[from.Node].Inner != nil {
		source = source.Nodes[from.Node].Inner
		if from.Result >= len(source.Outputs) {
			return ""
		}
		from = source.Outputs[from.Result]
	}
	for d.o.ExpandNested && target.Nodes[to].Inner != nil {
		target, to = target.Nodes[to].Inner, 0
		if target.Inputs == nil {
			continue
		}
		if argument >= len(target.Inputs) {
			return "" // the mask of an input
		}
		to = target.Inputs[argument]
	}
	return d.id(source, from.Node) + " -> " + d.id(target, to)
}

// label is a table of what is shown of a node, in Graphviz's HTML.
func (d *dot) label(n keras.Node) string {
	cells := d.cells(n)
	span := 0
	for _, c := range []struct {
		shown bool
		cells int
	}{{d.o.ShowShapes, 2}, {d.o.ShowDtype, 1}, {d.o.ShowTrainable, 1}} {
		if c.shown {
			span += c.cells
		}
	}
	span = max(1, span)
	title := bold(n.Class)
	if d.o.ShowLayerNames {
		title = bold(n.Name) + " (" + html.EscapeString(n.Class) + ")"
	}
	var b strings.Builder
	b.WriteString(`<<table border="0" cellborder="1" bgcolor="black" cellpadding="10">`)
	fmt.Fprintf(&b, `<tr><td colspan="%d" bgcolor="black"><font point-size="16" color="white">%s</font></td></tr>`, span, title)
	if a := activationOf(n.Part); d.o.ShowLayerActivations && a != "" {
		fmt.Fprintf(&b, `<tr><td bgcolor="white" colspan="%d"><font point-size="14">Activation: %s</font></td></tr>`, span, bold(a))
	}
	if len(cells) > 0 {
		b.WriteString("<tr>" + strings.Join(cells, "") + "</tr>")
	}
	b.WriteString("</table>>")
	return b.String()
}

func bold(s string) string { return "<b>" + html.EscapeString(s) + "</b>" }

func (d *dot) cells(n keras.Node) []string {
	var cells []string
	fact := func(name, value string) {
		// What Keras writes here holds nothing but types and sizes; its quotation marks are not escaped.
		cells = append(cells, `<td bgcolor="white"><font point-size="14">`+name+": <b>"+value+"</b></font></td>")
	}
	in, out := specsOf(n)
	if d.o.ShowShapes {
		if n.Class != "InputLayer" {
			fact("Input shape", formatAll(in, formatShape))
		}
		fact("Output shape", formatAll(out, formatShape))
	}
	if d.o.ShowDtype {
		quote := func(s ops.Spec) string { return "'" + string(s.DType) + "'" }
		fact("Output dtype", strings.Trim(formatAll(out, quote), "'"))
	}
	if d.o.ShowTrainable && n.Params > 0 {
		color, word := "forestgreen", "Trainable"
		if !n.Trainable {
			color, word = "firebrick", "Non-trainable"
		}
		cells = append(cells, fmt.Sprintf(`<td bgcolor="%s"><font point-size="14" color="white"><b>%s</b></font></td>`, color, word))
	}
	return cells
}

// specsOf are what Keras shows of a node: for a graph within the model what it was made with, for all others their first call.
func specsOf(n keras.Node) (in, out []ops.Spec) {
	if n.Inner == nil || n.Inner.Inputs == nil {
		return n.In, n.Out
	}
	for _, i := range n.Inner.Inputs {
		in = append(in, n.Inner.Nodes[i].Out...)
	}
	for _, o := range n.Inner.Outputs {
		_, made := specsOf(n.Inner.Nodes[o.Node])
		out = append(out, made[o.Result])
	}
	return in, out
}

// formatAll writes one value bare and several as Python's list.
func formatAll(specs []ops.Spec, format func(ops.Spec) string) string {
	all := make([]string, len(specs))
	for i, s := range specs {
		all[i] = format(s)
	}
	if len(all) == 1 {
		return all[0]
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// formatShape writes a shape as Python's tuple.
func formatShape(s ops.Spec) string {
	sizes := make([]string, len(s.Shape))
	for i, n := range s.Shape {
		sizes[i] = fmt.Sprint(n)
		if n == ops.Unknown {
			sizes[i] = "None"
		}
	}
	if len(sizes) == 1 {
		return "(" + sizes[0] + ",)"
	}
	return "(" + strings.Join(sizes, ", ") + ")"
}

var (
	identifier = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
	word       = regexp.MustCompile(`^\pL[\pL\p{Nd}]*$`)
	number     = regexp.MustCompile(`^[0-9]+$`)
	escapes    = strings.NewReplacer(`"`, `\"`, "\n", `\n`, "\r", `\r`)
)

// quotedName is the name of a part of the graph as Graphviz reads it.
func quotedName(s string) string {
	if identifier.MatchString(s) && !isKeyword(s) {
		return s
	}
	return quoted(s)
}

// quoted is a value as Graphviz reads it, in quotation marks where pydot sets them.
func quoted(s string) string {
	if (word.MatchString(s) || number.MatchString(s)) && !isKeyword(s) {
		return s
	}
	return `"` + escapes.Replace(s) + `"`
}

func isKeyword(s string) bool {
	switch strings.ToLower(s) {
	case "graph", "subgraph", "digraph", "node", "edge", "strict":
		return true
	}
	return false
}
