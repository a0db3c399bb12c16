package keras

import "github.com/gokeras/gokeras/layers"

// SetTrainable freezes the model and all layers within it, or thaws them. It counts from the next Compile on: of this model, and of those that
// have it, or some of its layers, within them. As in Keras, a layer within that is thawed afterwards is trained where the model is part of
// another one, while a model that is frozen itself trains nothing. The model's field Trainable, set by hand, freezes all that is
// within without telling it.
func (m *Model) SetTrainable(trainable bool) {
	m.Trainable, m.frozen = nil, !trainable
	for _, c := range m.Children() {
		setTrainable(c.Part, trainable)
	}
}

// setTrainable freezes a layer and those within it, as Keras does.
func setTrainable(p layers.Part, trainable bool) {
	if m, ok := p.(*Model); ok {
		m.SetTrainable(trainable)
		return
	}
	layers.BaseOf(p).SetTrainable(trainable)
	if !trainable {
		return // A frozen layer freezes those within, which so need no thawing when it is thawed itself.
	}
	for _, c := range layers.Children(p) {
		setTrainable(c.Part, true)
	}
}

// isFrozen reports whether a layer itself is frozen.
func isFrozen(p layers.Part) bool {
	if m, ok := p.(*Model); ok && m.frozen {
		return true
	}
	t := layers.BaseOf(p).Trainable
	return t != nil && !*t
}

// trainable lists the weights of layers and those within them that an optimizer changes.
func trainable(parts ...layers.Part) []*layers.Weight {
	var ws []*layers.Weight
	seen := map[*layers.Weight]bool{}
	for _, p := range parts {
		eachTrained(p, func(p layers.Part) {
			for _, w := range layers.WithShared(p, kept) {
				if !w.Spec.NonTrainable && !seen[w] {
					seen[w] = true
					ws = append(ws, w)
				}
			}
		})
	}
	return ws
}

// eachTrained calls f for a layer and those within it that are trained, each once. A model whose layers have been told that they are frozen
// decides for itself only; where its field says so, for all that is within.
func eachTrained(root layers.Part, f func(layers.Part)) {
	if isFrozen(root) {
		return
	}
	seen := map[layers.Part]bool{}
	var walk func(layers.Part)
	walk = func(p layers.Part) {
		t := layers.BaseOf(p).Trainable
		if seen[p] || t != nil && !*t {
			return
		}
		seen[p] = true
		f(p)
		for _, c := range layers.Children(p) {
			walk(c.Part)
		}
	}
	walk(root)
}
