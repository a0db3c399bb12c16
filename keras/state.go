package keras

import (
	"path"

	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
)

// A stateGroup is a group of arrays in a weights file, those of a layer or of a part of one.
type stateGroup struct {
	path    string      // of the group that holds "vars"
	name    string      // Keras's name for the object, an attribute of the group
	layer   string      // its layer in errors: "encoder/dense (Dense)"
	part    layers.Part // whose first group it is; nil for those of its parts
	weights []*layers.Weight
	// Keras keeps random streams out of its files, and passes over those that it finds there.
	optional bool
}

// A stateWalk lists the groups of a model's weights file by Keras's rules: a layer of a model lies under its class and number, an inner
// layer under the attribute that holds it, and what is reached twice where it is reached first.
type stateWalk struct {
	own    func(layers.Part) []*layers.Weight
	seen   map[layers.Part]bool
	groups []stateGroup
}

// stateGroups lists the groups of the model. own are a layer's own weights.
func (m *Model) stateGroups(own func(layers.Part) []*layers.Weight) []stateGroup {
	w := &stateWalk{own: own, seen: map[layers.Part]bool{}}
	w.walk(m, "", m.ModelName(), "")
	return w.groups
}

// kept are the weights that a layer has.
func kept(p layers.Part) []*layers.Weight { return layers.BaseOf(p).Weights() }

// walk lists the groups of a layer that lies at a path.
func (w *stateWalk) walk(p layers.Part, at, name, where string) {
	if w.seen[p] {
		return
	}
	w.seen[p] = true
	class := kerasClass(p)
	label := name + " (" + class + ")"
	if where != "" {
		label = where + "/" + label
	}
	w.add(p, at, name, label, class)
	inside := where
	if at != "" {
		inside = path.Join(where, name)
	}
	if m, ok := p.(*Model); ok {
		w.walkModel(m, at, inside)
		return
	}
	numbers := map[string]*numbering{}
	for _, c := range layers.Children(p) {
		place := path.Join(at, c.Attr)
		if c.Listed {
			if numbers[c.Attr] == nil {
				numbers[c.Attr] = &numbering{}
			}
			place = path.Join(place, numbers[c.Attr].next(kerasClass(c.Part)))
		}
		w.walk(c.Part, place, c.Name, inside)
	}
}

func (w *stateWalk) walkModel(m *Model, at, where string) {
	var n numbering
	listed := map[layers.Part]bool{}
	for _, p := range m.Layers() {
		if listed[p] {
			continue
		}
		listed[p] = true
		w.walk(p, path.Join(at, "layers", n.next(kerasClass(p))), m.names[p], where)
	}
}

// add lists a layer's own groups: its weights, and those of its parts that are no layers, such as a cell.
func (w *stateWalk) add(p layers.Part, at, name, label, class string) {
	var parts []string
	by := map[string][]*layers.Weight{}
	for _, fixed := range []bool{false, true} { // trained ones come first
		for _, x := range layers.WithShared(p, w.own) {
			if x.Spec.NonTrainable != fixed {
				continue
			}
			if g := x.Group(); g != "" && by[g] == nil {
				parts = append(parts, g)
			}
			by[x.Group()] = append(by[x.Group()], x)
		}
	}
	w.groups = append(w.groups, stateGroup{path: at, name: name, layer: label, part: p, weights: by[""]})
	for _, g := range parts {
		random := path.Base(g) == seedGenerator
		partName := layers.SnakeCase(class) + "_" + path.Base(g)
		if random {
			partName = seedGenerator
		}
		w.groups = append(w.groups, stateGroup{path: path.Join(at, g), name: partName, layer: label, weights: by[g], optional: random})
	}
}

// seedGenerator is the part of a layer that holds its random stream.
const seedGenerator = "seed_generator"

// numbering numbers the members of a list by their classes: dense, dense_1.
type numbering map[string]int

func (n *numbering) next(class string) string {
	if *n == nil {
		*n = numbering{}
	}
	name := layers.SnakeCase(class)
	k := (*n)[name]
	(*n)[name]++
	if k == 0 {
		return name
	}
	return name + "_" + itoa(k)
}

// kerasClass is Keras's class of a layer.
func kerasClass(p layers.Part) string {
	if m, ok := p.(*Model); ok {
		return m.className()
	}
	if name, ok := saving.ClassName(p); ok {
		return name
	}
	return layers.ClassName(p)
}
