package ops

import (
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// A Tensor is one value in a record: the result of an operation, an input, a weight or a constant. It has a shape and an element
// type, but no numbers: those exist while a [Program] runs. Tensors are small; pass them by value. The zero Tensor is no value,
// which operations refuse.
type Tensor struct {
	node  *node
	index int   // which result of the node
	mask  *node // a bool tensor's node; nil: no mask
	path  string
}

// A node is one applied operation with its inputs, or a leaf.
type node struct {
	op   operation
	in   []Tensor
	out  []Spec
	path string // the layer in whose Call it was made
	err  error
}

// Valid reports whether t is a value at all.
func (t Tensor) Valid() bool { return t.node != nil }

// Err is the first error in what t is computed from.
func (t Tensor) Err() error {
	if t.node == nil {
		return errors.New("ops: a tensor without a value was used")
	}
	return t.node.err
}

// Spec is t's shape and element type.
func (t Tensor) Spec() Spec {
	if t.node == nil || t.node.err != nil {
		return Spec{}
	}
	return t.node.out[t.index]
}

// Shape holds the sizes of t's axes; [Unknown] where a size is not known yet.
func (t Tensor) Shape() []int { return slices.Clone(t.Spec().Shape) }

// Rank is the number of t's axes.
func (t Tensor) Rank() int { return len(t.Spec().Shape) }

// DType is t's element type.
func (t Tensor) DType() DType { return t.Spec().DType }

// Dim is the size of an axis; negative axes count from the end. It is 0 for an axis that does not exist and for a tensor with an
// error.
func (t Tensor) Dim(axis int) int {
	s := t.Spec().Shape
	if axis < 0 {
		axis += len(s)
	}
	if axis < 0 || axis >= len(s) {
		return 0
	}
	return s[axis]
}

// Mask is the bool tensor that says which steps of t count, as made by an Embedding with MaskZero; not [Tensor.Valid] where t
// has none.
func (t Tensor) Mask() Tensor {
	if t.mask == nil {
		return Tensor{}
	}
	return Tensor{node: t.mask, path: t.path}
}

// WithMask is t carrying a mask; the zero Tensor takes the mask away.
func (t Tensor) WithMask(mask Tensor) Tensor {
	t.mask = mask.node
	return t
}

// In is t as seen from the layer at path: errors in what is computed from it name that layer.
func (t Tensor) In(path string) Tensor {
	t.path = path
	return t
}

// Same reports whether t and u are the same value.
func (t Tensor) Same(u Tensor) bool { return t.node != nil && t.node == u.node && t.index == u.index }

// Path is the layer in whose Call t is being used.
func (t Tensor) Path() string { return t.path }

// Fail is a tensor that carries an error, made by the code of a layer.
func Fail(path string, err error) Tensor {
	if path != "" {
		err = errors.Wrap(err, path)
	}
	return Tensor{node: &node{err: err, path: path}, path: path}
}

// apply records an operation and returns its first result.
func apply(op operation, in ...Tensor) Tensor { return applyAll(op, in...)[0] }

// applyAll records an operation and returns all its results. The first error among the inputs is passed on.
func applyAll(op operation, in ...Tensor) []Tensor {
	path := deepest(in)
	n := &node{op: op, in: in, path: path}
	n.err = firstError(in)
	if n.err == nil {
		specs := make([]Spec, len(in))
		for i, t := range in {
			specs[i] = t.Spec()
		}
		err := noText(op, specs)
		if err == nil {
			n.out, err = op.infer(specs)
		}
		if err == nil {
			err = checkSizes(n.out)
		}
		if err != nil {
			n.err = located(path, op.name(), err)
		}
	}
	return n.results(path)
}

// deepest is the layer in which tensors are used together.
func deepest(in []Tensor) string {
	path := ""
	for _, t := range in {
		if len(t.path) > len(path) {
			path = t.path
		}
	}
	return path
}

func firstError(in []Tensor) error {
	for _, t := range in {
		if err := t.Err(); err != nil {
			return err
		}
	}
	return nil
}

// noText refuses text for operations that are for numbers.
func noText(op operation, in []Spec) error {
	_, alias := op.(aliasing)
	if _, ok := op.(reader); ok || alias {
		return nil
	}
	for i, s := range in {
		if s.DType == String {
			return errors.Errorf("input %d holds text, which is not for computing; a layer such as StringLookup makes numbers of it", i)
		}
	}
	return nil
}

func checkSizes(out []Spec) error {
	for _, s := range out {
		for _, d := range s.Shape {
			if d < Unknown || d == 0 {
				return errors.Errorf("the result would have shape %v; every axis must have at least one element", s.Shape)
			}
		}
	}
	return nil
}

func located(path, op string, err error) error {
	where := make([]string, 0, 2)
	for _, s := range []string{path, op} {
		if s != "" {
			where = append(where, s)
		}
	}
	return errors.Wrap(err, strings.Join(where, ": "))
}

func (n *node) results(path string) []Tensor {
	r := make([]Tensor, max(1, len(n.out)))
	for i := range r {
		r[i] = Tensor{node: n, index: i, path: path}
	}
	return r
}
