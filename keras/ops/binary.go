package ops

import (
	"slices"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A binary operation is a function of two elements; shapes are broadcast by NumPy's rule.
type binary struct {
	label string
	f     kernel.Binary
}

func (o binary) name() string { return o.label }

func (o binary) infer(in []Spec) ([]Spec, error) {
	if in[0].DType != in[1].DType {
		return nil, errors.Errorf("expected two tensors of one type, got %s and %s", in[0].DType, in[1].DType)
	}
	s, err := broadcast(in[0].Shape, in[1].Shape)
	return []Spec{{s, in[0].DType}}, err
}

func (o binary) bind(c *binding) func() error {
	if c.out[0].DType == Int32 {
		return zipInts(o.f, c)
	}
	return pick(c, zip[float32](o.f, c), zip[float64](o.f, c))
}

func zip[T kernel.Float](f kernel.Binary, c *binding) func() error {
	x, y, z := data[T](c.in[0]), data[T](c.in[1]), data[T](c.out[0])
	xs, ys, out := trim(c.in[0].Shape), trim(c.in[1].Shape), trim(c.out[0].Shape)
	full := sameShape(xs, out)
	switch {
	case full && sameShape(ys, out):
		return func() error { kernel.Zip(f, z, x, y); return nil }
	case full && len(y) == 1:
		return func() error { kernel.ZipScalar(f, z, x, y[0]); return nil }
	case sameShape(ys, out) && len(x) == 1:
		return func() error { kernel.ScalarZip(f, z, x[0], y); return nil }
	case full && isRow(ys, out):
		return func() error { kernel.ZipRow(f, z, x, y); return nil }
	case full && isColumn(ys, out):
		return func() error { kernel.ZipColumn(f, z, x, y); return nil }
	}
	rows := newRows(xs, ys, out)
	return func() error {
		rows.each(func(i, j, k, n int) {
			switch {
			case rows.repeatY:
				kernel.ZipScalar(f, z[k:k+n], x[i:i+n], y[j])
			case rows.repeatX:
				kernel.ScalarZip(f, z[k:k+n], x[i], y[j:j+n])
			default:
				kernel.Zip(f, z[k:k+n], x[i:i+n], y[j:j+n])
			}
		})
		return nil
	}
}

// trim drops leading axes of size 1, which change nothing in memory.
func trim(shape []int) []int {
	for len(shape) > 0 && shape[0] == 1 {
		shape = shape[1:]
	}
	return shape
}

// isRow reports whether a tensor of shape s repeats along the first axes of out.
func isRow(s, out []int) bool { return len(s) > 0 && slices.Equal(s, out[len(out)-len(s):]) }

// isColumn reports whether a tensor of shape s repeats along the last axes of out.
func isColumn(s, out []int) bool {
	if len(s) != len(out) {
		return false
	}
	k := len(s)
	for k > 0 && s[k-1] == 1 {
		k--
	}
	return slices.Equal(s[:k], out[:k])
}

// rows walks over the last axis of two broadcast tensors.
type rows struct {
	shape, x, y      []int // without the last axis: sizes and strides, 0 where repeated
	n                int
	repeatX, repeatY bool
	at               []int
}

func newRows(xs, ys, out []int) *rows {
	r := &rows{shape: out[:len(out)-1], n: out[len(out)-1]}
	var lastX, lastY int
	r.x, lastX = repeatedStrides(xs, out)
	r.y, lastY = repeatedStrides(ys, out)
	r.repeatX, r.repeatY = lastX == 0 && r.n > 1, lastY == 0 && r.n > 1
	r.at = make([]int, len(r.shape))
	return r
}

func repeatedStrides(s, out []int) (outer []int, last int) {
	st := make([]int, len(out))
	own := strides(s)
	for i, d := range s {
		if d > 1 {
			st[len(out)-len(s)+i] = own[i]
		}
	}
	return st[:len(st)-1], st[len(st)-1]
}

// each calls f with the offsets of each row in x, y and the result, and the row's length.
func (r *rows) each(f func(i, j, k, n int)) {
	clear(r.at)
	i, j := 0, 0
	for k := 0; ; k += r.n {
		f(i, j, k, r.n)
		axis := len(r.shape) - 1
		for ; axis >= 0; axis-- {
			r.at[axis]++
			i, j = i+r.x[axis], j+r.y[axis]
			if r.at[axis] < r.shape[axis] {
				break
			}
			i, j = i-r.x[axis]*r.shape[axis], j-r.y[axis]*r.shape[axis]
			r.at[axis] = 0
		}
		if axis < 0 {
			return
		}
	}
}

// zipInts is the plain loop for integers, of which models have few.
func zipInts(f kernel.Binary, c *binding) func() error {
	x, y, z := c.in[0].i32, c.in[1].i32, c.out[0].i32
	shape := c.out[0].Shape
	if len(shape) == 0 {
		shape = []int{1}
	}
	r := newRows(trim(c.in[0].Shape), trim(c.in[1].Shape), shape)
	return func() error {
		var err error
		r.each(func(i, j, k, n int) {
			for t := range n {
				a, b := i+t, j+t
				if r.repeatX {
					a = i
				}
				if r.repeatY {
					b = j
				}
				v, e := zipInt(f, x[a], y[b])
				if e != nil {
					err = e
				}
				z[k+t] = v
			}
		})
		return err
	}
}

func zipInt(f kernel.Binary, x, y int32) (int32, error) {
	switch f {
	case kernel.Add:
		return x + y, nil
	case kernel.Subtract:
		return x - y, nil
	case kernel.Multiply:
		return x * y, nil
	case kernel.Maximum:
		return max(x, y), nil
	case kernel.Minimum:
		return min(x, y), nil
	case kernel.FloorDivide, kernel.Mod:
		if y == 0 {
			return 0, errors.New("integer division by zero")
		}
		q, m := x/y, x%y
		if m != 0 && (m < 0) != (y < 0) {
			q, m = q-1, m+y
		}
		if f == kernel.Mod {
			return m, nil
		}
		return q, nil
	}
	return 0, errors.New("is not defined for integers")
}

func (o binary) gradient(c *chain) []Tensor {
	x, y, z, g := c.in[0], c.in[1], c.out[0], c.g()
	var dx, dy func() Tensor
	switch o.f {
	case kernel.Add:
		dx, dy = func() Tensor { return g }, func() Tensor { return g }
	case kernel.Subtract:
		dx, dy = func() Tensor { return g }, func() Tensor { return Negative(g) }
	case kernel.Multiply:
		dx, dy = func() Tensor { return Multiply(g, y) }, func() Tensor { return Multiply(g, x) }
	case kernel.Divide:
		dx = func() Tensor { return Divide(g, y) }
		dy = func() Tensor { return Negative(Divide(Multiply(g, z), y)) }
	case kernel.Maximum, kernel.Minimum:
		dx, dy = func() Tensor { return Multiply(g, chosen(x, y, z)) }, func() Tensor { return Multiply(g, chosen(y, x, z)) }
	case kernel.Power:
		dx = func() Tensor { return Multiply(g, Multiply(y, Power(x, Subtract(y, Scalar(1))))) }
		dy = func() Tensor { return Multiply(g, Multiply(z, Log(safeBase(x)))) }
	case kernel.SquaredDifference:
		d := func() Tensor { return Multiply(g, Multiply(Scalar(2), Subtract(x, y))) }
		dx, dy = d, func() Tensor { return Negative(d()) }
	case kernel.Mod:
		dx = func() Tensor { return g }
		dy = func() Tensor { return Negative(Multiply(g, FloorDivide(x, y))) }
	case kernel.Arctan2:
		r := func() Tensor { return Divide(g, Add(Square(x), Square(y))) }
		dx, dy = func() Tensor { return Multiply(r(), y) }, func() Tensor { return Negative(Multiply(r(), x)) }
	default: // steps have no slope
		zero := func() Tensor { return Multiply(g, Scalar(0)) }
		dx, dy = zero, zero
	}
	out := make([]Tensor, 2)
	for i, d := range []func() Tensor{dx, dy} {
		if c.needs[i] {
			out[i] = sumTo(d(), c.in[i].Shape())
		}
	}
	return out
}

// chosen is 1 where the result is x's element, 1/2 where both are equal, and 0 elsewhere.
func chosen(x, y, z Tensor) Tensor {
	isX, isY := Cast(Equal(x, z), Float32), Cast(Equal(y, z), Float32)
	return Multiply(isX, Subtract(Scalar(1), Multiply(Scalar(0.5), isY)))
}

// safeBase replaces 0, whose logarithm would make the gradient of 0^y with respect to y NaN instead of 0.
func safeBase(x Tensor) Tensor { return Where(Equal(x, Scalar(0)), Scalar(1), x) }

// promote makes two tensors of one type, as Keras does: where they differ, floats win, then integers.
func promote(x, y Tensor) (Tensor, Tensor) {
	if x.Err() != nil || y.Err() != nil || x.DType() == y.DType() && x.DType() != Bool {
		return x, y
	}
	if x.DType().isFloat() || y.DType().isFloat() {
		return asFloat(x), asFloat(y)
	}
	return Cast(x, Int32), Cast(y, Int32)
}

func zipped(label string, f kernel.Binary, x, y Tensor) Tensor {
	x, y = promote(x, y)
	return apply(binary{label, f}, x, y)
}

// Add is x+y.
func Add(x, y Tensor) Tensor { return zipped("add", kernel.Add, x, y) }

// Subtract is x-y.
func Subtract(x, y Tensor) Tensor { return zipped("subtract", kernel.Subtract, x, y) }

// Multiply is x·y, element by element.
func Multiply(x, y Tensor) Tensor { return zipped("multiply", kernel.Multiply, x, y) }

// Divide is x/y, of floats; integers are cast.
func Divide(x, y Tensor) Tensor {
	return apply(binary{"divide", kernel.Divide}, asFloat(x), asFloat(y))
}

// FloorDivide is the largest whole number that is not above x/y.
func FloorDivide(x, y Tensor) Tensor { return zipped("floor_divide", kernel.FloorDivide, x, y) }

// Mod is the rest of [FloorDivide], with the sign of y.
func Mod(x, y Tensor) Tensor { return zipped("mod", kernel.Mod, x, y) }

// Maximum is the larger of x and y.
func Maximum(x, y Tensor) Tensor { return zipped("maximum", kernel.Maximum, x, y) }

// Minimum is the smaller of x and y.
func Minimum(x, y Tensor) Tensor { return zipped("minimum", kernel.Minimum, x, y) }

// Power is x to the y.
func Power(x, y Tensor) Tensor {
	return apply(binary{"power", kernel.Power}, asFloat(x), asFloat(y))
}

// SquaredDifference is (x-y)².
func SquaredDifference(x, y Tensor) Tensor {
	return apply(binary{"squared_difference", kernel.SquaredDifference}, asFloat(x), asFloat(y))
}

// Arctan2 is the angle in radians of the point (y, x).
func Arctan2(x, y Tensor) Tensor {
	return apply(binary{"arctan2", kernel.Arctan2}, asFloat(x), asFloat(y))
}

// sumTo undoes broadcasting in a gradient: it sums over the axes along which a tensor of this shape was repeated.
func sumTo(g Tensor, shape []int) Tensor {
	if g.Err() != nil {
		return g
	}
	from := g.Spec().Shape
	if sameShape(from, shape) {
		return g
	}
	var axes []int
	for i, d := range from {
		if d != axisFromEnd(shape, len(from)-i) {
			axes = append(axes, i)
		}
	}
	switch {
	case len(axes) > 0:
		g = Sum(g, axes...)
	case len(from) < len(shape):
		g = BroadcastTo(g, shape...)
	}
	return Reshape(g, shape...)
}
