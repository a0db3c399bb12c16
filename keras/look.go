package keras

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// A Graph shows what a model is made of, to programs that look at models, such as those that draw them.
type Graph struct {
	Name  string // the model's
	Class string // Keras's class of the model: "Sequential" or "Functional"
	// Nodes are the layers, inputs and operations in Keras's order, which is that of [Model.Summary]. The input of a Sequential is not
	// among them.
	Nodes []Node
	// Inputs are the places among Nodes of the model's inputs; none for a Sequential, which starts at its first node.
	Inputs []int
	// Outputs are where the model's outputs come from.
	Outputs []Link
}

// A Node is a layer, an input or an operation of a model's graph.
type Node struct {
	Name  string      // in the model
	Class string      // Keras's class
	Part  layers.Part // nil for an operation
	// In and Out are what went into its first call and what came out, with [ops.Unknown] for the batch; an input has no In.
	In, Out []ops.Spec
	// Calls say for each of its calls where the tensors that go in come from; numbers are left out. The first node of a Sequential has
	// none, nor has an input.
	Calls [][]Link
	// Params is the number of numbers in its weights, random streams not counted.
	Params int
	// Trainable says whether training changes its weights; true for an operation.
	Trainable bool
	// Inner is what a model within the model is made of; nil for what is no model.
	Inner *Graph
}

// A Link is a tensor by the place of its node among [Graph.Nodes], and its place among the results of a call.
type Link struct{ Node, Result int }

// Graph is what the model is made of. It takes no memory for weights. The inputs must be known: where a Sequential does not start with
// [layers.Input], there is an error until the model is built.
func (m *Model) Graph() (*Graph, error) {
	if err := m.fault(); err != nil {
		return nil, errors.Wrap(err, "keras: graph")
	}
	m.assignNames(map[string]int{})
	m.saving.Lock()
	defer m.saving.Unlock()
	m.weights.RLock()
	defer m.weights.RUnlock()
	s, err := newSummary(m)
	if err != nil {
		return nil, errors.Wrap(err, "keras: graph")
	}
	if s.in == nil {
		return nil, errors.New("keras: graph: what goes into the model is not known yet: start it with layers.Input, or build it by Fit")
	}
	g, err := s.graph(m, m.ModelName(), s.in, false)
	return g, errors.Wrap(err, "keras: graph")
}

// graph looks at the model, or one within it.
func (s *summary) graph(m *Model, name string, in []ops.Spec, frozen bool) (*Graph, error) {
	g := &Graph{Name: name, Class: m.className()}
	l := &looker{summary: s, m: m, frozen: frozen || m.Trainable != nil && !*m.Trainable}
	if m.stack != nil {
		return g, l.stack(g, in)
	}
	return g, l.graphOf(g)
}

// A looker looks at one model.
type looker struct {
	*summary
	m      *Model
	frozen bool // with all that is within
}

func (l *looker) stack(g *Graph, in []ops.Spec) error {
	known, err := l.m.stackShapes(in)
	if err != nil {
		return err
	}
	for i, p := range l.m.stack {
		n := Node{In: known.stack[i].in, Out: known.stack[i].out}
		if i > 0 {
			n.Calls = [][]Link{{{Node: i - 1}}}
		}
		if err := l.describe(&n, p); err != nil {
			return err
		}
		g.Nodes = append(g.Nodes, n)
	}
	g.Outputs = []Link{{Node: len(g.Nodes) - 1}}
	return nil
}

// describe fills in what a layer is.
func (l *looker) describe(n *Node, p layers.Part) (err error) {
	n.Name, n.Class, n.Part, n.Params = l.m.names[p], kerasClass(p), p, count(l.weights(p)).Params
	n.Trainable = !l.frozen && !isFrozen(p)
	if inner, ok := p.(*Model); ok {
		n.Inner, err = l.graph(inner, n.Name, n.In, l.frozen)
	}
	return errors.WithMessagef(err, "layer %s", n.Name)
}

func (l *looker) graphOf(g *Graph) error {
	m := l.m
	w := newGraphWriter(m)
	place := map[*vertex]int{}
	for i, v := range m.order {
		place[v] = i
	}
	for _, v := range m.order {
		n := Node{}
		if v.lines == nil { // an input that no output depends on
			spec, err := v.what.(*layers.Input).Spec()
			if err != nil {
				return err
			}
			n.Out = []ops.Spec{spec}
		}
		for _, line := range v.lines {
			n.Calls = append(n.Calls, w.links(line, place))
		}
		if v.lines != nil {
			n.In, n.Out = w.specs(v.lines[0])
		}
		if err := l.vertex(&n, w, v); err != nil {
			return err
		}
		g.Nodes = append(g.Nodes, n)
	}
	for _, t := range m.inputs {
		for i, v := range m.order {
			if v.what == t.What() {
				g.Inputs = append(g.Inputs, i)
			}
		}
	}
	for _, e := range w.ends {
		if source := w.of[e.Line]; source != nil {
			g.Outputs = append(g.Outputs, Link{place[source], e.Result})
		}
	}
	return nil
}

// links are where the tensors that go into a call come from.
func (g *graphWriter) links(line int, place map[*vertex]int) []Link {
	var links []Link
	for _, from := range g.lines[line].Inputs {
		if source := g.of[from.Line]; source != nil {
			links = append(links, Link{place[source], from.Result})
		}
	}
	return links
}

// specs are the tensors that go into a call and come out.
func (g *graphWriter) specs(line int) (in, out []ops.Spec) {
	for _, from := range g.lines[line].Inputs {
		if g.of[from.Line] != nil {
			in = append(in, g.lines[from.Line].Results[from.Result])
		}
	}
	return in, g.lines[line].Results
}

func (l *looker) vertex(n *Node, w *graphWriter, v *vertex) error {
	if p := v.part(); p != nil {
		return l.describe(n, p)
	}
	n.Name, n.Class, n.Trainable = v.name, classOfOperation(w.lines[v.lines[0]].Name), true
	return nil
}
