package keras

import (
	"strings"

	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// assignNames names the layers that have no name after their types, numbered in the order of layers, as Keras does in a new session.
func (m *Model) assignNames(counts map[string]int) {
	m.building.Lock()
	defer m.building.Unlock()
	if m.names != nil {
		return
	}
	m.names = map[layers.Part]string{}
	given := m.givenNames()
	if m.input != nil {
		m.names[m.input] = autoName(m.input, "InputLayer", counts)
	}
	for _, p := range m.Layers() {
		if p == nil || m.names[p] != "" {
			continue
		}
		if name := given.of[p]; name != "" {
			m.names[p] = name
			continue
		}
		class := layers.ClassName(p)
		if inner, ok := p.(*Model); ok {
			class = inner.className()
			inner.assignNames(counts)
		}
		if _, ok := p.(*layers.Input); ok {
			class = "InputLayer"
		}
		name := autoName(p, class, counts)
		for given.taken[name] && layers.BaseOf(p).Name == "" {
			name = autoName(p, class, counts)
		}
		m.names[p] = name
	}
	m.nameOperations()
	m.ownName = numbered(layers.SnakeCase(m.className()), counts)
	m.children = m.listChildren()
	for _, v := range m.order {
		for _, a := range v.calls {
			a.owner.CompareAndSwap(nil, m)
		}
	}
}

// nameOperations names the operations of a graph, which files tell from each other and from layers by their names.
func (m *Model) nameOperations() {
	used := map[string]bool{}
	for _, name := range m.names {
		used[name] = true
	}
	for _, v := range m.order {
		used[v.name] = used[v.name] || v.named
	}
	for _, v := range m.order {
		if v.part() != nil || v.named {
			continue
		}
		name := v.name
		for n := 1; used[name]; n++ {
			name = v.name + "_" + itoa(n)
		}
		used[name] = true
		v.name = name
	}
}

func autoName(p layers.Part, class string, counts map[string]int) string {
	if name := layers.BaseOf(p).Name; name != "" {
		return name
	}
	name := layers.SnakeCase(class)
	defer func() { counts[name]++ }()
	return numbered(name, counts)
}

func numbered(name string, counts map[string]int) string {
	if n := counts[name]; n > 0 {
		return name + "_" + itoa(n)
	}
	return name
}

// duplicateName is an error where two layers of the model have one name, or one has a name that Keras refuses.
func (m *Model) duplicateName() error {
	if strings.Contains(m.Name, "/") {
		return errors.Errorf("the model's name is %q: expected one without a slash", m.Name)
	}
	seen := map[string]layers.Part{}
	for _, p := range m.Layers() {
		if p == nil {
			return errors.New("a layer is nil")
		}
		name := m.names[p]
		if strings.Contains(name, "/") {
			return errors.Errorf("a layer is named %q: expected a name without a slash", name)
		}
		if other, ok := seen[name]; ok && other != p {
			return errors.Errorf("two layers are named %q; names must be unique in a model", name)
		}
		seen[name] = p
	}
	return nil
}
