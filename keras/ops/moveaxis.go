package ops

import (
	"slices"

	"github.com/pkg/errors"
)

// SwapAxes exchanges two axes.
func SwapAxes(x Tensor, axis1, axis2 int) Tensor {
	if x.Err() != nil {
		return x
	}
	order := firstAxes(x.Rank())
	a, err := axisOf(axis1, x.Rank())
	if err != nil {
		return Fail(x.path, errors.Wrap(err, "swapaxes"))
	}
	b, err := axisOf(axis2, x.Rank())
	if err != nil {
		return Fail(x.path, errors.Wrap(err, "swapaxes"))
	}
	order[a], order[b] = b, a
	return reordered(x, order)
}

// MoveAxis puts the axis source at destination; the others keep their order.
func MoveAxis(x Tensor, source, destination int) Tensor {
	if x.Err() != nil {
		return x
	}
	a, err := axisOf(source, x.Rank())
	if err != nil {
		return Fail(x.path, errors.Wrap(err, "moveaxis"))
	}
	b, err := axisOf(destination, x.Rank())
	if err != nil {
		return Fail(x.path, errors.Wrap(err, "moveaxis"))
	}
	return reordered(x, slices.Insert(without(a, x.Rank()), b, a))
}

// firstAxes are the axes 0 to n-1.
func firstAxes(n int) []int {
	axes := make([]int, n)
	for i := range axes {
		axes[i] = i
	}
	return axes
}

// reordered is [Transpose] that leaves a tensor alone whose axes stay where they are.
func reordered(x Tensor, order []int) Tensor {
	if x.Err() != nil || slices.IsSorted(order) {
		return x
	}
	return Transpose(x, order...)
}
