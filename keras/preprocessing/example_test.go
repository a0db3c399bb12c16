package preprocessing_test

import (
	"fmt"

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
