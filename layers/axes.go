package layers

import (
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// axesOf are axes of a tensor over which a layer normalizes.
type axesOf struct {
	axes  []int // from 0, in the order of the weights' axes
	sizes []int // the weights' shape
	whole []int // the weights' shape with axes of size 1 for the rest, for a tensor of x's rank
}

// normalizedAxes reads axes behind the batch, whose sizes must be known; nil means the last. Weights have them in the order of their numbers
// as they are given, as in Keras, where -1 comes before 1.
func normalizedAxes(given []int, x ops.Tensor) (axesOf, error) {
	if given == nil {
		given = []int{-1}
	}
	var a axesOf
	a.whole = slices.Repeat([]int{1}, x.Rank())
	for _, axis := range slices.Sorted(slices.Values(given)) {
		if axis < 0 {
			axis += x.Rank()
		}
		switch {
		case axis < 1 || axis >= x.Rank():
			return a, errors.Errorf("axis %v: expected axes behind the batch of an input of shape %v", given, x.Shape())
		case slices.Contains(a.axes, axis):
			return a, errors.Errorf("axis %v: names axis %d of an input of shape %v twice", given, axis, x.Shape())
		case x.Dim(axis) == ops.Unknown:
			return a, errors.Errorf("input of shape %v: the size of axis %d must be known", x.Shape(), axis)
		}
		a.axes, a.sizes = append(a.axes, axis), append(a.sizes, x.Dim(axis))
		a.whole[axis] = x.Dim(axis)
	}
	if len(a.axes) == 0 {
		return a, errors.New("axis: expected at least one")
	}
	return a, nil
}

// over gives a weight the rank of what it scales or shifts.
func (a axesOf) over(w ops.Tensor) ops.Tensor { return ops.Reshape(w, a.whole...) }

// couldBe reports whether two shapes are the same but for sizes that are not known.
func couldBe(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i, n := range a {
		if n != b[i] && n != ops.Unknown && b[i] != ops.Unknown {
			return false
		}
	}
	return true
}
