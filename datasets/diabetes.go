package datasets

import (
	_ "embed" // for the files below
	"math"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

//go:embed data/diabetes_data_raw.csv.gz
var diabetesFile string

//go:embed data/diabetes_target.csv.gz
var diabetesTargets string

// Diabetes returns measures of 442 patients and the progress of their illness a year later (Efron, Hastie, Johnstone, Tibshirani 2004), as scikit-learn's
// load_diabetes: X is [442, 10] float64, every column with the mean 0 and the sum of squares 1; Y is [442] float64, 25 to 346.
func Diabetes() (Split, error) {
	s, err := DiabetesRaw()
	if err != nil {
		return Split{}, err
	}
	x, width := s.X.Float64s(), s.X.Shape()[1]
	for k := range width {
		scaleColumn(x[k:], width)
	}
	return s, nil
}

// DiabetesRaw is [Diabetes] with the measures as they were taken, as scikit-learn's load_diabetes with scaled=False: years, sex as 1 or 2, body mass index,
// blood pressure, and six values of the blood serum.
func DiabetesRaw() (Split, error) {
	x, err := diabetesNumbers(diabetesFile)
	if err != nil {
		return Split{}, errors.WithMessage(err, "datasets: Diabetes")
	}
	y, err := diabetesNumbers(diabetesTargets)
	if err != nil {
		return Split{}, errors.WithMessage(err, "datasets: Diabetes: target")
	}
	features := []string{"age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"}
	if len(x) != len(y)*len(features) {
		return Split{}, errors.Errorf("datasets: Diabetes: expected %d numbers for %d targets, got %d", len(y)*len(features), len(y), len(x))
	}
	return Split{
		X:            tensor.New(tensor.WithShape(len(y), len(features)), tensor.WithBacking(x)),
		Y:            tensor.New(tensor.WithShape(len(y)), tensor.WithBacking(y)),
		FeatureNames: features,
	}, nil
}

// diabetesNumbers reads numbers separated by blanks.
func diabetesNumbers(compressed string) ([]float64, error) {
	file, err := gunzip(compressed)
	if err != nil {
		return nil, err
	}
	fields := strings.Fields(file)
	numbers := make([]float64, len(fields))
	for i, f := range fields {
		if numbers[i], err = parseNumber(f); err != nil {
			return nil, errors.WithMessagef(err, "number %d", i)
		}
	}
	return numbers, nil
}

// scaleColumn centres every width-th number and divides it by the root of the sum of squares.
func scaleColumn(x []float64, width int) {
	mean, square, n := 0.0, 0.0, 0
	for i := 0; i < len(x); i += width {
		mean += x[i]
		n++
	}
	mean /= float64(n)
	for i := 0; i < len(x); i += width {
		x[i] -= mean
		square += x[i] * x[i]
	}
	for i := 0; i < len(x); i += width {
		x[i] /= math.Sqrt(square)
	}
}
