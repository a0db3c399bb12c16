package keras

import (
	"math/rand/v2"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// inputSpecs is what goes into the model, where that is known before data is.
func (m *Model) inputSpecs() ([]ops.Spec, error) {
	if err := m.fault(); err != nil {
		return nil, errors.Wrap(err, "keras")
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
	if err := m.fault(); err != nil {
		return nil, nil, errors.Wrap(err, "keras")
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
	seen := map[*layers.Weight]bool{}
	layers.Walk(m, func(p layers.Part) {
		all := layers.WithShared(p, kept)
		for _, fixed := range []bool{false, true} {
			for _, w := range all {
				if w.Spec.NonTrainable == fixed && !seen[w] {
					seen[w] = true
					ws = append(ws, w)
				}
			}
		}
	})
	return ws
}

// TrainableWeights are the weights that training changes: not those of frozen layers, nor moving averages.
func (m *Model) TrainableWeights() []*layers.Weight { return trainable(m) }
