package ops_test

import (
	"fmt"

	"github.com/gokeras/gokeras/keras/ops"
	"gorgonia.org/tensor"
)

func ExampleImageResize() {
	x := ops.Array(tensor.New(tensor.WithShape(1, 4, 1), tensor.WithBacking([]float32{0, 4, 8, 12})))
	for _, y := range []ops.Tensor{
		ops.ImageResize(x, 1, 8, ops.ResizeOptions{}),
		ops.ImageResize(x, 1, 2, ops.ResizeOptions{Interpolation: ops.Nearest}),
	} {
		v, err := ops.Evaluate(y)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(v.Shape(), v.Data())
	}
	// Output:
	// (1, 8, 1) [0 1 3 5 7 9 11 12]
	// (1, 2, 1) [4 12]
}

// A pixel comes from one place to its right and, outside of the image, from its border.
func ExampleAffineTransform() {
	x := ops.Array(tensor.New(tensor.WithShape(1, 4, 1), tensor.WithBacking([]float32{1, 2, 3, 4})))
	shift := ops.Array(tensor.New(tensor.WithShape(8), tensor.WithBacking([]float32{1, 0, 1, 0, 1, 0, 0, 0})))
	y, err := ops.Evaluate(ops.AffineTransform(x, shift, ops.AffineOptions{FillMode: ops.FillNearest}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(y.Data())
	// Output: [2 3 4 4]
}
