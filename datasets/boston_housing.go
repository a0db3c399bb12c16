package datasets

import (
	_ "embed" // for the file below
	"encoding/csv"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
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
	if !(testSplit >= 0 && testSplit < 1) {
		return train, test, errors.Errorf("datasets: BostonHousing: testSplit: expected a share in [0, 1), got %v", testSplit)
	}
	rows, err := parseRows(bostonHousing)
	if err != nil {
		return train, test, errors.WithMessage(err, "datasets: BostonHousing")
	}
	order := numpyShuffle(len(rows), seed)
	n := int(float64(len(rows)) * (1 - testSplit))
	return pick(rows, order[:n]), pick(rows, order[n:]), nil
}

// parseRows reads a file of scikit-learn's: a line with the number of rows and columns, a line of names, the rows with the target last.
func parseRows(file string) ([][]float64, error) {
	r := csv.NewReader(strings.NewReader(file))
	records, err := r.ReadAll()
	if err != nil {
		return nil, errors.Wrap(err, "csv")
	}
	var rows [][]float64
	for line, record := range records {
		if line < 2 {
			continue
		}
		row := make([]float64, len(record))
		for k, field := range record {
			if row[k], err = strconv.ParseFloat(field, 64); err != nil {
				return nil, errors.Wrapf(err, "csv: line %d", line+1)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// pick returns the rows of those numbers, the last column as Y; none give an empty Split.
func pick(rows [][]float64, numbers []int) Split {
	if len(numbers) == 0 {
		return Split{}
	}
	width := len(rows[0]) - 1
	var x, y []float64
	for _, i := range numbers {
		x = append(x, rows[i][:width]...)
		y = append(y, rows[i][width])
	}
	return Split{
		X: tensor.New(tensor.WithShape(len(y), width), tensor.WithBacking(x)),
		Y: tensor.New(tensor.WithShape(len(y)), tensor.WithBacking(y)),
	}
}
