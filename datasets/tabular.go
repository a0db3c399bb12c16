package datasets

import (
	_ "embed" // for the files below
	"fmt"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

//go:embed data/iris.csv
var irisFile string

//go:embed data/wine_data.csv
var wineFile string

//go:embed data/breast_cancer.csv
var breastCancerFile string

//go:embed data/digits.csv.gz
var digitsFile string

// Iris returns measures of 150 irises of three species (Fisher 1936), as scikit-learn's load_iris: X is [150, 4] float64, in cm; Y is [150] int32, the species
// in TargetNames.
func Iris() (Split, error) {
	s, err := tabular(irisFile,
		[]string{"sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"},
		[]string{"setosa", "versicolor", "virginica"})
	return s, errors.WithMessage(err, "datasets: Iris")
}

// Wine returns chemical analyses of 178 wines of three growers, as scikit-learn's load_wine: X is [178, 13] float64, Y is [178] int32.
func Wine() (Split, error) {
	s, err := tabular(wineFile, []string{
		"alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols", "flavanoids", "nonflavanoid_phenols",
		"proanthocyanins", "color_intensity", "hue", "od280/od315_of_diluted_wines", "proline",
	}, []string{"class_0", "class_1", "class_2"})
	return s, errors.WithMessage(err, "datasets: Wine")
}

// BreastCancer returns measures of the cells of 569 tumours (Wolberg, Street, Mangasarian 1995), as scikit-learn's load_breast_cancer: X is
// [569, 30] float64, Y is [569] int32: 0 malignant, 1 benign.
func BreastCancer() (Split, error) {
	var features []string
	for _, form := range []string{"mean %s", "%s error", "worst %s"} {
		for _, measure := range []string{
			"radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points", "symmetry", "fractal dimension",
		} {
			features = append(features, fmt.Sprintf(form, measure))
		}
	}
	s, err := tabular(breastCancerFile, features, []string{"malignant", "benign"})
	return s, errors.WithMessage(err, "datasets: BreastCancer")
}

// Digits returns 1,797 handwritten digits of 8 by 8 pixels, as scikit-learn's load_digits: X is [1797, 64] float64, row by row, 0 (background) to 16;
// Y is [1797] int32, the digit. Its images are X reshaped to [1797, 8, 8].
func Digits() (Split, error) {
	file, err := gunzip(digitsFile)
	if err != nil {
		return Split{}, errors.WithMessage(err, "datasets: Digits")
	}
	rows, err := parseRows(file, 0)
	if err != nil {
		return Split{}, errors.WithMessage(err, "datasets: Digits")
	}
	var features, classes []string
	for i := range 64 {
		features = append(features, fmt.Sprintf("pixel_%d_%d", i/8, i%8))
	}
	for i := range 10 {
		classes = append(classes, strconv.Itoa(i))
	}
	s, err := classified(rows, features, classes)
	return s, errors.WithMessage(err, "datasets: Digits")
}

// tabular reads a file whose first line has the sizes and the classes.
func tabular(file string, features, classes []string) (Split, error) {
	rows, err := parseRows(file[strings.IndexByte(file, '\n')+1:], 0) // That line is shorter or longer than the rows.
	if err != nil {
		return Split{}, err
	}
	return classified(rows, features, classes)
}
