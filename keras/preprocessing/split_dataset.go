package preprocessing

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/shuffle"
)

// SplitDatasetOptions are the options of [SplitDataset]. A size below 1 is a share of the slices, rounded to the nearest number, another is their number.
type SplitDatasetOptions struct {
	LeftSize  float64 // 0: what RightSize leaves.
	RightSize float64 // 0: what LeftSize leaves.
	Shuffle   bool    // Whether the slices are shuffled before.
	Seed      uint64  // 0; the same seed gives the same order.
}

// SplitDataset splits arrays along their first axis: the first slices go to the left, the last to the right. The results are new arrays.
//
// Source: keras.utils.split_dataset of arrays. Data sets are split by Take and Skip of package data.
func SplitDataset(o SplitDatasetOptions, arrays ...*tensor.Dense) (left, right []*tensor.Dense, err error) {
	n, err := slicesOf(arrays)
	if err != nil {
		return nil, nil, errors.WithMessage(err, "preprocessing: SplitDataset")
	}
	nLeft, nRight, err := o.counts(n)
	if err != nil {
		return nil, nil, errors.WithMessage(err, "preprocessing: SplitDataset")
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	if o.Shuffle {
		order = shuffle.Permutation(n, o.Seed, 0)
	}
	left, right, err = deal(arrays, order[:nLeft], order[n-nRight:])
	return left, right, errors.WithMessage(err, "preprocessing: SplitDataset")
}

func (o SplitDatasetOptions) counts(n int) (left, right int, err error) {
	if o.LeftSize == 0 && o.RightSize == 0 {
		return 0, 0, errors.New("expected LeftSize or RightSize, got neither")
	}
	if left, err = sizeOf("LeftSize", o.LeftSize, n, math.RoundToEven); err != nil {
		return 0, 0, err
	}
	if right, err = sizeOf("RightSize", o.RightSize, n, math.RoundToEven); err != nil {
		return 0, 0, err
	}
	switch {
	case o.LeftSize == 0:
		left = n - right
	case o.RightSize == 0:
		right = n - left
	}
	tooMuch := o.LeftSize < 1 && o.RightSize < 1 && o.LeftSize+o.RightSize > 1
	if left <= 0 || right <= 0 || left+right > n || tooMuch {
		return 0, 0, errors.Errorf("expected sizes that leave both sides something of %d slices, got LeftSize %v and RightSize %v", n, o.LeftSize, o.RightSize)
	}
	return left, right, nil
}
