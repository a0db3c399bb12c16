package ops

import (
	"slices"

	"github.com/pkg/errors"
)

// A transpose puts the axes in another order.
type transpose struct{ order []int }

func (o transpose) name() string { return "transpose" }

func (o transpose) infer(in []Spec) ([]Spec, error) {
	sorted := slices.Sorted(slices.Values(o.order))
	for i, a := range sorted {
		if a != i {
			return nil, errors.Errorf("order %v is no permutation of the axes of shape %v", o.order, in[0].Shape)
		}
	}
	if len(sorted) != len(in[0].Shape) {
		return nil, errors.Errorf("order %v does not fit shape %v", o.order, in[0].Shape)
	}
	s := make([]int, len(o.order))
	for i, a := range o.order {
		s[i] = in[0].Shape[a]
	}
	return []Spec{{s, in[0].DType}}, nil
}

func (o transpose) bind(c *binding) func() error {
	return moveElements(c, func(s []int) ([]int, int) {
		own := strides(s)
		st := make([]int, len(o.order))
		for i, a := range o.order {
			st[i] = own[a]
		}
		return st, 0
	})
}

func (o transpose) gradient(c *chain) []Tensor {
	back := make([]int, len(o.order))
	for i, a := range o.order {
		back[a] = i
	}
	return []Tensor{Transpose(c.g(), back...)}
}

// Transpose puts the axes in another order; without one, it reverses them.
func Transpose(x Tensor, order ...int) Tensor {
	if x.Err() != nil {
		return x
	}
	if len(order) == 0 {
		for i := x.Rank() - 1; i >= 0; i-- {
			order = append(order, i)
		}
	}
	o := slices.Clone(order)
	for i, a := range o {
		if a < 0 {
			o[i] = a + x.Rank()
		}
	}
	return apply(transpose{o}, x)
}

// moveElements copies elements to the result in order from where view says: strides of the result's axes in the input, and the
// first element.
func moveElements(c *binding, view func(in []int) (strides []int, offset int)) func() error {
	st, offset := view(c.in[0].Shape)
	in, out := c.in[0], c.out[0]
	switch {
	case out.DType == Int32:
		return move(out.i32, in.i32, out.Shape, st, offset)
	case out.DType == Bool:
		return move(out.bool, in.bool, out.Shape, st, offset)
	}
	return pick(c, move(out.f32, in.f32, out.Shape, st, offset), move(out.f64, in.f64, out.Shape, st, offset))
}

func move[T any](y, x []T, shape, st []int, offset int) func() error {
	if len(shape) == 0 {
		return func() error { y[0] = x[offset]; return nil }
	}
	last := len(shape) - 1
	n, step := shape[last], st[last]
	at := make([]int, last)
	return func() error {
		clear(at)
		from := offset
		for k := 0; k < len(y); k += n {
			row := y[k : k+n]
			if step == 1 {
				copy(row, x[from:])
			} else {
				for i, f := 0, from; i < n; i, f = i+1, f+step {
					row[i] = x[f]
				}
			}
			for a := last - 1; a >= 0; a-- {
				at[a]++
				from += st[a]
				if at[a] < shape[a] {
					break
				}
				from -= st[a] * shape[a]
				at[a] = 0
			}
		}
		return nil
	}
}
