package preprocessing

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/array"
)

// most is the number of one-hot values beyond which labels are taken for a mistake: 4 GiB of them.
const most = 1 << 30

// ToCategorical returns labels, the numbers of classes, as one-hot float32 vectors along a new last axis of size numClasses. A last axis of size 1 in
// labels is dropped first. numClasses 0 is the largest label plus one.
//
// A label that is not a whole number in [0, numClasses) is an error. Source: keras.utils.to_categorical.
func ToCategorical(labels *tensor.Dense, numClasses int) (*tensor.Dense, error) {
	values, err := array.Float64s(labels)
	if err != nil {
		return nil, errors.WithMessage(err, "preprocessing: ToCategorical")
	}
	if len(values) == 0 {
		return nil, errors.Errorf("preprocessing: ToCategorical: expected at least one label, got shape %v", labels.Shape())
	}
	if numClasses < 0 {
		return nil, errors.Errorf("preprocessing: ToCategorical: numClasses: expected 0 or more, got %d", numClasses)
	}
	if numClasses == 0 {
		numClasses = int(min(max(slices.Max(values), -1), most)) + 1
	}
	for i, v := range values {
		if !(v >= 0 && v < float64(numClasses)) || v != math.Trunc(v) {
			return nil, errors.Errorf("preprocessing: ToCategorical: label %d: expected a whole number in [0, %d), got %v", i, numClasses, v)
		}
	}
	if numClasses > most/len(values) {
		return nil, errors.Errorf("preprocessing: ToCategorical: expected at most %d values, got %d labels of %d classes", most, len(values), numClasses)
	}
	hot := make([]float32, len(values)*numClasses)
	for i, v := range values {
		hot[i*numClasses+int(v)] = 1
	}
	shape := slices.Clone([]int(labels.Shape()))
	if n := len(shape); n > 1 && shape[n-1] == 1 {
		shape = shape[:n-1]
	}
	return tensor.New(tensor.WithShape(append(shape, numClasses)...), tensor.WithBacking(hot)), nil
}
