package datasets

import (
	"context"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/array"
	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/internal/randomstate"
)

// HousingOptions are the arguments of keras.datasets.boston_housing.load_data and keras.datasets.california_housing.load_data.
type HousingOptions struct {
	Version   string   // of California: "small", the first 600 rows, or "large", all; "": "large". Boston has none.
	TestSplit *float64 // the share of test rows, in [0, 1); nil: 0.2
	Seed      *uint32  // of the order of the rows; nil: 113
}

// BostonHousing is keras.datasets.boston_housing.load_data from Keras's own file. [BostonHousing] gives the same rows without a download; its warning is
// meant here too. X is [n, 13], Y is [n], of the type that the file has.
func (c Cache) BostonHousing(ctx context.Context, o HousingOptions) (train, test Split, err error) {
	if o.Version != "" {
		return train, test, errors.Errorf("datasets: Cache: BostonHousing: Version: expected none, got %q", o.Version)
	}
	train, test, err = c.housing(ctx, o, pinned{
		name: "boston_housing.npz", base: kerasFiles,
		hash: "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
	})
	train.FeatureNames, test.FeatureNames = bostonNames(), bostonNames()
	return train, test, errors.WithMessage(err, "datasets: Cache: BostonHousing")
}

// CaliforniaHousing returns the houses of 20,640 block groups of California in 1990, as keras.datasets.california_housing.load_data. X is [n, 8], of
// the columns that FeatureNames has; Y is [n], the median price in dollars. Both have the type that the file has.
func (c Cache) CaliforniaHousing(ctx context.Context, o HousingOptions) (train, test Split, err error) {
	switch o.Version {
	case "", "small", "large":
	default:
		return train, test, errors.Errorf("datasets: CaliforniaHousing: Version: expected \"small\" or \"large\", got %q", o.Version)
	}
	train, test, err = c.housing(ctx, o, pinned{
		name: "california_housing.npz", base: kerasFiles,
		hash: "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
	})
	train.FeatureNames, test.FeatureNames = californiaNames(), californiaNames()
	return train, test, errors.WithMessage(err, "datasets: CaliforniaHousing")
}

func californiaNames() []string {
	return []string{"MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude"}
}

func (c Cache) housing(ctx context.Context, o HousingOptions, p pinned) (train, test Split, err error) {
	share, err := shareOf(o.TestSplit)
	if err != nil {
		return train, test, err
	}
	path, err := c.file(ctx, p)
	if err != nil {
		return train, test, err
	}
	parts, err := readSplits(ctx, path, [2]string{"x", "y"})
	if err != nil {
		return train, test, err
	}
	n := parts[0].X.Shape()[0]
	if o.Version == "small" {
		n = min(n, 600)
	}
	order := randomstate.New(optional.Or(o.Seed, 113)).Permutation(n)
	start := testStart(n, share)
	if train, err = parts[0].rows(order[:start]); err != nil {
		return train, test, err
	}
	test, err = parts[0].rows(order[start:])
	return train, test, err
}

// rows returns the rows of these numbers; none give no arrays.
func (s Split) rows(numbers []int) (Split, error) {
	if len(numbers) == 0 {
		return Split{}, nil
	}
	x, err := array.NewRows(s.X)
	if err != nil {
		return Split{}, err
	}
	y, err := array.NewRows(s.Y)
	if err != nil {
		return Split{}, err
	}
	return Split{X: x.Gatherer(len(numbers), 0).Gather(numbers), Y: y.Gatherer(len(numbers), 0).Gather(numbers)}, nil
}

// shareOf checks Keras's test_split.
func shareOf(testSplit *float64) (float64, error) {
	share := optional.Or(testSplit, 0.2)
	if !(share >= 0 && share < 1) {
		return 0, errors.Errorf("TestSplit: expected a share in [0, 1), got %v", share)
	}
	return share, nil
}

// testStart returns the number of training samples among n, rounded as Keras does.
func testStart(n int, share float64) int { return int(float64(n) * (1 - share)) }
