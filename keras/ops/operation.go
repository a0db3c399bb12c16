package ops

import (
	"unsafe"

	"github.com/gokeras/gokeras/internal/kernel"
)

// An operation is one kind of line in a record: a small struct that holds its attributes.
type operation interface {
	// name is the operation's name in keras.ops, as it appears in errors and pictures.
	name() string
	// infer checks the inputs and says what the results are. Sizes may be Unknown.
	infer(in []Spec) ([]Spec, error)
	// bind returns the function that computes the results. It is called once per program; all sizes are known then.
	bind(c *binding) func() error
}

// A differentiable operation knows its gradient, in terms of other operations.
type differentiable interface {
	operation
	// gradient returns, for each input, the gradient of the loss with respect to it; the zero Tensor where there is none.
	gradient(c *chain) []Tensor
}

// An aliasing operation hands on the memory of its first input under another shape; bind is not called.
type aliasing interface {
	operation
	alias()
}

// An operation that reads text says so; for all others text is an error.
type reader interface {
	operation
	readsText()
}

// An operation with auxiliary results keeps what its gradient needs in its last results. They have no gradient themselves.
type auxiliary interface {
	operation
	auxiliary() int // how many of the last results
}

// An operation that is not differentiable with respect to some of its inputs says which it is; without this method it is
// differentiable with respect to all that are floats.
type selective interface {
	differentiable
	differentiableInput(i int) bool
}

// A chain is what an operation's gradient is computed from.
type chain struct {
	in    []Tensor // the operation's inputs
	out   []Tensor // its results
	grad  []Tensor // the gradient of the loss with respect to each result; not Valid where there is none
	needs []bool   // whether anybody wants the gradient of an input
}

// g is the gradient with respect to the first result.
func (c *chain) g() Tensor { return c.grad[0] }

// A binding is what a kernel works on.
type binding struct {
	float  DType // Float32 or Float64
	in     []buffer
	out    []buffer // results that nobody reads have no memory
	shared map[any]any
	bytes  *int // the program's memory, to which an operation adds what it takes for itself
}

// A buffer is memory with a shape; which slice is set depends on the element type.
type buffer struct {
	Spec
	f32  []float32
	f64  []float64
	i32  []int32
	bool []bool
	text []string
}

// data is a buffer's memory as floats of the program's type.
func data[T kernel.Float](b buffer) []T {
	var zero T
	if unsafe.Sizeof(zero) == 4 {
		return *(*[]T)(unsafe.Pointer(&b.f32))
	}
	return *(*[]T)(unsafe.Pointer(&b.f64))
}

// pick chooses the kernel for the program's float type.
func pick(c *binding, f32, f64 func() error) func() error {
	if c.float == Float64 {
		return f64
	}
	return f32
}

// sharedState makes a value once per program and hands it to every operation that names the same key, such as a recurrent layer
// and its gradient.
func sharedState[S any](c *binding, key any, create func() S) S {
	if s, ok := c.shared[key]; ok {
		return s.(S)
	}
	s := create()
	c.shared[key] = s
	return s
}
