package ops

import (
	"slices"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A rearrangement builds one axis anew from elements of the old one.
type rearrangement struct {
	label string
	axis  int
	// from says, for an axis of n elements, which of them each element of the result is; a negative one is fill.
	from func(n int) ([]int, error)
	fill float64
}

func (o rearrangement) name() string { return o.label }

func (o rearrangement) infer(in []Spec) ([]Spec, error) {
	s := slices.Clone(in[0].Shape)
	if s[o.axis] != Unknown {
		from, err := o.from(s[o.axis])
		if err != nil {
			return nil, errors.Wrapf(err, "axis %d of shape %v", o.axis, s)
		}
		s[o.axis] = len(from)
	}
	return []Spec{{s, in[0].DType}}, nil
}

func (o rearrangement) bind(c *binding) func() error {
	in, out := c.in[0], c.out[0]
	outer, n, inner := around(in.Shape, o.axis)
	from, err := o.from(n)
	if err != nil {
		return func() error { return err }
	}
	w := rearranged{from, outer, n, inner}
	switch {
	case out.DType == Int32:
		return rearrange(w, out.i32, in.i32, int32(o.fill))
	case out.DType == Bool:
		return rearrange(w, out.bool, in.bool, o.fill != 0)
	}
	return pick(c, rearrange(w, out.f32, in.f32, float32(o.fill)), rearrange(w, out.f64, in.f64, o.fill))
}

// rearranged is where the elements of [outer, n, inner] go.
type rearranged struct {
	from            []int
	outer, n, inner int
}

func rearrange[T any](w rearranged, y, x []T, fill T) func() error {
	return func() error {
		k := 0
		for r := range w.outer {
			for _, f := range w.from {
				row := y[k : k+w.inner]
				k += w.inner
				if f >= 0 {
					copy(row, x[(r*w.n+f)*w.inner:])
					continue
				}
				for i := range row {
					row[i] = fill
				}
			}
		}
		return nil
	}
}

func (o rearrangement) gradient(c *chain) []Tensor {
	return []Tensor{apply(rearrangementGradient{o, c.in[0].Spec()}, c.g())}
}

// rearrangementGradient adds every element up where it came from.
type rearrangementGradient struct {
	forward rearrangement
	result  Spec
}

func (o rearrangementGradient) name() string                 { return o.forward.label + "_gradient" }
func (o rearrangementGradient) infer([]Spec) ([]Spec, error) { return []Spec{o.result}, nil }

func (o rearrangementGradient) bind(c *binding) func() error {
	outer, n, inner := around(o.result.Shape, o.forward.axis)
	from, err := o.forward.from(n)
	if err != nil {
		return func() error { return err }
	}
	w := rearranged{from, outer, n, inner}
	return pick(c, addBack[float32](w, c), addBack[float64](w, c))
}

func addBack[T kernel.Float](w rearranged, c *binding) func() error {
	dy, dx := data[T](c.in[0]), data[T](c.out[0])
	return func() error {
		clear(dx)
		k := 0
		for r := range w.outer {
			for _, f := range w.from {
				if f >= 0 {
					row := dx[(r*w.n+f)*w.inner:][:w.inner]
					for i := range row {
						row[i] += dy[k+i]
					}
				}
				k += w.inner
			}
		}
		return nil
	}
}

// alongAxes rearranges each of some axes in turn; none means all.
func alongAxes(label string, x Tensor, axes []int, from func(n int) ([]int, error)) Tensor {
	if x.Err() != nil {
		return x
	}
	as, err := axesOf(axes, x.Rank())
	if err != nil {
		return Fail(x.path, errors.Wrap(err, label))
	}
	for _, a := range as {
		x = apply(rearrangement{label: label, axis: a, from: from}, x)
	}
	return x
}

// Flip reverses the order of elements along axes; along all where none are given.
func Flip(x Tensor, axes ...int) Tensor {
	return alongAxes("flip", x, axes, func(n int) ([]int, error) {
		from := make([]int, n)
		for i := range from {
			from[i] = n - 1 - i
		}
		return from, nil
	})
}

// Roll moves elements along axes by shift places; those that leave at one end enter at the other. Without axes the elements are
// rolled as if they lay on one.
func Roll(x Tensor, shift int, axes ...int) Tensor {
	if x.Err() != nil {
		return x
	}
	roll := func(n int) ([]int, error) {
		from := make([]int, n)
		for i := range from {
			from[i] = ((i-shift)%n + n) % n
		}
		return from, nil
	}
	if len(axes) == 0 {
		return Reshape(alongAxes("roll", Reshape(x, -1), nil, roll), x.Shape()...)
	}
	return alongAxes("roll", x, axes, roll)
}

// Repeat repeats each element n times along an axis: [a b] becomes [a a b b].
func Repeat(x Tensor, n, axis int) Tensor {
	if x.Err() == nil && n < 1 {
		return Fail(x.path, errors.Errorf("repeat: %d times: expected at least 1", n))
	}
	return alongAxes("repeat", x, []int{axis}, func(size int) ([]int, error) {
		from := make([]int, size*n)
		for i := range from {
			from[i] = i / n
		}
		return from, nil
	})
}

// Tile repeats x as a whole, so many times along each axis: [a b] becomes [a b a b]. Missing numbers, in front, are 1; where there
// are more numbers than axes, x gets new axes in front.
func Tile(x Tensor, repeats ...int) Tensor {
	if x.Err() != nil {
		return x
	}
	for x.Rank() < len(repeats) {
		x = ExpandDims(x, 0)
	}
	first := x.Rank() - len(repeats)
	for i, k := range repeats {
		if k < 1 {
			return Fail(x.path, errors.Errorf("tile: repeats %v: expected positive numbers", repeats))
		}
		if k == 1 {
			continue
		}
		x = alongAxes("tile", x, []int{first + i}, func(n int) ([]int, error) {
			from := make([]int, n*k)
			for i := range from {
				from[i] = i % n
			}
			return from, nil
		})
	}
	return x
}
