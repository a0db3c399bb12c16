package keras

import (
	"math/rand/v2"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// inputSpecs is what goes into the model, where that is known before data is.
func (m *Model) inputSpecs() ([]ops.Spec, error) {
	if m.err != nil {
		return nil, errors.Wrap(m.err, "keras")
	}
	if m.built != nil {
		return m.built, nil
	}
	if m.stack == nil {
		specs := make([]ops.Spec, len(m.inputs))
		for i, t := range m.inputs {
			specs[i] = t.Spec()
		}
		return specs, nil
	}
	if m.input != nil {
		s, err := m.input.Spec()
		return []ops.Spec{s}, errors.Wrap(err, "keras")
	}
	if inner, ok := m.stack[0].(*Model); ok {
		return inner.inputSpecs()
	}
	return nil, nil
}

// trace runs the layers once over inputs of unknown batch size.
func (m *Model) trace(specs []ops.Spec) (*layers.Trace, []ops.Tensor, error) {
	if m.err != nil {
		return nil, nil, errors.Wrap(m.err, "keras")
	}
	m.assignNames(map[string]int{})
	if err := m.duplicateName(); err != nil {
		return nil, nil, errors.Wrap(err, "keras: build")
	}
	t := &layers.Trace{}
	in := make([]ops.Tensor, len(specs))
	for i, s := range specs {
		in[i] = ops.Placeholder("input", s.DType, s.Shape...)
	}
	out := m.CallAll(layers.NewBuilder(t, m, "", false), in...)
	return t, out, errors.Wrap(firstError(t, out), "keras: build")
}

// build gives all layers their weights. specs are the inputs; the size of the batch does not count.
func (m *Model) build(specs []ops.Spec) error {
	if m.built != nil {
		return nil
	}
	t, _, err := m.trace(specs)
	if err != nil {
		return err
	}
	if m.seed == 0 {
		m.seed = rand.Uint64() | 1
	}
	if err := t.Commit(m.seed); err != nil {
		return errors.Wrap(err, "keras: build")
	}
	m.built = specs
	if m.compilation.Load() != nil {
		m.compilation.Load().trained = trainable(m)
	}
	return nil
}

// Seed is what all random numbers of the model come from: CompileOptions.Seed, or the one that was chosen for it. It is 0 before the
// model is built.
func (m *Model) Seed() uint64 {
	m.weights.RLock()
	defer m.weights.RUnlock()
	return m.seed
}

// Weights are all weights of the model, layer by layer, trained ones first within a layer, as in Keras's files.
func (m *Model) Weights() []*layers.Weight {
	var ws []*layers.Weight
	layers.Walk(m, func(p layers.Part) {
		var frozen []*layers.Weight
		for _, w := range layers.BaseOf(p).Weights() {
			if w.Spec.NonTrainable {
				frozen = append(frozen, w)
				continue
			}
			ws = append(ws, w)
		}
		ws = append(ws, frozen...)
	})
	return ws
}

// TrainableWeights are the weights that training changes: not those of frozen layers, nor moving averages.
func (m *Model) TrainableWeights() []*layers.Weight { return trainable(m) }

// trainable lists the weights of a layer and those within it that an optimizer changes.
func trainable(parts ...layers.Part) []*layers.Weight {
	var ws []*layers.Weight
	seen := map[layers.Part]bool{}
	var walk func(p layers.Part)
	walk = func(p layers.Part) {
		base := layers.BaseOf(p)
		if seen[p] || base.Trainable != nil && !*base.Trainable {
			return
		}
		seen[p] = true
		for _, w := range base.Weights() {
			if !w.Spec.NonTrainable {
				ws = append(ws, w)
			}
		}
		for _, c := range layers.Children(p) {
			walk(c.Part)
		}
	}
	for _, p := range parts {
		walk(p)
	}
	return ws
}
