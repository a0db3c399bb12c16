package ops

import (
	"slices"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A gather takes rows of a table [rows, ...] by int32 indices of any shape. Inputs: table, indices.
type gather struct{}

func (gather) name() string { return "take" }

func (gather) infer(in []Spec) ([]Spec, error) {
	if len(in[0].Shape) == 0 || in[1].DType != Int32 || in[0].DType == Bool {
		return nil, errors.Errorf("expected a table of numbers and int32 indices, got %s %v and %s", in[0].DType, in[0].Shape, in[1].DType)
	}
	return []Spec{{slices.Concat(in[1].Shape, in[0].Shape[1:]), in[0].DType}}, nil
}

func (gather) bind(c *binding) func() error {
	if c.out[0].DType == Int32 {
		return gatherRows(c, c.out[0].i32, c.in[0].i32)
	}
	return pick(c, gatherRows(c, c.out[0].f32, c.in[0].f32), gatherRows(c, c.out[0].f64, c.in[0].f64))
}

func gatherRows[T kernel.Float | int32](c *binding, y, table []T) func() error {
	index, rows := c.in[1].i32, c.in[0].Shape[0]
	width := size(c.in[0].Shape[1:])
	return func() error {
		if bad := kernel.Gather(y, table, index, rows, width); bad >= 0 {
			return errors.Errorf("index %d at position %d is outside [0, %d)", index[bad], bad, rows)
		}
		return nil
	}
}

func (gather) differentiableInput(i int) bool { return i == 0 }

func (gather) gradient(c *chain) []Tensor {
	return []Tensor{apply(scatter{c.in[0].Spec()}, c.g(), c.in[1]), {}}
}

// A scatter adds rows into a table of zeros. Inputs: rows, indices.
type scatter struct{ table Spec }

func (o scatter) name() string                 { return "take_gradient" }
func (o scatter) infer([]Spec) ([]Spec, error) { return []Spec{o.table}, nil }

func (o scatter) bind(c *binding) func() error {
	return pick(c, scatterRows[float32](c), scatterRows[float64](c))
}

func scatterRows[T kernel.Float](c *binding) func() error {
	dy, index, dtable := data[T](c.in[0]), c.in[1].i32, data[T](c.out[0])
	width := size(c.out[0].Shape[1:])
	return func() error {
		clear(dtable)
		kernel.ScatterAdd(dtable, dy, index, width)
		return nil
	}
}

// Take picks slices of x along an axis by integer indices of any shape, which take the axis's place in the result. An index
// outside of [0, size) is an error when the program runs.
func Take(x, indices Tensor, axis int) Tensor {
	if err := firstError([]Tensor{x, indices}); err != nil {
		return apply(gather{}, x, indices)
	}
	indices = Cast(indices, Int32)
	a, err := axisOf(axis, x.Rank())
	if err != nil {
		return Fail(x.path, errors.Wrap(err, "take"))
	}
	if a == 0 {
		return apply(gather{}, x, indices)
	}
	front := append([]int{a}, without(a, x.Rank())...)
	y := apply(gather{}, Transpose(x, front...), indices)
	back := make([]int, 0, y.Rank())
	k := indices.Rank()
	for i := range a {
		back = append(back, k+i)
	}
	for i := range k {
		back = append(back, i)
	}
	for i := k + a; i < y.Rank(); i++ {
		back = append(back, i)
	}
	return Transpose(y, back...)
}

// without lists all axes but one.
func without(axis, rank int) []int {
	var axes []int
	for i := range rank {
		if i != axis {
			axes = append(axes, i)
		}
	}
	return axes
}

// oneHot puts a 1 where each index says. Out of range: nothing, or an error where strict.
type oneHot struct {
	classes int
	strict  bool
}

func (o oneHot) name() string { return "one_hot" }

func (o oneHot) infer(in []Spec) ([]Spec, error) {
	if in[0].DType != Int32 || o.classes < 1 {
		return nil, errors.Errorf("expected int32 indices and at least one class, got %s and %d", in[0].DType, o.classes)
	}
	return []Spec{floats(append(slices.Clone(in[0].Shape), o.classes)...)}, nil
}

func (o oneHot) bind(c *binding) func() error {
	return pick(c, setOnes[float32](o, c), setOnes[float64](o, c))
}

func setOnes[T kernel.Float](o oneHot, c *binding) func() error {
	index, y := c.in[0].i32, data[T](c.out[0])
	return func() error {
		clear(y)
		for i, k := range index {
			switch {
			case k >= 0 && int(k) < o.classes:
				y[i*o.classes+int(k)] = 1
			case o.strict:
				return errors.Errorf("label %d at position %d is outside [0, %d)", k, i, o.classes)
			}
		}
		return nil
	}
}

// OneHot adds an axis of the given number of classes, at the end, that is 1 where the integer x says and 0 elsewhere; all 0 for an
// x outside of [0, classes).
func OneHot(x Tensor, classes int) Tensor { return apply(oneHot{classes: classes}, Cast(x, Int32)) }

// OneHotStrict is [OneHot] where an x outside of [0, classes) is an error when the program runs.
func OneHotStrict(x Tensor, classes int) Tensor {
	return apply(oneHot{classes: classes, strict: true}, Cast(x, Int32))
}
