package ops

import (
	"slices"

	"github.com/pkg/errors"
)

// Split cuts x into equal sections along an axis, whose size must be known and a multiple of them.
func Split(x Tensor, sections, axis int) []Tensor {
	if sections < 1 {
		return failures(1, Fail(x.path, errors.Errorf("split: %d sections: expected at least one", sections)))
	}
	if x.Err() != nil {
		return failures(sections, x)
	}
	a, err := axisOf(axis, x.Rank())
	if err == nil && (x.Dim(a) == Unknown || x.Dim(a)%sections != 0) {
		err = errors.Errorf("axis %d of shape %v cannot be cut into %d equal sections", axis, x.Spec().Shape, sections)
	}
	if err != nil {
		return failures(sections, Fail(x.path, errors.Wrap(err, "split")))
	}
	n := x.Dim(a) / sections
	out := make([]Tensor, sections)
	for i := range out {
		out[i] = cutAxis(x, a, i*n, n)
	}
	return out
}

// SplitAt cuts x before each of the given places along an axis; they must grow, and no section may be empty. The last section is
// what is left.
func SplitAt(x Tensor, places []int, axis int) []Tensor {
	if x.Err() != nil {
		return failures(len(places)+1, x)
	}
	a, err := axisOf(axis, x.Rank())
	if err == nil && x.Dim(a) == Unknown {
		err = errors.Errorf("axis %d of shape %v has an unknown size", axis, x.Spec().Shape)
	}
	if err != nil {
		return failures(len(places)+1, Fail(x.path, errors.Wrap(err, "split")))
	}
	out := make([]Tensor, 0, len(places)+1)
	start := 0
	for _, end := range append(slices.Clone(places), x.Dim(a)) {
		if end <= start || end > x.Dim(a) {
			return failures(len(places)+1, Fail(x.path, errors.Errorf(
				"split: places %v of axis %d of shape %v: expected growing numbers between 1 and %d", places, axis, x.Spec().Shape, x.Dim(a)-1)))
		}
		out = append(out, cutAxis(x, a, start, end-start))
		start = end
	}
	return out
}

// failures hands one error on by every result.
func failures(n int, e Tensor) []Tensor { return slices.Repeat([]Tensor{e}, n) }

// Unstack cuts x into its slices along an axis, whose size must be known; the axis is gone in them.
func Unstack(x Tensor, axis int) []Tensor {
	if x.Err() != nil {
		return failures(1, x)
	}
	a, err := axisOf(axis, x.Rank())
	if err == nil && x.Dim(a) == Unknown {
		err = errors.Errorf("axis %d of shape %v has an unknown size", axis, x.Spec().Shape)
	}
	if err != nil {
		return failures(1, Fail(x.path, errors.Wrap(err, "unstack")))
	}
	out := Split(x, x.Dim(a), a)
	for i := range out {
		out[i] = Squeeze(out[i], a)
	}
	return out
}

// Stack joins tensors of one shape along a new axis.
func Stack(axis int, xs ...Tensor) Tensor {
	if len(xs) == 0 {
		return Fail("", errors.New("stack: expected at least one tensor"))
	}
	if err := firstError(xs); err != nil {
		return apply(concatenation{}, xs...)
	}
	a, err := axisOf(axis, xs[0].Rank()+1)
	if err != nil {
		return Fail(xs[0].path, errors.Wrap(err, "stack"))
	}
	parts := make([]Tensor, len(xs))
	for i, x := range xs {
		if !agree(x.Spec().Shape, xs[0].Spec().Shape) {
			return Fail(x.path, errors.Errorf("stack: shapes %v and %v differ", xs[0].Spec().Shape, x.Spec().Shape))
		}
		parts[i] = ExpandDims(x, a)
	}
	return Concatenate(a, parts...)
}
