package ops

import (
	"slices"

	"github.com/pkg/errors"
)

// A concatenation joins tensors along an axis.
type concatenation struct{ axis int }

func (o concatenation) name() string { return "concatenate" }

func (o concatenation) infer(in []Spec) ([]Spec, error) {
	s := slices.Clone(in[0].Shape)
	for _, x := range in[1:] {
		if x.DType != in[0].DType {
			return nil, errors.Errorf("expected tensors of one type, got %s and %s", in[0].DType, x.DType)
		}
		if len(x.Shape) != len(s) {
			return nil, errors.Errorf("shapes %v and %v have different numbers of axes", in[0].Shape, x.Shape)
		}
		for a, d := range x.Shape {
			switch {
			case a == o.axis && (d == Unknown || s[a] == Unknown):
				s[a] = Unknown
			case a == o.axis:
				s[a] += d
			case s[a] == Unknown:
				s[a] = d
			case d != s[a] && d != Unknown:
				return nil, errors.Errorf("shapes %v and %v differ on axis %d, along which they are not joined", in[0].Shape, x.Shape, a)
			}
		}
	}
	return []Spec{{s, in[0].DType}}, nil
}

func (o concatenation) bind(c *binding) func() error {
	outer, _, _ := around(c.out[0].Shape, o.axis)
	widths := make([]int, len(c.in))
	total := 0
	for i, b := range c.in {
		widths[i] = size(b.Shape[o.axis:])
		total += widths[i]
	}
	switch {
	case c.out[0].DType == Int32:
		return join(c, outer, total, widths, c.out[0].i32, func(b buffer) []int32 { return b.i32 })
	case c.out[0].DType == Bool:
		return join(c, outer, total, widths, c.out[0].bool, func(b buffer) []bool { return b.bool })
	case c.float == Float64:
		return join(c, outer, total, widths, c.out[0].f64, func(b buffer) []float64 { return b.f64 })
	}
	return join(c, outer, total, widths, c.out[0].f32, func(b buffer) []float32 { return b.f32 })
}

func join[T any](c *binding, outer, total int, widths []int, y []T, of func(buffer) []T) func() error {
	xs := make([][]T, len(c.in))
	for i, b := range c.in {
		xs[i] = of(b)
	}
	return func() error {
		at := 0
		for i, x := range xs {
			w := widths[i]
			for r := range outer {
				copy(y[r*total+at:r*total+at+w], x[r*w:])
			}
			at += w
		}
		return nil
	}
}

func (o concatenation) gradient(c *chain) []Tensor {
	out := make([]Tensor, len(c.in))
	at := 0
	for i, x := range c.in {
		n := x.Dim(o.axis)
		if c.needs[i] {
			out[i] = cutAxis(c.g(), o.axis, at, n)
		}
		at += n
	}
	return out
}

// Concatenate joins tensors of one rank along an axis, which is all they may differ in.
func Concatenate(axis int, xs ...Tensor) Tensor {
	if len(xs) == 0 {
		return Fail("", errors.New("concatenate: expected at least one tensor"))
	}
	if err := firstError(xs); err != nil {
		return apply(concatenation{}, xs...)
	}
	a, err := axisOf(axis, xs[0].Rank())
	if err != nil {
		return Fail(xs[0].path, errors.Wrap(err, "concatenate"))
	}
	xs = slices.Clone(xs)
	for i := 1; i < len(xs); i++ {
		if xs[i].DType() != xs[0].DType() {
			xs[0], xs[i] = promote(xs[0], xs[i])
		}
	}
	for i := 1; i < len(xs); i++ {
		xs[i] = Cast(xs[i], xs[0].DType())
	}
	return apply(concatenation{a}, xs...)
}

// A window along axes: from start, every step'th element, as many as the result's shape says.
type slice struct{ start, step, shape []int }

func (o slice) name() string { return "slice" }

