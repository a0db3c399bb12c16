package ops

import (
	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A comparison of two tensors of one type and shape.
type comparison struct {
	label string
	f     kernel.Compare
}

func (o comparison) name() string { return o.label }

func (o comparison) infer(in []Spec) ([]Spec, error) {
	if in[0].DType != in[1].DType || in[0].DType == Bool {
		return nil, errors.Errorf("expected two tensors of numbers of one type, got %s and %s", in[0].DType, in[1].DType)
	}
	s, err := broadcast(in[0].Shape, in[1].Shape)
	return []Spec{{s, Bool}}, err
}

func (o comparison) bind(c *binding) func() error {
	z := c.out[0].bool
	if c.in[0].DType == Int32 {
		return compare(o.f, z, c.in[0].i32, c.in[1].i32, c)
	}
	if c.float == Float64 {
		return compare(o.f, z, c.in[0].f64, c.in[1].f64, c)
	}
	return compare(o.f, z, c.in[0].f32, c.in[1].f32, c)
}

func compare[T kernel.Float | int32](f kernel.Compare, z []bool, x, y []T, c *binding) func() error {
	if sameShape(trim(c.in[0].Shape), trim(c.in[1].Shape)) {
		return func() error { kernel.CompareZip(f, z, x, y); return nil }
	}
	r := newRows(trim(c.in[0].Shape), trim(c.in[1].Shape), c.out[0].Shape)
	a, b := make([]T, r.n), make([]T, r.n)
	return func() error {
		r.each(func(i, j, k, n int) {
			kernel.CompareZip(f, z[k:k+n], spread(a, x[i:], r.repeatX), spread(b, y[j:], r.repeatY))
		})
		return nil
	}
}

// spread is the first len(to) elements of x, or its first element so many times.
func spread[T any](to, x []T, repeat bool) []T {
	if !repeat {
		return x[:len(to)]
	}
	for i := range to {
		to[i] = x[0]
	}
	return to
}

func compared(label string, f kernel.Compare, x, y Tensor) Tensor {
	x, y = promote(x, y)
	return apply(comparison{label, f}, x, y)
}

// Equal is x == y.
func Equal(x, y Tensor) Tensor { return compared("equal", kernel.Equal, x, y) }

// NotEqual is x != y.
func NotEqual(x, y Tensor) Tensor { return compared("not_equal", kernel.NotEqual, x, y) }

// Less is x < y.
func Less(x, y Tensor) Tensor { return compared("less", kernel.Less, x, y) }

// LessEqual is x <= y.
func LessEqual(x, y Tensor) Tensor { return compared("less_equal", kernel.LessEqual, x, y) }

// Greater is x > y.
func Greater(x, y Tensor) Tensor { return compared("greater", kernel.Greater, x, y) }

// GreaterEqual is x >= y.
func GreaterEqual(x, y Tensor) Tensor { return compared("greater_equal", kernel.GreaterEqual, x, y) }

// where chooses between two tensors of one type and shape.
type where struct{}

func (where) name() string { return "where" }

func (where) infer(in []Spec) ([]Spec, error) {
	if in[0].DType != Bool || in[1].DType != in[2].DType {
		return nil, errors.Errorf("expected a bool tensor and two of one type, got %s, %s and %s", in[0].DType, in[1].DType, in[2].DType)
	}
	s, err := broadcast(in[1].Shape, in[2].Shape)
	if err == nil {
		s, err = broadcast(s, in[0].Shape)
	}
	return []Spec{{s, in[1].DType}}, err
}

func (where) bind(c *binding) func() error {
	var spread [3]func() error
	for i := range c.in {
		c.in[i], spread[i] = spreadTo(c, c.in[i])
	}
	choose := chooseElements(c)
	return func() error {
		for _, f := range spread {
			if f != nil {
				if err := f(); err != nil {
					return err
				}
			}
		}
		return choose()
	}
}

// spreadTo is an operand in the shape of the result, and what brings it there in each run; nil where it has that shape.
func spreadTo(c *binding, b buffer) (buffer, func() error) {
	if sameShape(b.Shape, c.out[0].Shape) {
		return b, nil
	}
	wide := newBuffer(Spec{c.out[0].Shape, b.DType}, c.float)
	return wide, broadcastTo{}.bind(&binding{float: c.float, in: []buffer{b}, out: []buffer{wide}})
}

func chooseElements(c *binding) func() error {
	cond, x, y, z := c.in[0].bool, c.in[1], c.in[2], c.out[0]
	switch z.DType {
	case Int32:
		return func() error { kernel.Where(z.i32, cond, x.i32, y.i32); return nil }
	case Bool:
		return func() error {
			for i, v := range cond {
				z.bool[i] = v && x.bool[i] || !v && y.bool[i]
			}
			return nil
		}
	}
	return pick(c, func() error { kernel.Where(z.f32, cond, x.f32, y.f32); return nil },
		func() error { kernel.Where(z.f64, cond, x.f64, y.f64); return nil })
}

func (where) differentiableInput(i int) bool { return i > 0 }

func (where) gradient(c *chain) []Tensor {
	zero := Scalar(0)
	return []Tensor{
		{},
		sumTo(apply(where{}, c.in[0], c.g(), zero), c.in[1].Shape()),
		sumTo(apply(where{}, c.in[0], zero, c.g()), c.in[2].Shape()),
	}
}

// Where is x where condition is true, and y elsewhere; all three are broadcast.
func Where(condition, x, y Tensor) Tensor {
	if x.DType() != y.DType() {
		x, y = promote(x, y)
	}
	return apply(where{}, Cast(condition, Bool), x, y)
}

// broadcastTo repeats a tensor along axes of size 1 and along new axes in front.
type broadcastTo struct{ shape []int }

func (o broadcastTo) name() string { return "broadcast_to" }

func (o broadcastTo) infer(in []Spec) ([]Spec, error) {
	s, err := broadcast(in[0].Shape, o.shape)
	if err == nil && len(s) != len(o.shape) {
		err = errors.Errorf("shape %v cannot become %v", in[0].Shape, o.shape)
	}
	return []Spec{{s, in[0].DType}}, err
}

func (o broadcastTo) bind(c *binding) func() error {
	switch {
	case c.out[0].DType == Int32:
		return repeatInto(c, c.out[0].i32, c.in[0].i32)
	case c.out[0].DType == Bool:
		return repeatInto(c, c.out[0].bool, c.in[0].bool)
	}
	return pick(c, repeatInto(c, c.out[0].f32, c.in[0].f32), repeatInto(c, c.out[0].f64, c.in[0].f64))
}

func repeatInto[T any](c *binding, y, x []T) func() error {
	out := c.out[0].Shape
	if len(out) == 0 {
		return func() error { copy(y, x); return nil }
	}
	in := trim(c.in[0].Shape)
	r := newRows(in, in, out)
	return func() error {
		r.each(func(i, _, k, n int) {
			row := y[k : k+n]
			copy(row, spread(row, x[i:], r.repeatX))
		})
		return nil
	}
}

func (o broadcastTo) gradient(c *chain) []Tensor { return []Tensor{sumTo(c.g(), c.in[0].Shape())} }

// BroadcastTo repeats x to a shape, by NumPy's rule.
func BroadcastTo(x Tensor, shape ...int) Tensor {
	if x.Err() == nil && sameShape(x.Spec().Shape, shape) {
		return x
	}
	return apply(broadcastTo{shape}, x)
}
