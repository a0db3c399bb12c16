package keras

import "github.com/gokeras/gokeras/layers"

// SetSeed sets what the order of samples, and other random numbers that are not part of the weights, come from. A loaded model has a
// seed that was chosen for it.
func (m *Model) SetSeed(seed uint64) error {
	if !m.training.CompareAndSwap(false, true) {
		return ErrTraining
	}
	defer m.training.Store(false)
	m.weights.Lock()
	defer m.weights.Unlock()
	m.seed = seed
	return nil
}

// InputNames are the names of the model's inputs.
func (m *Model) InputNames() []string {
	m.assignNames(map[string]int{})
	if m.stack != nil {
		if m.input != nil {
			return []string{m.names[m.input]}
		}
		return []string{"input_layer"}
	}
	names := make([]string, len(m.inputs))
	for i, t := range m.inputs {
		if in, ok := t.What().(*layers.Input); ok {
			names[i] = m.names[in]
		}
	}
	return names
}

// OutputNames are the names of the layers that make the model's outputs.
func (m *Model) OutputNames() []string {
	m.assignNames(map[string]int{})
	return m.outputNames(max(1, len(m.outputs)))
}