func (o slice) infer(in []Spec) ([]Spec, error) {
	s := slices.Clone(o.shape)
	for i, d := range in[0].Shape {
		if o.shape[i] == Unknown {
			s[i] = d
			continue
		}
		last := o.start[i] + (o.shape[i]-1)*o.step[i]
		if o.start[i] < 0 || last < 0 || d != Unknown && (last >= d || o.start[i] >= d) {
			return nil, errors.Errorf("elements %d to %d of axis %d: shape %v has none there", o.start[i], last, i, in[0].Shape)
		}
	}
	return []Spec{{s, in[0].DType}}, nil
}

func (o slice) bind(c *binding) func() error {
	return moveElements(c, func(in []int) (st []int, offset int) {
		st = strides(in)
		for i := range st {
			offset += o.start[i] * st[i]
			st[i] *= o.step[i]
		}
		return st, offset
	})
}

func (o slice) gradient(c *chain) []Tensor {
	return []Tensor{apply(sliceGradient{o, c.in[0].Spec()}, c.g())}
}

// sliceGradient puts a slice back among zeros.
type sliceGradient struct {
	slice  slice
	result Spec
}

func (o sliceGradient) name() string                 { return "slice_gradient" }
func (o sliceGradient) infer([]Spec) ([]Spec, error) { return []Spec{o.result}, nil }

func (o sliceGradient) bind(c *binding) func() error {
	st := strides(o.result.Shape)
	offset := 0
	for i := range st {
		offset += o.slice.start[i] * st[i]
		st[i] *= o.slice.step[i]
	}
	in, out := c.in[0], c.out[0]
	return pick(c, putBack(out.f32, in.f32, in.Shape, st, offset), putBack(out.f64, in.f64, in.Shape, st, offset))
}

func putBack[T any](y, x []T, shape, st []int, offset int) func() error {
	if len(shape) == 0 {
		return func() error { clear(y); y[offset] = x[0]; return nil }
	}
	last := len(shape) - 1
	n, step := shape[last], st[last]
	at := make([]int, last)
	return func() error {
		clear(y)
		clear(at)
		to := offset
		for k := 0; k < len(x); k += n {
			for i, t := 0, to; i < n; i, t = i+1, t+step {
				y[t] = x[k+i]
			}
			for a := last - 1; a >= 0; a-- {
				at[a]++
				to += st[a]
				if at[a] < shape[a] {
					break
				}
				to -= st[a] * shape[a]
				at[a] = 0
			}
		}
		return nil
	}
}

// cutAxis is n elements of one axis, from start on.
func cutAxis(x Tensor, axis, start, n int) Tensor {
	rank := x.Rank()
	o := slice{start: make([]int, rank), step: make([]int, rank), shape: x.Shape()}
	for i := range rank {
		o.step[i] = 1
		if i != axis && o.shape[i] != Unknown {
			continue
		}
		if i != axis {
			o.shape[i] = Unknown
		}
	}
	o.start[axis], o.shape[axis] = start, n
	return apply(o, x)
}

// Slice is the part of x from start on with the given shape; a size of -1 takes what is left of the axis.
func Slice(x Tensor, start, shape []int) Tensor {
	if x.Err() != nil {
		return x
	}
	if len(start) != x.Rank() || len(shape) != x.Rank() {
		return Fail(x.path, errors.Errorf("slice: start %v and shape %v: expected a number for each axis of shape %v", start, shape, x.Spec().Shape))
	}
	o := slice{start: slices.Clone(start), step: make([]int, x.Rank()), shape: slices.Clone(shape)}
	for i, d := range x.Spec().Shape {
		o.step[i] = 1
		if o.start[i] < 0 && d != Unknown {
			o.start[i] += d
		}
		if o.shape[i] == -1 && (d != Unknown || o.start[i] != 0) {
			o.shape[i] = d - o.start[i]
		}
		if o.shape[i] < 1 && o.shape[i] != Unknown || d == Unknown && o.shape[i] == d-o.start[i] && o.start[i] != 0 {
			return Fail(x.path, errors.Errorf("slice: start %v and shape %v leave nothing of shape %v", start, shape, x.Spec().Shape))
		}
	}
	return apply(o, x)
}
