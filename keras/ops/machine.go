package ops

import (
	"reflect"
	"sync"
	"unsafe"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// building guards Gorgonia's package state: graphs are built, differentiated and compiled one at a time.
var building sync.Mutex

// A machine runs a compiled graph.
type machine struct {
	run          func() error
	instructions int
}

// newMachine compiles what outputs need. Gorgonia's own way to run a program starts a goroutine locked to a thread for each run;
// the machine's Run method does the same work in the caller's goroutine, at a quarter of the cost, but wants the program's
// instructions, which are not exported. They are read by reflection where that works.
func newMachine(g *gorgonia.ExprGraph, outputs gorgonia.Nodes, direct bool) (m *machine, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.Errorf("Gorgonia cannot compile the graph: %v", p)
		}
	}()
	// Gorgonia wants to be told of at least one input that is used.
	inputs := g.ExactSubgraphRoots(outputs...).Inputs()[:1]
	prog, locations, err := gorgonia.CompileFunction(g, inputs, outputs)
	if err != nil {
		return nil, errors.Wrap(err, "compile the graph")
	}
	vm := gorgonia.NewTapeMachine(g, gorgonia.WithPrecompiled(prog, locations))
	if direct {
		field := reflect.ValueOf(prog).Elem().FieldByName("instructions")
		if run := bindRun(vm.Run, field); run != nil {
			return &machine{run: run, instructions: field.Len()}, nil
		}
	}
	return &machine{run: func() error {
		defer vm.Reset()
		return vm.RunAll()
	}}, nil
}

// bindRun is run with the instructions in field; nil where field is not what run takes.
func bindRun[F any](run func(F) error, field reflect.Value) func() error {
	if !field.IsValid() || !field.CanAddr() || field.Type() != reflect.TypeFor[F]() {
		return nil
	}
	fragment := *(*F)(unsafe.Pointer(field.UnsafeAddr()))
	return func() error { return run(fragment) }
}

// runsDirectly reports whether running a program by its instructions gives what Gorgonia's own way gives; it is tried once, on a
// graph of two nodes.
var runsDirectly = sync.OnceValue(func() bool {
	g := gorgonia.NewGraph()
	ran := 0
	x := gorgonia.NewTensor(g, tensor.Float32, 1, gorgonia.WithShape(1), gorgonia.WithName("x"),
		gorgonia.WithValue(tensor.New(tensor.WithShape(1), tensor.Of(tensor.Float32))))
	s := newSlot(floats(1))
	s.buf = buffer{Spec: s.spec, f32: make([]float32, 1)}
	s.header = newHeader(s.buf, Float32)
	e := &expression{
		label: "probe", id: "probe", result: s, out: typeOf(s.spec, Float32), shape: tensor.Shape{1},
		active: func() []bool { return []bool{false} },
	}
	e.in = append(e.in, x.Type())
	e.step = &step{op: inner{}, run: func() error { ran++; return nil }}
	y, err := gorgonia.ApplyOp(e, x)
	if err != nil {
		return false
	}
	m, err := newMachine(g, gorgonia.Nodes{y}, true)
	return err == nil && m.instructions > 0 && m.run() == nil && m.run() == nil && ran == 2
})
