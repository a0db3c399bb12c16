package keras

import (
	"reflect"
	"slices"
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

	stack    []layers.Layer // of a Sequential, without its Input
	input    *layers.Input  // of a Sequential that starts with one
	inputs   []ops.Tensor   // of a graph
	outputs  []ops.Tensor
	order    []*vertex    // of a graph: its layers and operations in Keras's order
	schedule []ops.Tensor // of a graph: results of its layers' calls, in the order of computing them
	err      error        // of making it, returned by whatever needs the model
	frozen   bool         // by SetTrainable, which tells the layers within; Trainable counts for all that is within

	names       map[layers.Part]string
	children    []layers.Child // listed once the names are there; each application of a layer looks for it among them
	ownName     string         // where it has no other
	chain       *chain         // the graph of a Sequential; nil: not asked for yet
	clones      atomic.Uint64
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
		if _, ok := l.(*layers.Input); ok && !isNil(l) {
			m.err = errors.Errorf("layer %d is an Input: expected it as the first layer only", i)
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

// NewModel is the graph of layers and operations that leads from inputs to outputs. Inputs are made by [Input], or results of layers, in
// whose place the model gets inputs of their own. Tensors of another model ([Model.Inputs], [Model.LayerOutput], [Model.Outputs]) make a
// model that shares layers and weights with it: what one learns the other knows. Each model has a lock of its own, so that while one is
// trained, another that shares its layers is for callbacks and for after the training; what runs beside needs a [Model.Clone].
func NewModel(inputs, outputs []ops.Tensor) *Model {
	m := &Model{}
	m.programs.Store(newPrograms())
	if m.inputs, m.outputs, m.err = startAt(inputs, outputs); m.err != nil {
		return m
	}
	m.order, m.schedule, m.err = kerasOrder(m.inputs, m.outputs)
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
	if err := m.fault(); err != nil {
		return []ops.Tensor{b.Errorf("%s", err)}
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
	results := ops.Replay(slices.Concat(m.schedule, m.outputs), func(what any, in []ops.Tensor) []ops.Tensor {
		switch w := what.(type) {
		case *application:
			return w.call(b, in)
		case *operated:
			return w.call(in)
		}
		if x, ok := given[what]; ok {
			return []ops.Tensor{x}
		}
		return []ops.Tensor{b.Errorf("the graph is disconnected: an input is not among the model's")}
	})
	return results[len(m.schedule):]
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

// Children implements [layers.Container].
func (m *Model) Children() []layers.Child {
	if m.children == nil {
		return m.listChildren()
	}
	return m.children
}

func (m *Model) listChildren() []layers.Child {
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
