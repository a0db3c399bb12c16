package ops

import (
	"sync"

	"github.com/gokeras/gokeras/internal/array"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A leaf is a node without inputs: a placeholder, a variable or a constant.
type leaf interface {
	operation
	leaf()
}

type placeholder struct {
	label string
	spec  Spec
}

func (p *placeholder) name() string                 { return p.label }
func (p *placeholder) infer([]Spec) ([]Spec, error) { return []Spec{p.spec}, nil }
func (p *placeholder) bind(*binding) func() error   { return nil }
func (p *placeholder) leaf()                        {}

// Placeholder is an input of a program: its numbers are written into [Program.Inputs] before each run.
func Placeholder(name string, dtype DType, shape ...int) Tensor {
	return apply(&placeholder{label: name, spec: Spec{Shape: shape, DType: dtype}})
}

// A Variable is a named array that outlives programs, such as a weight: programs read it, and an optimizer or
// [Options.Updates] changes it. All programs share its memory.
type Variable struct {
	name  string
	spec  Spec
	node  *node
	once  sync.Once
	value *tensor.Dense
}

// NewVariable declares a variable. It takes no memory before [Variable.Allocate].
func NewVariable(name string, dtype DType, shape ...int) (*Variable, error) {
	v := &Variable{name: name, spec: Spec{Shape: shape, DType: dtype}}
	if err := checkSizes([]Spec{v.spec}); err != nil || !known(shape) {
		return nil, errors.Errorf("variable %s: shape %v: every axis must have a known, positive size", name, shape)
	}
	if tooLarge(shape) {
		return nil, errors.Errorf("variable %s: shape %v has more than %d elements", name, shape, maxElements)
	}
	v.node = &node{op: &variable{v}, out: []Spec{v.spec}}
	return v, nil
}

// maxElements bounds a variable: 64 GiB of floats.
const maxElements int64 = 1 << 34

func tooLarge(shape []int) bool {
	n := int64(1)
	for _, d := range shape {
		if int64(d) > maxElements/n {
			return true
		}
		n *= int64(d)
	}
	return false
}

// Allocate takes the variable's memory, set to zero, if it has none yet.
func (v *Variable) Allocate() {
	v.once.Do(func() {
		shape := v.spec.Shape
		if len(shape) == 0 {
			shape = []int{1}
		}
		v.value = tensor.New(tensor.Of(v.spec.DType.tensor()), tensor.WithShape(shape...))
	})
}

// Name is the variable's name.
func (v *Variable) Name() string { return v.name }

// Shape is the variable's shape.
func (v *Variable) Shape() []int { return v.spec.Shape }

// DType is the variable's element type.
func (v *Variable) DType() DType { return v.spec.DType }

// Value is the variable's memory itself, not a copy; nil before [Variable.Allocate]. A scalar has shape (1).
func (v *Variable) Value() *tensor.Dense { return v.value }

// Float32s is the memory of a float variable; nil before [Variable.Allocate].
func (v *Variable) Float32s() []float32 {
	if v.value == nil || v.spec.DType != Float32 {
		return nil
	}
	return v.value.Float32s()
}

// Tensor is the variable's value in a record.
func (v *Variable) Tensor() Tensor { return Tensor{node: v.node} }

type variable struct{ v *Variable }

func (o *variable) name() string                 { return o.v.name }
func (o *variable) infer([]Spec) ([]Spec, error) { return []Spec{o.v.spec}, nil }
func (o *variable) bind(*binding) func() error   { return nil }
func (o *variable) leaf()                        {}

// A constant is an array that is part of the record.
type constant struct {
	spec Spec
	f64  []float64
	i32  []int32
	bool []bool
}

func (o *constant) name() string                 { return "constant" }
func (o *constant) infer([]Spec) ([]Spec, error) { return []Spec{o.spec}, nil }
func (o *constant) bind(*binding) func() error   { return nil }
func (o *constant) leaf()                        {}

// Scalar is a float constant without axes.
func Scalar(v float64) Tensor {
	return apply(&constant{spec: floats(), f64: []float64{v}})
}

// Int is an int32 constant without axes.
func Int(v int32) Tensor {
	return apply(&constant{spec: Spec{DType: Int32}, i32: []int32{v}})
}

// Array is a constant that holds a copy of a: floats of any width become the program's floats, integers int32.
func Array(a *tensor.Dense) Tensor {
	c, err := constantOf(a)
	if err != nil {
		return Fail("", errors.Wrap(err, "Array"))
	}
	return apply(c)
}

func constantOf(a *tensor.Dense) (*constant, error) {
	if a == nil || a.DataSize() == 0 {
		return nil, errors.New("expected an array with at least one element, got none")
	}
	a, err := array.RowMajor(a)
	if err != nil {
		return nil, err
	}
	shape := append([]int{}, a.Shape()...)
	c := &constant{spec: floats(shape...)}
	switch v := values(a).(type) {
	case []float32:
		c.f64 = widen(v)
	case []float64:
		c.f64 = append([]float64{}, v...)
	case []bool:
		c.spec.DType, c.bool = Bool, append([]bool{}, v...)
	default:
		i, err := Int32s(a)
		if err != nil {
			return nil, err
		}
		c.spec.DType, c.i32 = Int32, i
	}
	return c, nil
}

// values is the backing slice of an array, also where it holds one element.
func values(a *tensor.Dense) any {
	switch a.Dtype() {
	case tensor.Float32:
		return a.Float32s()
	case tensor.Float64:
		return a.Float64s()
	case tensor.Bool:
		return a.Bools()
	default:
		return a.Data()
	}
}

func widen(v []float32) []float64 {
	w := make([]float64, len(v))
	for i, x := range v {
		w[i] = float64(x)
	}
	return w
}

// Ints is an int32 constant with one axis.
func Ints(v ...int32) Tensor {
	return apply(&constant{spec: Spec{[]int{len(v)}, Int32}, i32: v})
}
