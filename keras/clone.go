package keras

import (
	"bytes"
	"encoding/json"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// CloneModel makes a model of new layers of the same configuration, with fresh weights, as Keras's clone_model does. Layers that are shared
// stay shared, within models in the model too. Names stay, and what layers have learned by Adapt that is no weight, such as
// vocabularies. A compiled model's clone is compiled in the same way, with an optimizer that starts afresh. Layers of one's own must be
// registered with saving.Register.
//
// First weights come from the model's seed and the number of clones made so far, so that no two clones start alike and all can be had again.
func CloneModel(m *Model) (*Model, error) {
	c, err := m.clone()
	return c, errors.Wrap(err, "keras: clone")
}

// Clone is [CloneModel] with the weights copied, those of random streams too: the model as it is now, for predictions while the original
// is trained on. It may be called while Fit runs, and copies the weights between two steps.
func (m *Model) Clone() (*Model, error) {
	c, err := m.cloneWeights()
	return c, errors.Wrap(err, "keras: clone")
}

func (m *Model) cloneWeights() (*Model, error) {
	if err := m.buildWhereKnown(); err != nil {
		return nil, err
	}
	c, err := m.clone()
	if err != nil || c.built == nil {
		return c, err
	}
	m.weights.RLock()
	defer m.weights.RUnlock()
	c.weights.Lock()
	defer c.weights.Unlock()
	to := c.Weights()
	for i, w := range m.Weights() {
		if w.DType() == ops.Float32 {
			copy(to[i].Float32s(), w.Float32s())
			continue
		}
		copy(to[i].Value().Int32s(), w.Value().Int32s())
	}
	return c, nil
}

// buildWhereKnown builds a model whose inputs are known.
func (m *Model) buildWhereKnown() error {
	m.weights.Lock()
	defer m.weights.Unlock()
	in, err := m.inputSpecs()
	if err != nil || in == nil {
		return err
	}
	return m.build(in)
}

func (m *Model) clone() (*Model, error) {
	if err := m.fault(); err != nil {
		return nil, err
	}
	m.fields.RLock()
	defer m.fields.RUnlock()
	unlock, err := m.lockToSave()
	if err != nil {
		return nil, err
	}
	defer unlock()
	c, err := (&cloner{parts: map[layers.Part]layers.Part{}}).model(m)
	if err != nil {
		return nil, err
	}
	if m.seed != 0 {
		c.seed = (m.seed+m.clones.Add(1)*0x9e3779b97f4a7c15)*0xbf58476d1ce4e5b9 | 1
	}
	if m.built != nil {
		if err := c.build(m.built); err != nil {
			return nil, err
		}
	}
	if m.compilation.Load() == nil {
		c.foreign = m.foreign
		return c, nil
	}
	config, err := m.encodeCompiled()
	if err == nil {
		config, err = throughText(config)
	}
	if err != nil {
		c.foreign = &foreign{reason: err}
		return c, nil
	}
	c.compileAs(config)
	return c, nil
}

// A cloner makes new layers, one for each, however many places it has.
type cloner struct {
	parts map[layers.Part]layers.Part
}

// model makes a model of new layers.
func (c *cloner) model(m *Model) (*Model, error) {
	made := map[layers.Part]layers.Part{}
	for _, p := range m.Layers() {
		q, err := c.part(p)
		if err != nil {
			return nil, errors.WithMessagef(err, "layer %s", m.names[p])
		}
		made[p] = q
	}
	var n *Model
	if m.stack != nil {
		n = c.stack(m)
	} else {
		n = c.graph(m)
	}
	if n.err != nil {
		return nil, n.err
	}
	n.Name, n.Trainable, n.frozen, n.Preparation = m.Name, m.Trainable, m.frozen, m.Preparation
	n.names, n.ownName = map[layers.Part]string{}, m.ownName
	for p, name := range m.names {
		if q := c.parts[p]; q != nil {
			n.names[q] = name
		}
	}
	n.children = n.listChildren()
	for i, v := range m.order {
		n.order[i].name, n.order[i].named = v.name, v.named
		for _, a := range n.order[i].calls {
			a.owner.Store(n)
		}
	}
	return n, nil
}

func (c *cloner) stack(m *Model) *Model {
	var stack []layers.Layer
	if m.input != nil {
		c.parts[m.input] = cloneInput(m.input)
		stack = append(stack, c.parts[m.input].(layers.Layer))
	}
	for _, l := range m.stack {
		stack = append(stack, c.parts[l].(layers.Layer))
	}
	return Sequential(stack...)
}

func (c *cloner) graph(m *Model) *Model {
	inputs := map[any]ops.Tensor{}
	var in []ops.Tensor
	for _, t := range m.inputs {
		again := inputOf(c.parts[t.What().(*layers.Input)].(*layers.Input))
		inputs[t.What()] = again
		in = append(in, again)
	}
	return NewModel(in, ops.Replay(m.outputs, func(what any, xs []ops.Tensor) []ops.Tensor {
		if o, ok := what.(*operated); ok {
			return o.again(xs)
		}
		a, ok := what.(*application)
		if !ok {
			return []ops.Tensor{inputs[what]}
		}
		return record(&application{part: c.parts[a.part], how: a.how, masks: a.masks, places: a.places, number: a.number}, xs...)
	}))
}

func cloneInput(in *layers.Input) *layers.Input {
	return &layers.Input{Base: layers.Base{Name: in.Name}, Shape: in.Shape, DType: in.DType, BatchSize: in.BatchSize}
}

// part makes a new layer, once.
func (c *cloner) part(p layers.Part) (layers.Part, error) {
	if q := c.parts[p]; q != nil {
		return q, nil
	}
	var q layers.Part
	var err error
	switch p := p.(type) {
	case *Model:
		q, err = c.model(p)
	case *layers.Input:
		q = cloneInput(p)
	default:
		q, err = cloneLayer(p)
	}
	if err != nil {
		return nil, err
	}
	c.parts[p] = q
	return q, nil
}

// cloneLayer makes a layer of the same configuration, as it would be read from a file.
func cloneLayer(p layers.Part) (layers.Part, error) {
	config, err := saving.ToConfig(p)
	if err != nil {
		return nil, err
	}
	if config, err = throughText(config); err != nil {
		return nil, err
	}
	v, err := saving.FromConfig(config)
	if err != nil {
		return nil, err
	}
	q, ok := v.(layers.Part)
	if !ok {
		return nil, errors.Errorf("%T is no layer", v)
	}
	flags, err := saving.CallArguments(p)
	if err != nil {
		return nil, err
	}
	if err := saving.SetCallArguments(q, flags); err != nil {
		return nil, err
	}
	base := layers.BaseOf(q)
	base.Name, base.Trainable = layers.BaseOf(p).Name, layers.BaseOf(p).Trainable
	if keeper, ok := p.(layers.AssetKeeper); ok {
		if files := keeper.Assets(); len(files) > 0 {
			if err := q.(layers.AssetKeeper).SetAssets(files); err != nil {
				return nil, err
			}
		}
	}
	if keeper, ok := p.(layers.StateKeeper); ok {
		if arrays := keeper.OwnState(); len(arrays) > 0 {
			if err := q.(layers.StateKeeper).SetOwnState(arrays); err != nil {
				return nil, err
			}
		}
	}
	return q, nil
}

// throughText is an object of Keras's JSON as it is when it has been written and read.
func throughText(o map[string]any) (map[string]any, error) {
	text, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var again map[string]any
	err = d.Decode(&again)
	return again, err
}
