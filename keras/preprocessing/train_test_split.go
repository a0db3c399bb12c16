package preprocessing

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/array"
	"github.com/gokeras/gokeras/internal/shuffle"
)

// TrainTestSplit deals the slices of arrays along their first axis to a training and a test set, at random by seed and alike for all arrays. The test
// set has the share testSize of them, rounded up. The results are new arrays of the same element types.
//
// It is an error where arrays differ in their number of slices or either set would be empty. The sizes are those of scikit-learn's
// train_test_split, the choice is not. See [TrainTestSplitWith] for more options.
func TrainTestSplit(seed uint64, testSize float64, arrays ...*tensor.Dense) (train, test []*tensor.Dense, err error) {
	n, err := slicesOf(arrays)
	if err != nil {
		return nil, nil, errors.WithMessage(err, "preprocessing: TrainTestSplit")
	}
	count, err := testCount("TrainTestSplit", testSize, n)
	if err != nil {
		return nil, nil, err
	}
	order := shuffle.Permutation(n, seed, 0)
	train, test, err = deal(arrays, order[count:], order[:count])
	return train, test, errors.WithMessage(err, "preprocessing: TrainTestSplit")
}

// testCount returns how many of n slices are the share testSize.
func testCount(method string, testSize float64, n int) (int, error) {
	count := int(math.Ceil(testSize * float64(n)))
	if !(testSize > 0 && testSize < 1) || count >= n {
		return 0, errors.Errorf("preprocessing: %s: testSize: expected a share in (0, 1) that leaves both sets something of %d slices, got %v",
			method, n, testSize)
	}
	return count, nil
}

// slicesOf returns the number of slices that all arrays have.
func slicesOf(arrays []*tensor.Dense) (int, error) {
	if len(arrays) == 0 {
		return 0, errors.New("expected at least one array, got none")
	}
	for i, a := range arrays {
		if a == nil || a.Dims() == 0 {
			return 0, errors.Errorf("array %d: expected one with a first axis, got %v", i, a)
		}
		if want, got := arrays[0].Shape()[0], a.Shape()[0]; got != want {
			return 0, errors.Errorf("array %d: expected %d slices as in the first, got %d", i, want, got)
		}
	}
	return arrays[0].Shape()[0], nil
}

// deal returns copies of the slices of these numbers.
func deal(arrays []*tensor.Dense, left, right []int) (l, r []*tensor.Dense, err error) {
	for i, a := range arrays {
		rows, err := array.NewRows(a)
		if err != nil {
			return nil, nil, errors.WithMessagef(err, "array %d", i)
		}
		l = append(l, rows.Gatherer(len(left), 0).Gather(left))
		r = append(r, rows.Gatherer(len(right), 0).Gather(right))
	}
	return l, r, nil
}
