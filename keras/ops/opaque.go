package ops

import "github.com/pkg/errors"

// An opaque line of a record stands for something that only its owner can record anew, such as the application of a layer in a model's
// graph.
type opaque struct {
	label string
	what  any
	out   []Spec
}

func (o *opaque) name() string                 { return o.label }
func (o *opaque) infer([]Spec) ([]Spec, error) { return o.out, nil }
func (o *opaque) bind(*binding) func() error   { return nil }
func (o *opaque) readsText()                   {}

// Opaque records something that cannot be compiled, only recorded anew by [Replay]: what is for its owner to know, out are its results.
func Opaque(what any, label string, out []Spec, in ...Tensor) []Tensor {
	return applyAll(&opaque{label, what, out}, in...)
}

// What is what [Opaque] was given; nil for all other tensors.
func (t Tensor) What() any {
	if t.node == nil {
		return nil
	}
	if o, ok := t.node.op.(*opaque); ok {
		return o.what
	}
	return nil
}

// A renewed operation is used by its address, and needs another one when it is recorded anew.
type renewed interface {
	renew() operation
}

// Replay records again what outputs are computed from. record records anew what [Opaque] stands for, given its inputs; inputs of a
// graph are opaque too, without inputs.
func Replay(outputs []Tensor, record func(what any, in []Tensor) []Tensor) []Tensor {
	made := map[*node][]Tensor{}
	current := func(t Tensor) Tensor {
		r := made[t.node]
		if t.index >= len(r) {
			return Fail(t.path, errors.Errorf("%s: result %d is missing", t.node.op.name(), t.index))
		}
		return r[t.index]
	}
	for _, n := range order(outputs, func(*node) bool { return false }) {
		if n.err != nil {
			made[n] = []Tensor{{node: n}}
			continue
		}
		in := make([]Tensor, len(n.in))
		for i, t := range n.in {
			in[i] = current(t)
		}
		switch op := n.op.(type) {
		case *opaque:
			made[n] = record(op.what, in)
		case leaf:
			made[n] = n.results("")
		case renewed:
			made[n] = applyAll(op.renew(), in...)
		default:
			made[n] = applyAll(n.op, in...)
		}
	}
	out := make([]Tensor, len(outputs))
	for i, t := range outputs {
		out[i] = t
		if t.Err() == nil {
			out[i] = current(t)
		}
	}
	return out
}

// A Line is one line of a record, as a model's graph is drawn and saved by.
type Line struct {
	Name    string // the operation's name
	What    any    // of an Opaque line
	Inputs  []Origin
	Results []Spec
	// Arguments are the operation's other arguments by Keras's names; nil where it has others than are told here.
	Arguments map[string]any
	Number    any // the float64, int32 or bool of a constant without axes
}

// An Origin says which line made a tensor, and as which of its results.
type Origin struct{ Line, Result int }

// Lines are the lines of the record that outputs are computed from, inputs before what reads them, and where the outputs come from.
func Lines(outputs []Tensor) ([]Line, []Origin) {
	at := map[*node]int{}
	var lines []Line
	origins := func(ts []Tensor) []Origin {
		os := make([]Origin, len(ts))
		for i, t := range ts {
			os[i] = Origin{at[t.node], t.index}
		}
		return os
	}
	for _, n := range order(outputs, func(*node) bool { return false }) {
		at[n] = len(lines)
		l := Line{Inputs: origins(n.in), Results: n.out}
		if n.op != nil {
			l.Name = n.op.name()
			l.Arguments, l.Number = arguments(n.op), scalarConstant(n.op)
		}
		if o, ok := n.op.(*opaque); ok {
			l.What = o.what
		}
		lines = append(lines, l)
	}
	return lines, origins(outputs)
}
