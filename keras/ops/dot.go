package ops

import (
	"fmt"
	"strings"

	"gorgonia.org/gorgonia"
)

// Dot is a picture of the program in Graphviz's language: a box for each input, variable and constant, an ellipse for each step in
// the order in which they run, with its operation, the path of its layer and its results' shapes, and an edge for each value read.
func (p *Program) Dot() string {
	d := drawing{names: map[*slot]string{}, labels: map[gorgonia.Value]string{}}
	for _, n := range p.graph.AllNodes() {
		if n.Op() == nil && n.Value() != nil {
			d.labels[n.Value()] = labelOf(n.Name())
		}
	}
	d.text.WriteString("digraph program {\n\trankdir=TB;\n")
	for i, s := range p.steps {
		name := fmt.Sprintf("s%d", i)
		lines := []string{s.op.name()}
		if s.path != "" {
			lines = append(lines, s.path)
		}
		for _, o := range s.out {
			lines = append(lines, describe(o.spec))
			d.names[o.owner] = name
		}
		d.vertex(name, "ellipse", lines)
		for _, in := range s.in {
			d.edge(in, name)
		}
	}
	d.text.WriteString("}\n")
	return d.text.String()
}

// A drawing is a picture in the making.
type drawing struct {
	text   strings.Builder
	names  map[*slot]string          // by the owner of the memory: who made the value
	labels map[gorgonia.Value]string // of inputs, variables and constants
	leaves int
}

func describe(s Spec) string { return fmt.Sprintf("%s %v", s.DType, s.Shape) }

func (d *drawing) vertex(name, shape string, lines []string) {
	for i, l := range lines {
		lines[i] = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ").Replace(l)
	}
	fmt.Fprintf(&d.text, "\t%s [shape=%s, label=\"%s\"];\n", name, shape, strings.Join(lines, `\n`))
}

// edge draws who reads a value, and its box where nobody makes it.
func (d *drawing) edge(from *slot, to string) {
	name, ok := d.names[from.owner]
	if !ok {
		name = fmt.Sprintf("v%d", d.leaves)
		d.leaves++
		d.names[from.owner] = name
		d.vertex(name, "box", []string{d.labels[from.owner.header], describe(from.owner.spec)})
	}
	fmt.Fprintf(&d.text, "\t%s -> %s [label=\"%v\"];\n", name, to, from.spec.Shape)
}

// labelOf is a leaf's name in Gorgonia's graph without the numbers that make it unique.
func labelOf(name string) string {
	parts := strings.SplitN(name, "/", 3)
	return parts[len(parts)-1]
}
