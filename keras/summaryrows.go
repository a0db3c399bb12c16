package keras

import (
	"github.com/gokeras/gokeras/internal/summarytable"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
)

// row is the row of a layer.
func (s *summary) row(p layers.Part, name string, depth int) summarytable.Row {
	ws := s.weights(p)
	r := summarytable.Row{Name: name, Class: kerasClass(p), Params: count(ws).Params, Depth: depth}
	if len(ws) > 0 {
		r.Trainable = new(!isFrozen(p))
	}
	if depth > 0 {
		r.ConnectedTo = s.connected[p]
	}
	return r
}

// add adds a row, and those of the layers of a model that gets inputs like these.
func (s *summary) add(r summarytable.Row, p layers.Part, in []ops.Spec) error {
	s.rows = append(s.rows, r)
	m, ok := p.(*Model)
	if !ok || !s.options.ExpandNested {
		return nil
	}
	if m.stack != nil {
		return s.stackRows(m, in, r.Depth+1)
	}
	return s.graphRows(m, r.Depth+1)
}

// stackRows adds the rows of a Sequential; in are its inputs, nil where they are not known.
func (s *summary) stackRows(m *Model, in []ops.Spec, depth int) error {
	known := &shapes{}
	if in != nil {
		var err error
		if known, err = m.stackShapes(in); err != nil {
			return err
		}
	}
	for i, l := range m.stack {
		r := s.row(l, m.names[l], depth)
		var x []ops.Spec
		if known.stack != nil {
			x, r.OutputShape = known.stack[i].in, formatShapes(known.stack[i].out)
		} else if err := s.unknownInput(l, &r); err != nil {
			return err
		}
		if err := s.add(r, l, x); err != nil {
			return err
		}
	}
	return nil
}

// unknownInput fills in the row of a layer whose input is not known, which a model within the model may know itself.
func (s *summary) unknownInput(l layers.Layer, r *summarytable.Row) error {
	r.Unbuilt = !builtAtOnce(r.Class)
	m, ok := l.(*Model)
	if !ok {
		return nil
	}
	in, err := m.inputSpecs()
	if err != nil || in == nil {
		return err
	}
	xs := make([]ops.Tensor, len(in))
	for i, spec := range in {
		xs[i] = ops.Placeholder("input", spec.DType, spec.Shape...)
	}
	out := m.CallAll(layers.NewBuilder(s.trace, m, "", false), xs...)
	if err := firstError(s.trace, out); err != nil {
		return err
	}
	*r = s.row(m, r.Name, r.Depth)
	r.OutputShape = formatShapes(specsOf(out))
	return nil
}

// graphRows adds the rows of a graph. Operations have rows in the model itself only.
func (s *summary) graphRows(m *Model, depth int) error {
	known, err := m.shapesOf(nil)
	if err != nil {
		return err
	}
	g := newGraphWriter(m)
	if depth == 0 {
		s.connected = map[layers.Part][]string{}
		for _, v := range m.order {
			s.connected[v.part()] = g.connections(v)
		}
	}
	for _, v := range m.order {
		p := v.part()
		var r summarytable.Row
		if p != nil {
			r = s.row(p, g.name(v), depth)
		} else if depth == 0 {
			r = summarytable.Row{Name: g.name(v), Class: classOfOperation(g.lines[v.lines[0]].Name)}
		} else {
			continue
		}
		r.OutputShape = formatShapes(known.out[v])
		if depth == 0 {
			r.ConnectedTo = g.connections(v)
		}
		in := known.in[v]
		if len(v.calls) > 0 {
			in = in[:len(in)-len(v.calls[0].masks)]
		}
		if err := s.add(r, p, in); err != nil {
			return err
		}
	}
	return nil
}

// connections are the tensors that go into the calls of a layer or operation, as a summary names them.
func (g *graphWriter) connections(v *vertex) []string {
	var all []string
	for _, line := range v.lines {
		for _, from := range g.lines[line].Inputs {
			if source := g.of[from.Line]; source != nil {
				all = append(all, g.name(source)+"["+itoa(g.call[from.Line])+"]["+itoa(from.Result)+"]")
			}
		}
	}
	return all
}
