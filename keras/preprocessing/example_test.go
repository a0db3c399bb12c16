package preprocessing_test

import (
	"fmt"
	"strings"

	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/keras/preprocessing"
)

func ExampleStandardScaler() {
	x := tensor.New(tensor.WithShape(3, 2), tensor.WithBacking([]float64{1, 10, 2, 10, 3, 10}))
	var s preprocessing.StandardScaler
	if err := s.Fit(x); err != nil {
		fmt.Println(err)
		return
	}
	scaled, err := s.Transform(x)
	fmt.Printf("%.2f %v\n", scaled.Data(), err)
	// Output: [-1.22 0.00 0.00 0.00 1.22 0.00] <nil>
}

func ExampleToCategorical() {
	labels := tensor.New(tensor.WithShape(3), tensor.WithBacking([]uint8{2, 0, 1}))
	hot, err := preprocessing.ToCategorical(labels, 0)
	fmt.Println(hot.Shape(), hot.Data(), err)
	// Output: (3, 3) [0 0 1 1 0 0 0 1 0] <nil>
}

func ExamplePadSequences() {
	reviews := [][]int32{{7}, {1, 2}, {3, 4, 5, 6}}
	padded, err := preprocessing.PadSequences(reviews, preprocessing.PadOptions[int32]{MaxLen: 3})
	fmt.Println(padded.Shape(), padded.Data(), err)
	// Output: (3, 3) [0 0 7 0 1 2 4 5 6] <nil>
}

// A table with texts and missing values becomes one array, and what was learned from it is kept beside the model.
func ExampleColumns() {
	table, err := preprocessing.ReadCSV(strings.NewReader(`species,island,mass
Adelie,Torgersen,3750
Gentoo,Biscoe,NA
Adelie,Dream,3250
`), preprocessing.CSVOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	columns := &preprocessing.Columns{Steps: []preprocessing.ColumnStep{
		{Name: "mass", Columns: []string{"mass"}, Transformer: &preprocessing.Pipeline{Steps: []preprocessing.Transformer{
			&preprocessing.SimpleImputer{Strategy: "median"},
			&preprocessing.MinMaxScaler{},
		}}},
		{Name: "place", Columns: []string{"island"}, Transformer: &preprocessing.OneHotEncoder{HandleUnknown: "ignore"}},
	}}
	x, err := columns.FitTransform(table)
	fmt.Println(x.Shape(), x.Data(), err)

	data, err := preprocessing.Encode(columns)
	if err != nil {
		fmt.Println(err)
		return
	}
	later, err := preprocessing.Decode[*preprocessing.Columns](data)
	if err != nil {
		fmt.Println(err)
		return
	}
	names, err := later.FeatureNames()
	fmt.Println(names, err)
	// Output:
	// (3, 4) [1 0 0 1 0.5 1 0 0 0 0 1 0] <nil>
	// [mass__mass place__island_Biscoe place__island_Dream place__island_Torgersen] <nil>
}

func ExampleLabelEncoder() {
	y := tensor.New(tensor.WithShape(3), tensor.WithBacking([]string{"dog", "cat", "dog"}))
	var e preprocessing.LabelEncoder
	classes, err := e.FitTransform(y)
	fmt.Println(classes.Data(), e.Classes.Texts, err)
	// Output: [1 0 1] [cat dog] <nil>
}

func ExampleTable_DropMissing() {
	table := &preprocessing.Table{Columns: []preprocessing.Column{
		{Name: "city", Texts: []string{"Bern", "", "Rome"}},
		{Name: "people", Numbers: []float64{134000, 9000, 2.8e6}},
	}}
	known, err := table.DropMissing("city")
	fmt.Println(known.Len(), known.Names(), err)
	// Output: 2 [city people] <nil>
}
