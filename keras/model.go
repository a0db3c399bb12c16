package keras

import (
	"reflect"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// A Model is a stack or a graph of layers. It is a layer itself, and can be part of other models.
type Model struct {
	layers.Base

	// Preparation is what data go through before they come to the model: a fitted preprocessing.Transformer, such as a scaler, or a
	// *preprocessing.Columns. Save and Load keep it in the model's file; applying it is the caller's. nil: none.
	Preparation any

	stack   []layers.Layer // of a Sequential, without its Input
	input   *layers.Input  // of a Sequential that starts with one
	inputs  []ops.Tensor   // of a graph
	outputs []ops.Tensor
	order   []*vertex // of a graph: its layers and operations in Keras's order
	err     error     // of making it, returned by whatever needs the model

	names       map[layers.Part]string
	ownName     string     // where it has no other
	built       []ops.Spec // the inputs that it was built for
	seed        uint64
	compilation atomic.Pointer[compiled] // nil: not compiled
	foreign     *foreign                 // of a loaded model that could not be compiled as its file says
	training    atomic.Bool
	weights     sync.RWMutex // held for writing while a step changes weights
	building    sync.Mutex
	saving      sync.Mutex
	drawing     sync.Mutex   // by Transform, one after the other
	fields      sync.RWMutex // of layers: held for reading while a program is made of them, for writing while a callback changes one
	programs    atomic.Pointer[programs]
}

// Sequential is a stack of layers, each fed by the one before. A model that does not start with [layers.Input] is built at its first
// batch.
func Sequential(stack ...layers.Layer) *Model {
	m := &Model{}
	m.programs.Store(newPrograms())
	for i, l := range stack {
		if in, ok := l.(*layers.Input); ok && i == 0 && in != nil {
			m.input = in
			continue
		}
		if isNil(l) {
			m.err = errors.Errorf("layer %d is nil", i)
			continue // Nothing can be asked of it.
		}
		m.stack = append(m.stack, l)
	}
	if len(m.stack) == 0 && m.err == nil {
		m.err = errors.New("a Sequential needs at least one layer")
	}
	return m
}

// isNil reports whether there is nothing, or a pointer to nothing, behind an interface.
func isNil(x any) bool {
	v := reflect.ValueOf(x)
	return !v.IsValid() || (v.Kind() == reflect.Pointer || v.Kind() == reflect.Func) && v.IsNil()
}

// NewModel is the graph of layers and operations that leads from inputs, made by [Input], to outputs.
func NewModel(inputs, outputs []ops.Tensor) *Model {
	m := &Model{inputs: inputs, outputs: outputs}
	m.programs.Store(newPrograms())
	m.order, m.err = kerasOrder(inputs, outputs)
	return m
}

// Call implements [layers.Layer], for models of one input and one output.
func (m *Model) Call(b *layers.Builder, x ops.Tensor) ops.Tensor {
	out := m.CallAll(b, x)
	if len(out) != 1 {
		return b.Errorf("the model has %d outputs: use ApplyAll", len(out))
	}
	return out[0]
}

// CallAll implements [layers.MultiLayer].
func (m *Model) CallAll(b *layers.Builder, xs ...ops.Tensor) []ops.Tensor {
	if m.err != nil {
		return []ops.Tensor{b.Errorf("%s", m.err)}
	}
	m.assignNames(map[string]int{})
	if m.stack != nil {
		if len(xs) != 1 {
			return []ops.Tensor{b.Errorf("a Sequential has one input, got %d", len(xs))}
		}
		x := xs[0]
		for _, l := range m.stack {
			x = b.Apply(l, x)
		}
		return []ops.Tensor{x}
	}
	return m.replay(b, xs)
}

func (m *Model) replay(b *layers.Builder, xs []ops.Tensor) []ops.Tensor {
	if len(xs) != len(m.inputs) {
		return []ops.Tensor{b.Errorf("the model has %d inputs, got %d", len(m.inputs), len(xs))}
	}
	given := map[any]ops.Tensor{}
	for i, in := range m.inputs {
		given[in.What()] = xs[i]
	}
	return ops.Replay(m.outputs, func(what any, in []ops.Tensor) []ops.Tensor {
		if a, ok := what.(*application); ok {
			return a.call(b, in)
		}
		if x, ok := given[what]; ok {
			return []ops.Tensor{x}
		}
		return []ops.Tensor{b.Errorf("the graph is disconnected: an input is not among the model's")}
	})
}

// SupportsMasking implements [layers.MaskSupporter]: what a model's output carries is its last layer's business.
func (m *Model) SupportsMasking() bool { return false }

// Layers are the model's layers in Keras's order, without inputs for a Sequential.
func (m *Model) Layers() []layers.Part {
	var ps []layers.Part
	for _, l := range m.stack {
		ps = append(ps, l)
	}
	for _, v := range m.order {
		if p := v.part(); p != nil {
			ps = append(ps, p)
		}
	}
	return ps
}

// Layer finds a layer of the model by its name.
func (m *Model) Layer(name string) (layers.Part, error) {
	m.assignNames(map[string]int{})
	for _, p := range m.Layers() {
		if m.names[p] == name {
			return p, nil
		}
	}
	return nil, errors.Errorf("keras: the model has no layer %q", name)
}

// Children implements [layers.Container].
func (m *Model) Children() []layers.Child {
	var cs []layers.Child
	seen := map[layers.Part]bool{}
	for _, p := range m.Layers() {
		if in, ok := p.(*layers.Input); ok && in != nil || seen[p] || p == nil {
			continue
		}
		seen[p] = true
		cs = append(cs, layers.Child{Name: m.names[p], Attr: "layers", Part: p, Listed: true})
	}
	return cs
}

// assignNames names the layers that have no name after their types, numbered in the order of layers, as Keras does in a new session.
func (m *Model) assignNames(counts map[string]int) {
	m.building.Lock()
	defer m.building.Unlock()
	if m.names != nil {
		return
	}
	m.names = map[layers.Part]string{}
	if m.input != nil {
		m.names[m.input] = autoName(m.input, "InputLayer", counts)
	}
	for _, p := range m.Layers() {
		if p == nil || m.names[p] != "" {
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
		m.names[p] = autoName(p, class, counts)
	}
	m.nameOperations()
	m.ownName = numbered(layers.SnakeCase(m.className()), counts)
}

// nameOperations names the operations of a graph, which files tell from each other and from layers by their names.
func (m *Model) nameOperations() {
	used := map[string]bool{}
	for _, name := range m.names {
		used[name] = true
	}
	for _, v := range m.order {
		if v.part() != nil {
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

// className is Keras's class for the model.
func (m *Model) className() string {
	if m.stack != nil {
		return "Sequential"
	}
	return "Functional"
}

// ModelName is the model's name in Keras's words; one that has none is numbered behind the models within it.
func (m *Model) ModelName() string {
	if m.Name != "" {
		return m.Name
	}
	m.assignNames(map[string]int{})
	return m.ownName
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
