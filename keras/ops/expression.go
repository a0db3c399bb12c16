package ops

import (
	"fmt"
	"hash"
	"hash/fnv"
	"io"
	"runtime/debug"

	"github.com/chewxy/hm"
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A slot is the place of one value in a program. Its memory is planned when the order of all steps is known.
type slot struct {
	spec        Spec
	owner       *slot // whose memory it shares; itself if nobody's
	buf         buffer
	header      *tensor.Dense
	first, last int // the steps that write it and read it last
	placed      bool
	keep        bool // read from outside after a run
}

func newSlot(spec Spec) *slot {
	s := &slot{spec: spec}
	s.owner = s
	return s
}

// A step is one operation of a program.
type step struct {
	op   operation
	path string
	in   []*slot
	out  []*slot
	run  func() error
}

// An expression is how a step, or the reading of one of its results, appears in Gorgonia's graph: as an operation that owns its
// output. Its value is handed out as it is; Gorgonia neither allocates nor copies.
type expression struct {
	label  string
	id     string // unique in the graph: Gorgonia merges nodes by a hash of it
	in     []hm.Type
	out    hm.Type
	shape  tensor.Shape
	step   *step // nil: only hands on a value
	result *slot
	active func() []bool
	sym    func(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error)
	scalar gorgonia.Value // the value where it is a scalar of Gorgonia's
	trace  *[]*step       // set during the rehearsal: notes the step instead of running it
}

var _ gorgonia.SDOp = (*expression)(nil)

func (e *expression) Arity() int { return len(e.in) }

// Type builds a new type at every call: Gorgonia returns it to a pool.
func (e *expression) Type() hm.Type {
	ts := make([]hm.Type, 0, len(e.in)+1)
	return hm.NewFnType(append(append(ts, e.in...), e.out)...)
}

func (e *expression) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) {
	return e.shape.Clone(), nil
}
func (e *expression) ReturnsPtr() bool      { return true }
func (e *expression) CallsExtern() bool     { return false }
func (e *expression) OverwritesInput() int  { return -1 }
func (e *expression) WriteHash(h hash.Hash) { _, _ = io.WriteString(h, e.id) }
func (e *expression) String() string        { return e.label }
func (e *expression) DiffWRT(int) []bool    { return e.active() }

func (e *expression) Hashcode() uint32 {
	h := fnv.New32a()
	e.WriteHash(h)
	return h.Sum32()
}

func (e *expression) SymDiff(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	return e.sym(in, out, grad)
}

// Do runs the step.
func (e *expression) Do(...gorgonia.Value) (gorgonia.Value, error) {
	if e.step == nil {
		return e.value(), nil
	}
	if e.trace != nil {
		*e.trace = append(*e.trace, e.step)
		return e.value(), nil
	}
	if err := e.step.do(); err != nil {
		return nil, &stepError{err}
	}
	return e.value(), nil
}

// do runs a step. A panic in it becomes an error: under Gorgonia's machine it would end the process.
func (s *step) do() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = located(s.path, s.op.name(), errors.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	if err := s.run(); err != nil {
		return located(s.path, s.op.name(), err)
	}
	return nil
}

func (e *expression) value() gorgonia.Value {
	if e.scalar != nil {
		return e.scalar
	}
	if e.result.header != nil {
		return e.result.header
	}
	return rehearsal
}

// rehearsal stands for values that have no memory yet.
var rehearsal gorgonia.Value = gorgonia.NewF32(0)

// A stepError is an error of ours on its way through Gorgonia, which wraps it in words about its own instructions.
type stepError struct{ error }

func typeOf(spec Spec, float DType) hm.Type {
	return gorgonia.TensorType{Dims: len(machineShape(spec.Shape)), Of: machineType(spec.DType, float).tensor()}
}

// machineShape is a shape as Gorgonia sees it: scalars are vectors of one element, so that only the loss is a scalar of its.
func machineShape(shape []int) tensor.Shape {
	if len(shape) == 0 {
		return tensor.Shape{1}
	}
	return append(tensor.Shape{}, shape...)
}

func machineType(d, float DType) DType {
	if d == Float32 {
		return float
	}
	return d
}

// newHeader is an array header over a buffer.
func newHeader(b buffer, float DType) *tensor.Dense {
	shape := tensor.WithShape(machineShape(b.Shape)...)
	switch machineType(b.DType, float) {
	case Float64:
		return tensor.New(shape, tensor.WithBacking(b.f64))
	case Int32:
		return tensor.New(shape, tensor.WithBacking(b.i32))
	case Bool:
		return tensor.New(shape, tensor.WithBacking(b.bool))
	case String:
		return tensor.New(shape, tensor.WithBacking(b.text))
	default:
		return tensor.New(shape, tensor.WithBacking(b.f32))
	}
}

// uniqueID is a variable so that a test can let two nodes have the same hash.
var uniqueID = func(salt, serial int, name string) string {
	return fmt.Sprintf("%d/%d/%s", salt, serial, name)
}
