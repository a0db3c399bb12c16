package ops

import (
	"slices"

	"github.com/pkg/errors"
)

// A connective joins two bool tensors of one shape.
type connective struct {
	label string
	f     func(x, y bool) bool
}

func (o connective) name() string { return o.label }

func (o connective) infer(in []Spec) ([]Spec, error) {
	if in[0].DType != Bool || in[1].DType != Bool || !sameShape(in[0].Shape, in[1].Shape) {
		return nil, errors.Errorf("expected two bool tensors of one shape, got %s %v and %s %v", in[0].DType, in[0].Shape, in[1].DType, in[1].Shape)
	}
	return in[:1], nil
}

func (o connective) bind(c *binding) func() error {
	x, y, z := c.in[0].bool, c.in[1].bool, c.out[0].bool
	return func() error {
		for i, v := range x {
			z[i] = o.f(v, y[i])
		}
		return nil
	}
}

func connected(o connective, x, y Tensor) Tensor {
	if err := firstError([]Tensor{x, y}); err != nil {
		return apply(o, x, y)
	}
	both, err := broadcastAll(Cast(x, Bool), Cast(y, Bool))
	if err != nil {
		return Fail(x.path, errors.Wrap(err, o.label))
	}
	return apply(o, both...)
}

// broadcastAll gives tensors the shape that all of them can be broadcast to.
func broadcastAll(xs ...Tensor) ([]Tensor, error) {
	shape := xs[0].Spec().Shape
	var err error
	for _, x := range xs[1:] {
		if shape, err = broadcast(shape, x.Spec().Shape); err != nil {
			return nil, err
		}
	}
	out := slices.Clone(xs)
	for i := range out {
		out[i] = BroadcastTo(out[i], shape...)
	}
	return out, nil
}

// LogicalAnd is whether both x and y are true; numbers are true where they are not 0.
func LogicalAnd(x, y Tensor) Tensor {
	return connected(connective{"logical_and", func(x, y bool) bool { return x && y }}, x, y)
}

// LogicalOr is whether x or y is true, or both; numbers are true where they are not 0.
func LogicalOr(x, y Tensor) Tensor {
	return connected(connective{"logical_or", func(x, y bool) bool { return x || y }}, x, y)
}

// LogicalXor is whether one of x and y is true and the other is not; numbers are true where they are not 0.
func LogicalXor(x, y Tensor) Tensor {
	return connected(connective{"logical_xor", func(x, y bool) bool { return x != y }}, x, y)
}

// negation is what is not true.
type negation struct{}

func (negation) name() string                    { return "logical_not" }
func (negation) infer(in []Spec) ([]Spec, error) { return in, nil }

func (negation) bind(c *binding) func() error {
	x, y := c.in[0].bool, c.out[0].bool
	return func() error {
		for i, v := range x {
			y[i] = !v
		}
		return nil
	}
}

// LogicalNot is whether x is false; numbers are false where they are 0.
func LogicalNot(x Tensor) Tensor { return apply(negation{}, Cast(x, Bool)) }

// A tally counts what is true along adjacent axes: the tensor is seen as [outer, n, inner].
type tally struct {
	label    string
	from, to int                    // the axes [from, to)
	holds    func(hits, n int) bool // makes the result bool; nil: the result is the count
}

func (o tally) name() string { return o.label }

func (o tally) infer(in []Spec) ([]Spec, error) {
	s := Spec{slices.Delete(slices.Clone(in[0].Shape), o.from, o.to), Int32}
	if o.holds != nil {
		s.DType = Bool
	}
	return []Spec{s}, nil
}

func (o tally) bind(c *binding) func() error {
	s, x := c.in[0].Shape, c.in[0].bool
	outer, n, inner := size(s[:o.from]), size(s[o.from:o.to]), size(s[o.to:])
	count, holds := c.out[0].i32, c.out[0].bool
	return func() error {
		for k := range outer * inner {
			first := k/inner*n*inner + k%inner
			total := 0
			for i := range n {
				if x[first+i*inner] {
					total++
				}
			}
			if o.holds != nil {
				holds[k] = o.holds(total, n)
			} else {
				count[k] = int32(total)
			}
		}
		return nil
	}
}

// tallied applies a tally over any axes, which are brought together where they are not adjacent.
func tallied(o tally, x Tensor, axes []int) Tensor {
	x = Cast(x, Bool)
	if x.Err() != nil {
		return x
	}
	as, err := axesOf(axes, x.Rank())
	if err != nil {
		return Fail(x.path, errors.Wrap(err, o.label))
	}
	if len(as) == 0 {
		x, as = ExpandDims(x, 0), []int{0}
	}
	o.from = as[0]
	o.to = o.from + len(as)
	if as[len(as)-1] != o.to-1 {
		order := slices.DeleteFunc(firstAxes(x.Rank()), func(a int) bool { return slices.Contains(as, a) })
		o.from, o.to = len(order), x.Rank()
		x = Transpose(x, append(order, as...)...)
	}
	return apply(o, x)
}

// Any is whether something along axes is true, or not 0; along all axes where none are given.
func Any(x Tensor, axes ...int) Tensor {
	return tallied(tally{label: "any", holds: func(k, _ int) bool { return k > 0 }}, x, axes)
}

// All is whether everything along axes is true, or not 0; along all axes where none are given.
func All(x Tensor, axes ...int) Tensor {
	return tallied(tally{label: "all", holds: func(k, n int) bool { return k == n }}, x, axes)
}

// CountNonzero is how many elements along axes are not 0, as int32; along all axes where none are given.
func CountNonzero(x Tensor, axes ...int) Tensor {
	return tallied(tally{label: "count_nonzero"}, x, axes)
}
