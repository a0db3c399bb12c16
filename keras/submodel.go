package keras

import (
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// A chain is the graph of a Sequential, which has none of its own.
type chain struct {
	input ops.Tensor
	calls []ops.Tensor // the layers' results
	order []*application
}

// Inputs are the tensors that the model's graph starts from, for models that share its layers. Those of a Sequential are known once its
// input is: it starts with [layers.Input], or is built. An error travels with the tensor.
func (m *Model) Inputs() []ops.Tensor {
	if m.stack == nil && m.fault() == nil {
		m.assignNames(map[string]int{})
		return slices.Clone(m.inputs)
	}
	c, err := m.stackGraph()
	if err != nil {
		return failed(err)
	}
	return []ops.Tensor{c.input}
}

// Outputs are the tensors that the model's graph leads to, for models that share its layers. See [Model.Inputs].
func (m *Model) Outputs() []ops.Tensor {
	if m.stack == nil && m.fault() == nil {
		m.assignNames(map[string]int{})
		return slices.Clone(m.outputs)
	}
	c, err := m.stackGraph()
	if err != nil {
		return failed(err)
	}
	return c.calls[len(c.calls)-1:]
}

// LayerOutput is what a layer of the model makes, by the layer's name: Keras's model.get_layer(name).output. With [Model.Inputs] it makes a
// model that extracts features, and shares layers and weights with this one:
//
//	features := keras.NewModel(m.Inputs(), []ops.Tensor{m.LayerOutput("conv2d_3")})
//
// There is an error in the tensor where the model has no such layer, or the layer has several results or is applied at several places:
// [Model.LayerOutputs] has them all.
func (m *Model) LayerOutput(name string) ops.Tensor {
	calls, err := m.LayerOutputs(name)
	if err != nil {
		return failed(err)[0]
	}
	if len(calls) > 1 {
		return failed(errors.Errorf("keras: layer %q is applied at %d places: choose one of LayerOutputs(%q)", name, len(calls), name))[0]
	}
	if len(calls[0]) > 1 {
		return failed(errors.Errorf("keras: layer %q has %d results: choose one of LayerOutputs(%q)[0]", name, len(calls[0]), name))[0]
	}
	return calls[0][0]
}

// LayerOutputs are the results of each call of a layer within the model's graph, in the order of the calls.
func (m *Model) LayerOutputs(name string) ([][]ops.Tensor, error) {
	p, err := m.Layer(name)
	if err != nil {
		return nil, err
	}
	if m.stack == nil {
		return m.results(p), nil
	}
	c, err := m.stackGraph()
	if err != nil {
		return nil, err
	}
	var calls [][]ops.Tensor
	for i, l := range m.stack {
		if layers.Part(l) == p {
			calls = append(calls, []ops.Tensor{c.calls[i]})
		}
	}
	return calls, nil
}

// results are those of a layer of a graph.
func (m *Model) results(p layers.Part) [][]ops.Tensor {
	var calls [][]ops.Tensor
	for _, v := range m.order {
		if v.part() != p {
			continue
		}
		for _, a := range v.calls {
			calls = append(calls, a.results)
		}
	}
	if in, ok := p.(*layers.Input); ok {
		for _, t := range m.inputs {
			if t.What() == any(in) {
				return [][]ops.Tensor{{t}}
			}
		}
	}
	return calls
}

func failed(err error) []ops.Tensor { return []ops.Tensor{ops.Fail("", err)} }

// stackGraph makes the graph of a Sequential, once.
func (m *Model) stackGraph() (*chain, error) {
	if err := m.fault(); err != nil {
		return nil, errors.Wrap(err, "keras")
	}
	m.assignNames(map[string]int{})
	m.weights.RLock()
	in, err := m.inputSpecs()
	m.weights.RUnlock()
	if err != nil {
		return nil, err
	}
	if in == nil {
		return nil, errors.New("keras: the model's input is not known yet: expected a Sequential that starts with layers.Input, or one that is built")
	}
	m.building.Lock()
	defer m.building.Unlock()
	if m.chain != nil {
		return m.chain, nil
	}
	start := m.input
	if start == nil {
		start = m.stackInput(in[0])
	}
	c := &chain{input: inputOf(start)}
	x := c.input
	for _, l := range m.stack {
		x = Apply(l, x)
		if err := x.Err(); err != nil {
			return nil, err
		}
		a := x.What().(*application)
		a.owner.Store(m)
		c.calls, c.order = append(c.calls, x), append(c.order, a)
	}
	m.chain = c
	return c, nil
}

// startAt puts inputs of their own in the place of results of layers, from which a graph is to start.
func startAt(inputs, outputs []ops.Tensor) (in, out []ops.Tensor, err error) {
	if err := usable("input", inputs); err != nil {
		return nil, nil, err
	}
	if err := usable("output", outputs); err != nil {
		return nil, nil, err
	}
	cuts := map[*application]map[int]ops.Tensor{}
	in = slices.Clone(inputs)
	for i, t := range inputs {
		a, ok := t.What().(*application)
		if !ok {
			continue
		}
		_, ends := ops.Lines([]ops.Tensor{t})
		if cuts[a] == nil {
			cuts[a] = map[int]ops.Tensor{}
		}
		in[i] = inputOf(inputLike(t))
		cuts[a][ends[0].Result] = in[i]
	}
	if len(cuts) == 0 {
		return in, slices.Clone(outputs), nil
	}
	return in, cut(outputs, cuts), nil
}

// usable makes sure that there are tensors, without errors.
func usable(what string, ts []ops.Tensor) error {
	for i, t := range ts {
		if !t.Valid() {
			return errors.Errorf("%s %d: expected a tensor, got one without a value", what, i)
		}
		if err := t.Err(); err != nil {
			return errors.WithMessagef(err, "%s %d", what, i)
		}
	}
	return nil
}

// inputLike is an input that takes the place of a tensor.
func inputLike(t ops.Tensor) *layers.Input {
	s := t.Spec()
	return &layers.Input{Shape: s.Shape[1:], DType: s.DType, BatchSize: max(0, s.Shape[0])}
}

// cut records a graph anew from the results of some applications on, which stand for themselves no longer.
func cut(outputs []ops.Tensor, cuts map[*application]map[int]ops.Tensor) []ops.Tensor {
	inputs := map[*layers.Input]ops.Tensor{}
	return ops.Replay(outputs, func(what any, in []ops.Tensor) []ops.Tensor {
		if o, ok := what.(*operated); ok {
			return o.again(in)
		}
		a, ok := what.(*application)
		if !ok {
			i := what.(*layers.Input)
			if _, ok := inputs[i]; !ok {
				inputs[i] = inputOf(i)
			}
			return []ops.Tensor{inputs[i]}
		}
		again := &application{part: a.part, how: a.how, masks: a.masks, places: a.places, number: a.number}
		again.owner.Store(a.owner.Load())
		results := record(again, in...)
		for k, t := range cuts[a] {
			results[k] = t
		}
		return results
	})
}

// sourcesOf are the models whose tensors a graph was made of.
func sourcesOf(order []*vertex) []*Model {
	var ms []*Model
	for _, v := range order {
		for _, a := range v.calls {
			if m := a.owner.Load(); m != nil && !slices.Contains(ms, m) {
				ms = append(ms, m)
			}
		}
	}
	return ms
}

// names are those that layers have already, and that others cannot have.
type names struct {
	of    map[layers.Part]string
	taken map[string]bool
}

// givenNames are the names that the model's layers have in the models that it was made of.
func (m *Model) givenNames() names {
	n := names{map[layers.Part]string{}, map[string]bool{}}
	for _, source := range sourcesOf(m.order) {
		for _, p := range m.Layers() {
			name := source.names[p]
			if name == "" || layers.BaseOf(p).Name != "" || n.of[p] != "" || n.taken[name] {
				continue
			}
			n.of[p], n.taken[name] = name, true
		}
	}
	return n
}
