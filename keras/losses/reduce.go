package losses

import (
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// Reduce makes the values of a loss one number, with a weight for each sample or step (the zero Tensor: all 1) and without what the
// masks of the values and of the predictions leave out. Weights and masks are broadcast to the values; one axis of size 1 more or
// less, at the end, does not matter. With [None] the weighted values stay as they are.
//
// With [Sum] and [MeanWithSampleWeight] a mask is a weight of 0 or 1; otherwise it is scaled so that the average is one over what the
// mask leaves.
func Reduce(values, yPred, weight ops.Tensor, r Reduction) ops.Tensor {
	w := weight
	if mask := bothMasks(values.Mask(), yPred.Mask()); mask.Valid() {
		w = masked(mask, weight, r)
	}
	if w.Valid() {
		values, w = sameRank(values, asFloat(w))
		values = ops.Multiply(values, w)
	}
	switch r {
	case None:
		return values
	case Sum:
		return ops.Sum(values)
	case "", SumOverBatchSize, Mean:
		return ops.Mean(values)
	case MeanWithSampleWeight:
		if !w.Valid() || values.Rank() == 0 { // Keras does not divide what is one number already.
			return ops.Mean(values)
		}
		return divideNoNaN(ops.Sum(values), ops.Sum(w))
	}
	return ops.Fail(values.Path(), errors.Errorf("loss reduction %q is not one of Keras's", string(r)))
}

// bothMasks leaves what two masks leave, either of which may be none.
func bothMasks(m, n ops.Tensor) ops.Tensor {
	switch {
	case !m.Valid():
		return n
	case !n.Valid():
		return m
	}
	return ops.LogicalAnd(m, n)
}

// masked is the weight of what a mask leaves.
func masked(mask, weight ops.Tensor, r Reduction) ops.Tensor {
	m := asFloat(mask)
	if r == "" || r == Mean || r == SumOverBatchSize {
		m = ops.Multiply(m, divideNoNaN(count(m), ops.Sum(m)))
	}
	if !weight.Valid() {
		return m
	}
	m, weight = sameRank(m, asFloat(weight))
	return ops.Multiply(weight, m)
}

// count is how many elements a tensor has.
func count(x ops.Tensor) ops.Tensor {
	if slices.Contains(x.Shape(), ops.Unknown) {
		return ops.Sum(ops.OnesLike(x))
	}
	n := 1
	for _, d := range x.Shape() {
		n *= d
	}
	return ops.Scalar(float64(n))
}

// divideNoNaN is x/y, and 0 where y is 0.
func divideNoNaN(x, y ops.Tensor) ops.Tensor {
	zero := ops.Equal(y, ops.Scalar(0))
	return ops.Where(zero, ops.Scalar(0), ops.Divide(x, ops.Where(zero, ops.Scalar(1), y)))
}
