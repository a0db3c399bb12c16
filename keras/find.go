package keras

import (
	"strings"

	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Layer finds a layer of the model by its name.
func (m *Model) Layer(name string) (layers.Part, error) {
	if err := m.fault(); err != nil {
		return nil, errors.Wrap(err, "keras")
	}
	m.assignNames(map[string]int{})
	var names []string
	for _, p := range m.Layers() {
		if m.names[p] == name {
			return p, nil
		}
		names = append(names, m.names[p])
	}
	return nil, errors.Errorf("keras: the model has no layer %q: expected one of %s", name, strings.Join(names, ", "))
}

// LayerAt is the layer with a number in [Model.Layers]; negative numbers count from the end, as in Python.
func (m *Model) LayerAt(i int) (layers.Part, error) {
	if err := m.fault(); err != nil {
		return nil, errors.Wrap(err, "keras")
	}
	ps := m.Layers()
	at := i
	if at < 0 {
		at += len(ps)
	}
	if at < 0 || at >= len(ps) {
		return nil, errors.Errorf("keras: the model has no layer %d: expected a number from %d to %d", i, -len(ps), len(ps)-1)
	}
	return ps[at], nil
}

// LayerName is the name that a layer has in the model; empty where it is not one of the model's layers.
func (m *Model) LayerName(p layers.Part) string {
	m.assignNames(map[string]int{})
	return m.names[p]
}

// GetWeights are copies of all weights in Keras's order, without random streams; none where the model is not built. It may be called
// while Fit runs, and gives the weights between two steps. For a single layer there is [layers.GetWeights].
func (m *Model) GetWeights() []*tensor.Dense {
	m.weights.RLock()
	defer m.weights.RUnlock()
	return layers.GetWeights(m)
}

// SetWeights sets all weights to copies of arrays of the same shapes, in the order of [Model.GetWeights]. Where one does not fit, nothing
// changes. While Fit runs it returns [ErrTraining]: callbacks have callbacks.WeightUpdater.
func (m *Model) SetWeights(ws []*tensor.Dense) error {
	if !m.training.CompareAndSwap(false, true) {
		return ErrTraining
	}
	defer m.training.Store(false)
	m.weights.Lock()
	defer m.weights.Unlock()
	return errors.Wrap(layers.SetWeights(m, ws), "keras: set weights")
}

// fault is the error of making the model.
func (m *Model) fault() error {
	if m.err == nil && m.stack == nil && m.outputs == nil {
		return errors.New("the model is empty: expected one made by Sequential, NewModel or Load, got a keras.Model without layers")
	}
	return m.err
}
