package keras

import (
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// A graphReader makes a graph from Keras's JSON: layers and operations with their calls, in no certain order.
type graphReader struct {
	parts   []*graphPart
	by      map[string]*graphPart
	waiting int // calls that are not made yet
}

// A graphPart is a layer or operation of the file.
type graphPart struct {
	name      string
	layer     layers.Part // nil for an operation
	operation operationClass
	opName    string
	config    map[string]any
	nodes     []any          // its calls
	results   [][]ops.Tensor // of the calls made so far
	flags     map[string]any // of the calls made so far, where the layer has some
}

// errNotYet says that a call needs the result of one that is not made yet.
var errNotYet = errors.New("not yet")

func decodeFunctional(config map[string]any, depth int) (*Model, error) {
	list, ok := config["layers"].([]any)
	if !ok {
		return nil, errors.New("layers: expected a list")
	}
	g := &graphReader{by: map[string]*graphPart{}}
	for i, e := range list {
		o, ok := e.(map[string]any)
		if !ok {
			return nil, errors.Errorf("layers: %d: expected an object", i)
		}
		if err := g.add(o, nameOf(o, i), depth); err != nil {
			return nil, errors.WithMessagef(err, "layer %s", nameOf(o, i))
		}
	}
	if err := g.connect(); err != nil {
		return nil, err
	}
	in, err := g.ends(config["input_layers"])
	if err != nil {
		return nil, errors.WithMessage(err, "input_layers")
	}
	out, err := g.ends(config["output_layers"])
	if err != nil {
		return nil, errors.WithMessage(err, "output_layers")
	}
	m := NewModel(in, out)
	g.nameOperations(m)
	return m, nil
}

// nameOperations gives the operations of a model the names that they have in the file.
func (g *graphReader) nameOperations(m *Model) {
	if m.err != nil {
		return
	}
	at := map[int]*vertex{}
	for _, v := range m.order {
		for _, line := range v.lines {
			at[line] = v
		}
	}
	ts := slices.Clone(m.outputs)
	var named []*graphPart
	for _, p := range g.parts {
		if p.layer == nil && len(p.results) > 0 {
			named, ts = append(named, p), append(ts, p.results[0][0])
		}
	}
	_, ends := ops.Lines(ts) // What outputs need comes first, as it does without the rest.
	for i, e := range ends[len(m.outputs):] {
		if v := at[e.Line]; v != nil && v.part() == nil {
			v.name, v.named = named[i].name, true
		}
	}
}

// add makes a layer.
func (g *graphReader) add(o map[string]any, name string, depth int) error {
	if g.by[name] != nil {
		return errors.New("two layers have this name")
	}
	p := &graphPart{name: name}
	p.nodes, _ = o["inbound_nodes"].([]any)
	p.config, _ = o["config"].(map[string]any)
	var err error
	module, _ := o["module"].(string)
	class, _ := o["class_name"].(string)
	if isOperation(module) {
		p.opName, p.operation, err = operationNamed(module, class)
	} else {
		p.layer, err = decodeLayer(o, depth)
	}
	if err != nil {
		return err
	}
	if p.layer != nil {
		layers.BaseOf(p.layer).Name = name
	}
	if in, ok := p.layer.(*layers.Input); ok {
		p.results, p.nodes = [][]ops.Tensor{{inputOf(in)}}, nil
	}
	g.waiting += len(p.nodes)
	g.parts, g.by[name] = append(g.parts, p), p
	return nil
}

// connect makes the calls, those of a layer in their order, until all are made.
func (g *graphReader) connect() error {
	for g.waiting > 0 {
		before := g.waiting
		for _, p := range g.parts {
			if err := g.callAll(p); err != nil {
				return errors.WithMessagef(err, "layer %s: inbound_nodes", p.name)
			}
		}
		if g.waiting == before {
			return errors.Errorf("layer %s: inbound_nodes: the layers depend on each other in a circle", g.stuck())
		}
	}
	return nil
}

// callAll makes the calls of a layer whose inputs are there.
func (g *graphReader) callAll(p *graphPart) error {
	for len(p.nodes) > 0 {
		out, err := g.call(p, p.nodes[0])
		if errors.Is(err, errNotYet) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, t := range out {
			if err := t.Err(); err != nil {
				return err
			}
		}
		p.results = append(p.results, out)
		p.nodes = p.nodes[1:]
		g.waiting--
	}
	return nil
}

func (g *graphReader) stuck() string {
	for _, p := range g.parts {
		if len(p.nodes) > 0 {
			return p.name
		}
	}
	return ""
}

// tensors reads a tensor, or a list of them, by where they come from.
func (g *graphReader) tensors(v any) ([]ops.Tensor, error) {
	m, ok := v.(map[string]any)
	if !ok || m["class_name"] == "__tuple__" {
		list, err := itemsOf(v)
		if err != nil {
			return nil, errors.New("expected a tensor")
		}
		var ts []ops.Tensor
		for _, e := range list {
			t, err := g.tensors(e)
			if err != nil {
				return nil, err
			}
			ts = append(ts, t...)
		}
		return ts, nil
	}
	config, _ := m["config"].(map[string]any)
	if m["class_name"] != "__keras_tensor__" {
		return nil, errors.Errorf("expected a tensor, got a %v", m["class_name"])
	}
	history, err := itemsOf(config["keras_history"])
	if err != nil {
		return nil, errors.WithMessage(err, "keras_history")
	}
	t, err := g.origin(history, 0)
	return []ops.Tensor{t}, err
}

// origin finds a tensor by the name of its layer, the number of the call and that of the result. A Functional's calls start with
// first.
func (g *graphReader) origin(history []any, first int) (ops.Tensor, error) {
	if len(history) < 3 {
		return ops.Tensor{}, errors.Errorf("keras_history: expected a name and two numbers, got %v", history)
	}
	name, _ := history[0].(string)
	call, err := saving.Decode[int](history[1])
	if err != nil {
		return ops.Tensor{}, errors.WithMessage(err, "keras_history")
	}
	result, err := saving.Decode[int](history[2])
	if err != nil {
		return ops.Tensor{}, errors.WithMessage(err, "keras_history")
	}
	p := g.by[name]
	if p == nil {
		return ops.Tensor{}, errors.Errorf("keras_history: there is no layer %q", name)
	}
	if m, ok := p.layer.(*Model); ok && m.stack == nil {
		call -= first
	}
	if call < 0 || call >= len(p.results)+len(p.nodes) {
		return ops.Tensor{}, errors.Errorf("keras_history: layer %q has no call %d", name, call)
	}
	if call >= len(p.results) {
		return ops.Tensor{}, errNotYet
	}
	if result < 0 || result >= len(p.results[call]) {
		return ops.Tensor{}, errors.Errorf("keras_history: call %d of layer %q has no result %d", call, name, result)
	}
	return p.results[call][result], nil
}

// ends reads the inputs or outputs of a model: one, or a list of them, or an object by names, which sort them.
func (g *graphReader) ends(v any) ([]ops.Tensor, error) {
	if m, ok := v.(map[string]any); ok && m["class_name"] == nil {
		var ts []ops.Tensor
		for _, key := range sortedKeys(m) {
			t, err := g.ends(m[key])
			if err != nil {
				return nil, err
			}
			ts = append(ts, t...)
		}
		return ts, nil
	}
	list, err := itemsOf(v)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errors.New("expected a list")
	}
	if _, ok := list[0].(string); ok {
		t, err := g.origin(list, 1)
		return []ops.Tensor{t}, err
	}
	var ts []ops.Tensor
	for _, e := range list {
		t, err := g.ends(e)
		if err != nil {
			return nil, err
		}
		ts = append(ts, t...)
	}
	return ts, nil
}
