package ops

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// A ranking is the first k elements of each row in order, the first of equals in front. Results: the elements and their places.
type ranking struct {
	label      string
	k          int // Unknown: all
	descending bool
}

func (o ranking) name() string { return o.label }

func (o ranking) infer(in []Spec) ([]Spec, error) {
	s := slices.Clone(in[0].Shape)
	last := len(s) - 1
	if in[0].DType == Bool {
		return nil, errors.New("expected numbers, got bool")
	}
	if o.k != Unknown {
		if o.k < 1 || s[last] != Unknown && o.k > s[last] {
			return nil, errors.Errorf("k is %d: expected a number from 1 to the size of the last axis of shape %v", o.k, s)
		}
		s[last] = o.k
	}
	return []Spec{{s, in[0].DType}, {s, Int32}}, nil
}

func (o ranking) bind(c *binding) func() error {
	in, out := c.in[0], c.out[0]
	switch {
	case in.DType == Int32:
		return rank(o, c, out.i32, in.i32)
	case c.float == Float64:
		return rank(o, c, out.f64, in.f64)
	}
	return rank(o, c, out.f32, in.f32)
}

func rank[T float32 | float64 | int32](o ranking, c *binding, y, x []T) func() error {
	rows, n := rowsOf(c.in[0].Shape)
	k, at := n, c.out[1].i32
	if o.k != Unknown {
		k = o.k
	}
	places := make([]int32, n)
	var row []T
	before := func(i, j int32) int {
		d := order3(row[i], row[j])
		if o.descending {
			d = -d
		}
		if d == 0 {
			return int(i) - int(j)
		}
		return d
	}
	return func() error {
		for r := range rows {
			row = x[r*n : (r+1)*n]
			if k < n/8 {
				selectFirst(places[:k], n, before)
			} else {
				sortAll(places, before)
			}
			for i, p := range places[:k] {
				y[r*k+i] = row[p]
			}
			if at != nil {
				copy(at[r*k:(r+1)*k], places)
			}
		}
		return nil
	}
}

func sortAll(places []int32, before func(i, j int32) int) {
	for i := range places {
		places[i] = int32(i)
	}
	slices.SortFunc(places, before)
}

// selectFirst finds the first few of n places by keeping those found so far in order, which beats sorting all for few.
func selectFirst(first []int32, n int, before func(i, j int32) int) {
	have := 0
	for i := range int32(n) {
		if have == len(first) {
			if before(i, first[have-1]) > 0 {
				continue
			}
			have--
		}
		j := have
		for ; j > 0 && before(i, first[j-1]) < 0; j-- {
			first[j] = first[j-1]
		}
		first[j] = i
		have++
	}
}

// order3 is -1, 0 or 1 as a is before, at or behind b; NaN is behind everything.
func order3[T float32 | float64 | int32](a, b T) int {
	aNaN, bNaN := math.IsNaN(float64(a)), math.IsNaN(float64(b))
	switch {
	case aNaN && bNaN, a == b:
		return 0
	case bNaN, a < b:
		return -1
	}
	return 1
}

func (o ranking) gradient(c *chain) []Tensor {
	x := c.in[0].Spec()
	return []Tensor{apply(takeAlongGradient{len(x.Shape) - 1, x}, c.g(), c.out[1])}
}

// ranked applies a ranking along any axis and returns one of its results.
func ranked(o ranking, x Tensor, axis, result int) Tensor {
	if x.Err() == nil && x.DType() == Bool {
		x = Cast(x, Int32)
	}
	return onLastAxis(o.label, x, axis, func(x Tensor) Tensor {
		r := applyAll(o, x)
		return r[min(result, len(r)-1)]
	})
}

// TopK is the k largest elements along the last axis, the largest first, and their places as int32. Of equal elements the first
// comes first.
func TopK(x Tensor, k int) (values, indices Tensor) {
	if x.Err() == nil && (x.Rank() == 0 || k < 1) {
		e := Fail(x.path, errors.Errorf("top_k: k %d of shape %v: expected at least 1, of at least one axis", k, x.Spec().Shape))
		return e, e
	}
	r := applyAll(ranking{"top_k", k, true}, x)
	return r[0], r[len(r)-1]
}

// Sort puts the elements along an axis in growing order; NaN comes last.
func Sort(x Tensor, axis int) Tensor {
	return ranked(ranking{"sort", Unknown, false}, x, axis, 0)
}

// ArgSort is the places of the elements along an axis in growing order, as int32; equal elements keep their order.
func ArgSort(x Tensor, axis int) Tensor {
	return ranked(ranking{"argsort", Unknown, false}, x, axis, 1)
}

// InTopK says for each row of predictions [batch, classes] whether the class that targets, int32 [batch], names is among the k
// largest; NaN is not. Targets are read as by [TakeAlongAxis].
func InTopK(targets, predictions Tensor, k int) Tensor {
	if err := firstError([]Tensor{targets, predictions}); err != nil {
		return apply(takeAlong{}, targets, predictions)
	}
	if predictions.Rank() != targets.Rank()+1 {
		return Fail(predictions.path, errors.Errorf("in_top_k: targets of shape %v and predictions of shape %v: expected [batch] and [batch, classes]",
			targets.Spec().Shape, predictions.Spec().Shape))
	}
	x := asFloat(predictions)
	mine := TakeAlongAxis(x, ExpandDims(Cast(targets, Int32), -1), -1)
	mine = Where(IsNaN(mine), Scalar(math.Inf(-1)), mine)
	return Less(CountNonzero(Greater(x, mine), -1), Int(int32(k)))
}
