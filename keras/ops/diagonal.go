package ops

import "github.com/pkg/errors"

// A diagonal of two axes of a tensor, which becomes the last axis of the result.
type diagonal struct{ offset, axis1, axis2 int }

func (o diagonal) name() string { return "diagonal" }

// length is how many elements the diagonal of an n by m matrix has.
func (o diagonal) length(n, m int) int {
	if n == Unknown || m == Unknown {
		return Unknown
	}
	return max(0, min(n-max(0, -o.offset), m-max(0, o.offset)))
}

func (o diagonal) infer(in []Spec) ([]Spec, error) {
	s := in[0].Shape
	n := o.length(s[o.axis1], s[o.axis2])
	if n == 0 {
		return nil, errors.Errorf("offset %d: axes %d and %d of shape %v have no such diagonal", o.offset, o.axis1, o.axis2, s)
	}
	return []Spec{{append(o.others(s), n), in[0].DType}}, nil
}

// others are a shape's sizes without those of the two axes.
func (o diagonal) others(s []int) []int {
	var r []int
	for i, d := range s {
		if i != o.axis1 && i != o.axis2 {
			r = append(r, d)
		}
	}
	return r
}

// view is the strides of the result's axes in a tensor of shape s, and the place of its first element.
func (o diagonal) view(s []int) (st []int, offset int) {
	own := strides(s)
	a, b := own[o.axis1], own[o.axis2]
	if o.offset > 0 {
		offset = o.offset * b
	} else {
		offset = -o.offset * a
	}
	return append(o.others(own), a+b), offset
}

func (o diagonal) bind(c *binding) func() error { return moveElements(c, o.view) }

func (o diagonal) gradient(c *chain) []Tensor {
	return []Tensor{apply(diagonalGradient{o, c.in[0].Spec()}, c.g())}
}

// diagonalGradient puts a diagonal back among zeros.
type diagonalGradient struct {
	forward diagonal
	result  Spec
}

func (o diagonalGradient) name() string                 { return "diagonal_gradient" }
func (o diagonalGradient) infer([]Spec) ([]Spec, error) { return []Spec{o.result}, nil }

func (o diagonalGradient) bind(c *binding) func() error {
	st, offset := o.forward.view(o.result.Shape)
	in, out := c.in[0], c.out[0]
	return pick(c, putBack(out.f32, in.f32, in.Shape, st, offset), putBack(out.f64, in.f64, in.Shape, st, offset))
}

// Diagonal takes the elements of two axes whose places differ by offset: [..., n, m] becomes [..., k]. Keras's defaults are
// offset 0 and the axes 0 and 1.
func Diagonal(x Tensor, offset, axis1, axis2 int) Tensor {
	if x.Err() != nil {
		return x
	}
	a, err := axisOf(axis1, x.Rank())
	if err != nil {
		return Fail(x.path, errors.Wrap(err, "diagonal"))
	}
	b, err := axisOf(axis2, x.Rank())
	if err == nil && a == b {
		err = errors.Errorf("axes %d and %d are one axis", axis1, axis2)
	}
	if err != nil {
		return Fail(x.path, errors.Wrap(err, "diagonal"))
	}
	return apply(diagonal{offset, a, b}, x)
}

// Trace is the sum of a [Diagonal].
func Trace(x Tensor, offset, axis1, axis2 int) Tensor {
	return Sum(Diagonal(x, offset, axis1, axis2), -1)
}

// A triangle keeps the elements of the last two axes on one side of a diagonal; the others become 0.
type triangle struct {
	upper  bool
	offset int
}

func (o triangle) name() string {
	if o.upper {
		return "triu"
	}
	return "tril"
}

func (o triangle) infer(in []Spec) ([]Spec, error) {
	if len(in[0].Shape) < 2 {
		return nil, errors.Errorf("shape %v: expected at least two axes", in[0].Shape)
	}
	return in, nil
}

func (o triangle) bind(c *binding) func() error {
	in, out := c.in[0], c.out[0]
	switch {
	case out.DType == Int32:
		return cutTriangle(o, out.i32, in.i32, out.Shape)
	case out.DType == Bool:
		return cutTriangle(o, out.bool, in.bool, out.Shape)
	}
	return pick(c, cutTriangle(o, out.f32, in.f32, out.Shape), cutTriangle(o, out.f64, in.f64, out.Shape))
}

func cutTriangle[T any](o triangle, y, x []T, shape []int) func() error {
	n, m := lastTwo(shape, false)
	rows := size(shape) / m
	return func() error {
		for r := range rows {
			row := y[r*m : (r+1)*m]
			copy(row, x[r*m:])
			border := r%n + o.offset
			if o.upper {
				clear(row[:min(m, max(0, border))])
			} else {
				clear(row[min(m, max(0, border+1)):])
			}
		}
		return nil
	}
}

func (o triangle) gradient(c *chain) []Tensor { return []Tensor{apply(o, c.g())} }

// Tril keeps the elements [..., i, j] with j <= i+offset; the others become 0.
func Tril(x Tensor, offset int) Tensor { return apply(triangle{false, offset}, x) }

// Triu keeps the elements [..., i, j] with j >= i+offset; the others become 0.
func Triu(x Tensor, offset int) Tensor { return apply(triangle{true, offset}, x) }
