package preprocessing

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/shuffle"
)

// SplitOptions are the options of [TrainTestSplitWith]. A size below 1 is a share of the slices, another is their number.
type SplitOptions struct {
	TestSize  float64       // A share is rounded up; 0: what TrainSize leaves, or 0.25.
	TrainSize float64       // A share is rounded down; 0: what the test set leaves.
	Shuffle   *bool         // Whether the slices are dealt at random; nil: true. If not, the first are for training, the next for the test.
	Stratify  *tensor.Dense // Labels, [slices], [slices, 1] or of several columns, whose shares both sets have as nearly as can be; nil: none.
	Seed      uint64
}

// TrainTestSplitWith is [TrainTestSplit] with all options of scikit-learn's train_test_split. Its sizes, and with Stratify the number of slices of each
// label, are scikit-learn's, but for ties; the choice is not.
func TrainTestSplitWith(o SplitOptions, arrays ...*tensor.Dense) (train, test []*tensor.Dense, err error) {
	n, err := slicesOf(arrays)
	if err != nil {
		return nil, nil, errors.WithMessage(err, "preprocessing: TrainTestSplitWith")
	}
	left, right, err := o.choose(n)
	if err == nil {
		train, test, err = deal(arrays, left, right)
	}
	return train, test, errors.WithMessage(err, "preprocessing: TrainTestSplitWith")
}

// choose returns the numbers of the slices for training and for the test.
func (o SplitOptions) choose(n int) (train, test []int, err error) {
	nTrain, nTest, err := o.counts(n)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case o.Stratify != nil && !orTrue(o.Shuffle):
		return nil, nil, errors.New("Stratify: expected nil with Shuffle false, got labels")
	case o.Stratify != nil:
		return o.stratified(n, nTrain, nTest)
	case orTrue(o.Shuffle):
		order := shuffle.Permutation(n, o.Seed, 0)
		return order[nTest : nTest+nTrain], order[:nTest], nil
	}
	order := make([]int, nTrain+nTest)
	for i := range order {
		order[i] = i
	}
	return order[:nTrain], order[nTrain:], nil
}

// counts returns the sizes of both sets.
func (o SplitOptions) counts(n int) (train, test int, err error) {
	if o.TestSize == 0 && o.TrainSize == 0 {
		o.TestSize = 0.25
	}
	if test, err = sizeOf("TestSize", o.TestSize, n, math.Ceil); err != nil {
		return 0, 0, err
	}
	if train, err = sizeOf("TrainSize", o.TrainSize, n, math.Floor); err != nil {
		return 0, 0, err
	}
	switch {
	case o.TrainSize == 0:
		train = n - test
	case o.TestSize == 0:
		test = n - train
	}
	tooMuch := o.TrainSize < 1 && o.TestSize < 1 && o.TrainSize+o.TestSize > 1
	if train <= 0 || test <= 0 || train+test > n || tooMuch {
		return 0, 0, errors.Errorf("expected sizes that leave both sets something of %d slices, got TrainSize %v and TestSize %v", n, o.TrainSize, o.TestSize)
	}
	return train, test, nil
}

// sizeOf returns the number of slices that a size means.
func sizeOf(option string, size float64, n int, round func(float64) float64) (int, error) {
	switch {
	case size >= 0 && size < 1:
		return int(round(size * float64(n))), nil
	case size >= 1 && size < float64(n) && size == math.Trunc(size):
		return int(size), nil
	}
	return 0, errors.Errorf("%s: expected a share in (0, 1) or a whole number below %d, got %v", option, n, size)
}

// stratified deals the slices of each label by themselves, and shuffles both sets.
func (o SplitOptions) stratified(n, nTrain, nTest int) (train, test []int, err error) {
	groups, err := groupsOf(o.Stratify, n)
	if err != nil {
		return nil, nil, err
	}
	if len(groups) > min(nTrain, nTest) {
		return nil, nil, errors.Errorf("Stratify: expected at most %d labels, as many as the smaller set has slices, got %d", min(nTrain, nTest), len(groups))
	}
	counts := make([]int, len(groups))
	for i, g := range groups {
		if counts[i] = len(g); len(g) < 2 {
			return nil, nil, errors.Errorf("Stratify: expected each label at least twice, got that of slice %d once", g[0])
		}
	}
	inTrain := apportion(counts, nTrain, o.Seed, 1)
	for i := range counts {
		counts[i] -= inTrain[i]
	}
	inTest := apportion(counts, nTest, o.Seed, 2)
	for i, g := range groups {
		shuffle.Window(g, len(g), o.Seed, uint64(5+i))
		train = append(train, g[:inTrain[i]]...)
		test = append(test, g[inTrain[i]:inTrain[i]+inTest[i]]...)
	}
	shuffle.Window(train, len(train), o.Seed, 3)
	shuffle.Window(test, len(test), o.Seed, 4)
	return train, test, nil
}

// groupsOf returns the numbers of the slices with each label.
func groupsOf(labels *tensor.Dense, n int) ([][]int, error) {
	if labels.Dims() == 0 || labels.Shape()[0] != n || labels.Shape().TotalSize() == 0 {
		return nil, errors.Errorf("Stratify: expected labels of %d slices, got shape %v", n, labels.Shape())
	}
	c, err := flat(labels, n, labels.Shape().TotalSize()/n)
	if err != nil {
		return nil, errors.WithMessage(err, "Stratify")
	}
	all, err := learn(c)
	if err != nil {
		return nil, errors.WithMessage(err, "Stratify")
	}
	numbers, err := encode(all, c, true)
	if err != nil {
		return nil, errors.WithMessage(err, "Stratify")
	}
	row := func(i int) []int { return numbers[i*c.width : (i+1)*c.width] }
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return slices.Compare(row(a), row(b)) })
	var groups [][]int
	for i, r := range order {
		if i == 0 || !slices.Equal(row(r), row(order[i-1])) {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], r)
	}
	return groups, nil
}

// apportion deals draws to groups by their counts: the whole parts of their shares, and the rest to the largest fractions, at random among equal ones.
func apportion(counts []int, draws int, seed, stream uint64) []int {
	total := 0
	for _, c := range counts {
		total += c
	}
	dealt, fractions := make([]int, len(counts)), make([]float64, len(counts))
	rest := draws
	for i, c := range counts {
		share := float64(c) / float64(total) * float64(draws)
		dealt[i] = int(share)
		fractions[i] = share - math.Floor(share)
		rest -= dealt[i]
	}
	order := shuffle.Permutation(len(counts), seed, stream)
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case fractions[a] > fractions[b]:
			return -1
		case fractions[a] < fractions[b]:
			return 1
		}
		return 0
	})
	for _, i := range order[:max(min(rest, len(order)), 0)] {
		dealt[i]++
	}
	return dealt
}
