package keras

import (
	"maps"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// A graphWriter writes a graph as Keras's JSON has it: each layer and operation with its calls, and for each call the tensors that go
// in, named by the layer they come from, the number of its call and the number of the result.
type graphWriter struct {
	m     *Model
	lines []ops.Line
	ends  []ops.Origin
	of    []*vertex // by line
	call  []int     // by line: which call of its vertex it is
}

func newGraphWriter(m *Model) *graphWriter {
	g := &graphWriter{m: m}
	g.lines, g.ends = ops.Lines(m.outputs)
	g.of, g.call = make([]*vertex, len(g.lines)), make([]int, len(g.lines))
	for _, v := range m.order {
		for i, line := range v.lines {
			g.of[line], g.call[line] = v, i
		}
	}
	return g
}

// name is the name of a layer or operation.
func (g *graphWriter) name(v *vertex) string {
	if p := v.part(); p != nil {
		return g.m.names[p]
	}
	return v.name
}

// encodeFunctional is a graph as an object of Keras's JSON.
func encodeFunctional(m *Model, name string) (map[string]any, error) {
	g := newGraphWriter(m)
	s, err := m.shapesOf(nil)
	if err != nil {
		return nil, err
	}
	var list []any
	for _, v := range m.order {
		o, err := g.vertex(v, s)
		if err != nil {
			return nil, errors.WithMessagef(err, "layer %s", g.name(v))
		}
		list = append(list, o)
	}
	config := map[string]any{"name": name, "trainable": !isFrozen(m), "layers": list}
	var in, out []any
	for _, t := range m.inputs {
		in = append(in, []any{m.names[t.What().(*layers.Input)], 0, 0})
	}
	for _, e := range g.ends {
		v := g.of[e.Line]
		if v == nil {
			return nil, errors.New("an output is a constant, which Keras does not have")
		}
		call := g.call[e.Line]
		if inner, ok := v.part().(*Model); ok && inner.stack == nil {
			call++ // Keras counts a graph's own making as its first call, here alone.
		}
		out = append(out, []any{g.name(v), call, e.Result})
	}
	config["input_layers"], config["output_layers"] = unlisted(in), unlisted(out)
	return map[string]any{
		"module": "keras.src.models.functional", "class_name": "Functional", "config": config,
		"registered_name": "Functional", "build_config": map[string]any{"input_shape": nil},
	}, nil
}

// unlisted is the only element of a list of one, as Keras writes a model of one tensor.
func unlisted(list []any) any {
	if len(list) == 1 {
		return list[0]
	}
	return list
}

// vertex is a layer or operation with its calls.
func (g *graphWriter) vertex(v *vertex, s *shapes) (map[string]any, error) {
	o, err := g.object(v, s)
	if err != nil {
		return nil, err
	}
	nodes := []any{}
	for _, line := range v.lines {
		if _, ok := v.what.(*layers.Input); ok {
			break
		}
		node, err := g.node(line)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, node)
	}
	o["name"], o["inbound_nodes"] = g.name(v), nodes
	return o, nil
}

func (g *graphWriter) object(v *vertex, s *shapes) (map[string]any, error) {
	if in, ok := v.what.(*layers.Input); ok {
		named := *in
		named.Base = layers.Base{Name: g.name(v)}
		return encodeInput(&named), nil
	}
	if p := v.part(); p != nil {
		a := v.calls[0]
		in := s.in[v]
		in = in[:len(in)-len(a.masks)]
		o, err := encodeLayer(p, g.name(v), in)
		if names := tensorNames(p); err == nil && names != nil && (len(in) > 1 || takesPair(names, len(in))) {
			o["build_config"] = namedShapes(names, a.places, in)
		}
		return o, err
	}
	l := g.lines[v.lines[0]]
	c, ok := operationClasses[l.Name]
	arguments := l.Arguments
	if o, ok := v.what.(*operated); ok {
		arguments = o.config
	}
	if !ok || arguments == nil {
		return nil, errors.Errorf("operation %s between layers cannot be saved: Keras's files have none like it, or it is not supported yet", l.Name)
	}
	config := map[string]any{"name": v.name}
	maps.Copy(config, arguments)
	return map[string]any{"module": "keras.src.ops." + c.module, "class_name": c.class, "config": config, "registered_name": c.class}, nil
}

// node is one call: its positional and named arguments.
func (g *graphWriter) node(line int) (map[string]any, error) {
	l := g.lines[line]
	in := make([]any, len(l.Inputs))
	tensors := 0
	for i, from := range l.Inputs {
		if n := numberAt(g.lines, from.Line); n != nil {
			in[i] = n
			continue
		}
		if g.of[from.Line] == nil {
			return nil, errors.New("an array that is part of the graph cannot be saved: make it a weight of a layer")
		}
		in[i] = g.tensor(from)
		tensors++
	}
	if tensors == 0 {
		return nil, errors.New("an operation on constants alone cannot be saved: compute it before")
	}
	args, kwargs, err := g.arguments(l, in)
	return map[string]any{"args": args, "kwargs": kwargs}, err
}

func (g *graphWriter) arguments(l ops.Line, in []any) (args []any, kwargs map[string]any, err error) {
	if a, ok := l.What.(*application); ok {
		return a.arguments(in)
	}
	if operationClasses[l.Name].inputs < 0 {
		in = []any{in}
	}
	return in, map[string]any{}, nil
}

// tensor is a tensor by where it comes from.
func (g *graphWriter) tensor(from ops.Origin) map[string]any {
	spec := g.lines[from.Line].Results[from.Result]
	return map[string]any{"class_name": "__keras_tensor__", "config": map[string]any{
		"shape": jsonShape(spec.Shape), "dtype": string(spec.DType),
		"keras_history": []any{g.name(g.of[from.Line]), g.call[from.Line], from.Result},
	}}
}
