package ops

import (
	"slices"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A takeAlong picks elements along an axis, for each place of the other axes by indices of its own. Inputs: x, indices.
type takeAlong struct{ axis int }

func (o takeAlong) name() string { return "take_along_axis" }

func (o takeAlong) infer(in []Spec) ([]Spec, error) {
	x, index := in[0].Shape, in[1].Shape
	if in[0].DType == Bool || in[1].DType != Int32 {
		return nil, errors.Errorf("expected numbers and int32 indices, got %s and %s", in[0].DType, in[1].DType)
	}
	want := slices.Clone(x)
	want[o.axis] = Unknown
	if !agree(index, want) {
		return nil, errors.Errorf("indices of shape %v do not fit shape %v: only axis %d may differ", index, x, o.axis)
	}
	return []Spec{{index, in[0].DType}}, nil
}

func (o takeAlong) bind(c *binding) func() error {
	w := newAlong(o.axis, c.in[0].Shape, c.in[1].Shape)
	in, out, index := c.in[0], c.out[0], c.in[1].i32
	if out.DType == Int32 {
		return takeEach(w, out.i32, in.i32, index)
	}
	return pick(c, takeEach(w, out.f32, in.f32, index), takeEach(w, out.f64, in.f64, index))
}

// along is how [outer, n, inner] and indices [outer, m, inner] lie in memory.
type along struct{ n, m, inner int }

func newAlong(axis int, x, index []int) along {
	_, n, inner := around(x, axis)
	return along{n, index[axis], inner}
}

// place is where the element lies that index k names; -1 if there is none.
func (w along) place(k int, index int32) int {
	i := int(index)
	if i < 0 {
		i += w.n
	}
	if i < 0 || i >= w.n {
		return -1
	}
	return (k/(w.m*w.inner)*w.n+i)*w.inner + k%w.inner
}

func takeEach[T any](w along, y, x []T, index []int32) func() error {
	return func() error {
		for k, i := range index {
			p := w.place(k, i)
			if p < 0 {
				return errors.Errorf("index %d at position %d is outside [%d, %d)", i, k, -w.n, w.n)
			}
			y[k] = x[p]
		}
		return nil
	}
}

func (o takeAlong) differentiableInput(i int) bool { return i == 0 }

func (o takeAlong) gradient(c *chain) []Tensor {
	return []Tensor{apply(takeAlongGradient{o.axis, c.in[0].Spec()}, c.g(), c.in[1]), {}}
}

// takeAlongGradient adds elements up where they were picked. Inputs: dy, indices.
type takeAlongGradient struct {
	axis   int
	result Spec
}

func (o takeAlongGradient) name() string                 { return "take_along_axis_gradient" }
func (o takeAlongGradient) infer([]Spec) ([]Spec, error) { return []Spec{o.result}, nil }

func (o takeAlongGradient) bind(c *binding) func() error {
	w := newAlong(o.axis, o.result.Shape, c.in[1].Shape)
	return pick(c, putEach[float32](w, c), putEach[float64](w, c))
}

func putEach[T kernel.Float](w along, c *binding) func() error {
	dy, index, dx := data[T](c.in[0]), c.in[1].i32, data[T](c.out[0])
	return func() error {
		clear(dx)
		for k, i := range index {
			if p := w.place(k, i); p >= 0 {
				dx[p] += dy[k]
			}
		}
		return nil
	}
}

// TakeAlongAxis picks elements along an axis, for each place of the other axes by indices of its own, such as those of [ArgSort].
// The other axes of x and indices are broadcast; negative indices count from the end. An index outside of [-size, size) is an
// error when the program runs.
func TakeAlongAxis(x, indices Tensor, axis int) Tensor {
	if err := firstError([]Tensor{x, indices}); err != nil {
		return apply(takeAlong{}, x, indices)
	}
	a, err := axisOf(axis, x.Rank())
	if err == nil && indices.Rank() != x.Rank() {
		err = errors.Errorf("indices of shape %v and shape %v: expected as many axes", indices.Spec().Shape, x.Spec().Shape)
	}
	if err != nil {
		return Fail(x.path, errors.Wrap(err, "take_along_axis"))
	}
	xs, is := x.Shape(), indices.Shape()
	n, m := xs[a], is[a]
	xs[a], is[a] = 1, 1
	both, err := broadcast(xs, is)
	if err != nil {
		return Fail(x.path, errors.Wrap(err, "take_along_axis"))
	}
	wide := slices.Clone(both)
	both[a], wide[a] = n, m
	return apply(takeAlong{a}, BroadcastTo(x, both...), BroadcastTo(Cast(indices, Int32), wide...))
}
