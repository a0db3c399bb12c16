package datasets

import (
	_ "embed" // for the file below

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/randomstate"
)

//go:embed data/boston_house_prices.csv
var bostonHousing string

// BostonHousing returns house prices in Boston's suburbs around 1970: the same 404 training and 102 test rows in the same order as
// keras.datasets.boston_housing.load_data(). X is [n, 13] float64 (CRIM, ZN, INDUS, CHAS, NOX, RM, AGE, DIS, RAD, TAX, PTRATIO, B, LSTAT); Y is [n] float64,
// the median price in thousands of dollars.
//
// Warning: the column B (index 11) is made from the share of Black residents on the assumption that segregation raises house prices. Do
// not use this set except to show a method, or to discuss exactly that.
func BostonHousing() (train, test Split, err error) {
	return BostonHousingSplit(0.2, 113)
}

// BostonHousingSplit is [BostonHousing] with the arguments test_split, in [0, 1), and seed of Keras's load_data, which shuffles as NumPy does. With
// testSplit 0 all 506 rows are train and test is empty.
func BostonHousingSplit(testSplit float64, seed uint32) (train, test Split, err error) {
	if _, err := shareOf(&testSplit); err != nil {
		return train, test, errors.WithMessage(err, "datasets: BostonHousing")
	}
	rows, err := parseRows(bostonHousing, 2) // the sizes and the names
	if err != nil {
		return train, test, errors.WithMessage(err, "datasets: BostonHousing")
	}
	order := randomstate.New(seed).Permutation(len(rows))
	n := testStart(len(rows), testSplit)
	train, test = pick(rows, order[:n]), pick(rows, order[n:])
	train.FeatureNames, test.FeatureNames = bostonNames(), bostonNames()
	return train, test, nil
}

func bostonNames() []string {
	return []string{"CRIM", "ZN", "INDUS", "CHAS", "NOX", "RM", "AGE", "DIS", "RAD", "TAX", "PTRATIO", "B", "LSTAT"}
}
