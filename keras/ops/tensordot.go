package ops

import (
	"slices"

	"github.com/pkg/errors"
)

// labelled gives the axes of x and y labels: the same where an axis of x is summed with one of y.
func labelled(x, y Tensor, axesX, axesY []int) (a, b operand, err error) {
	if len(axesX) != len(axesY) {
		return a, b, errors.Errorf("axes %v and %v: expected as many of one as of the other", axesX, axesY)
	}
	a, b = operand{x: x}, operand{x: y}
	for i := range x.Rank() {
		a.labels = append(a.labels, rune(i))
	}
	for i := range y.Rank() {
		b.labels = append(b.labels, rune(x.Rank()+i))
	}
	var seen []int
	for i := range axesX {
		p, err := axisOf(axesX[i], x.Rank())
		if err != nil {
			return a, b, err
		}
		q, err := axisOf(axesY[i], y.Rank())
		if err != nil {
			return a, b, err
		}
		if slices.Contains(seen, p) || b.labels[q] < rune(x.Rank()) {
			return a, b, errors.Errorf("axes %v and %v name one axis twice", axesX, axesY)
		}
		if d, e := x.Dim(p), y.Dim(q); d != e && d != Unknown && e != Unknown {
			return a, b, errors.Errorf("shapes %v and %v: axis %d of %d elements and axis %d of %d", x.Spec().Shape, y.Spec().Shape, p, d, q, e)
		}
		seen = append(seen, p)
		b.labels[q] = rune(p)
	}
	return a, b, nil
}

func tensordot(label string, x, y Tensor, axesX, axesY []int) Tensor {
	a, b, err := labelled(x, y, axesX, axesY)
	if err != nil {
		return Fail(x.path, errors.Wrap(err, label))
	}
	var keep []rune
	for _, l := range slices.Concat(a.labels, b.labels) {
		if !slices.Contains(a.labels, l) || !slices.Contains(b.labels, l) {
			keep = append(keep, l)
		}
	}
	return contract(a, b, keep).x
}

// Tensordot sums products over pairs of axes, axesX of x and axesY of y; the result has x's other axes, then y's. Both nil means
// Keras's default: the last two of x and the first two of y.
func Tensordot(x, y Tensor, axesX, axesY []int) Tensor {
	x, y = asFloat(x), asFloat(y)
	if err := firstError([]Tensor{x, y}); err != nil {
		return apply(product{}, x, y)
	}
	if axesX == nil && axesY == nil {
		axesX, axesY = []int{-2, -1}, []int{0, 1}
	}
	return tensordot("tensordot", x, y, axesX, axesY)
}

// Dot is NumPy's dot: the sum over the last axis of x and the second last (or only) axis of y; a product where one is a scalar.
func Dot(x, y Tensor) Tensor {
	x, y = asFloat(x), asFloat(y)
	if err := firstError([]Tensor{x, y}); err != nil {
		return apply(product{}, x, y)
	}
	if x.Rank() == 0 || y.Rank() == 0 {
		return Multiply(x, y)
	}
	return tensordot("dot", x, y, []int{-1}, []int{-min(2, y.Rank())})
}

// VDot is the sum of x·y of two tensors with as many elements, whatever their shapes.
func VDot(x, y Tensor) Tensor {
	x, y = asFloat(x), asFloat(y)
	if err := firstError([]Tensor{x, y}); err != nil {
		return apply(product{}, x, y)
	}
	return tensordot("vdot", Reshape(x, -1), Reshape(y, -1), []int{0}, []int{0})
}

// Outer is x·y for every pair of an element of x and one of y: [elements of x, elements of y].
func Outer(x, y Tensor) Tensor {
	if err := firstError([]Tensor{x, y}); err != nil {
		return apply(product{}, x, y)
	}
	return Multiply(Reshape(x, -1, 1), Reshape(y, 1, -1))
}
