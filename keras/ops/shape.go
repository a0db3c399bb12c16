package ops

import (
	"slices"

	"github.com/pkg/errors"
)

// Unknown is the size of an axis that is not known until a program is built, such as the batch axis of a model.
const Unknown = -1

// A Spec is what is known of a tensor before it has a value.
type Spec struct {
	Shape []int // sizes of the axes; Unknown where it is not known yet; empty for a scalar
	DType DType
}

func floats(shape ...int) Spec { return Spec{Shape: shape, DType: Float32} }

// size is the number of elements, or Unknown.
func size(shape []int) int {
	n := 1
	for _, d := range shape {
		if d == Unknown {
			return Unknown
		}
		n *= d
	}
	return n
}

func known(shape []int) bool { return !slices.Contains(shape, Unknown) }

// axisOf turns a possibly negative axis into an index below rank.
func axisOf(axis, rank int) (int, error) {
	a := axis
	if a < 0 {
		a += rank
	}
	if a < 0 || a >= rank {
		return 0, errors.Errorf("axis %d does not exist: the tensor has %d axes", axis, rank)
	}
	return a, nil
}

// axesOf sorts axes and makes them positive; none means all.
func axesOf(axes []int, rank int) ([]int, error) {
	if len(axes) == 0 {
		all := make([]int, rank)
		for i := range all {
			all[i] = i
		}
		return all, nil
	}
	r := make([]int, len(axes))
	for i, a := range axes {
		var err error
		if r[i], err = axisOf(a, rank); err != nil {
			return nil, err
		}
	}
	slices.Sort(r)
	if len(slices.Compact(slices.Clone(r))) != len(r) {
		return nil, errors.Errorf("axes %v name one axis twice", axes)
	}
	return r, nil
}

// broadcast joins two shapes by NumPy's rule. An unknown size meets 1 or an unknown size and stays unknown; with any other size
// it takes that size.
func broadcast(a, b []int) ([]int, error) {
	r := make([]int, max(len(a), len(b)))
	for i := range r {
		x, y := axisFromEnd(a, len(r)-i), axisFromEnd(b, len(r)-i)
		switch {
		case x == y, y == 1:
			r[i] = x
		case x == 1:
			r[i] = y
		case x == Unknown:
			r[i] = y
		case y == Unknown:
			r[i] = x
		default:
			return nil, errors.Errorf("shapes %v and %v cannot be broadcast: %d != %d", a, b, x, y)
		}
	}
	return r, nil
}

func axisFromEnd(shape []int, k int) int {
	if k > len(shape) {
		return 1
	}
	return shape[len(shape)-k]
}

// around cuts a shape at an axis: sizes before it, of it, behind it.
func around(shape []int, axis int) (outer, n, inner int) {
	return size(shape[:axis]), shape[axis], size(shape[axis+1:])
}

func strides(shape []int) []int {
	s := make([]int, len(shape))
	n := 1
	for i := len(shape) - 1; i >= 0; i-- {
		s[i] = n
		n *= shape[i]
	}
	return s
}

func sameShape(a, b []int) bool { return slices.Equal(a, b) }
