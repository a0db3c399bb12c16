package data_test

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/keras/data"
)

func ExampleFromTensorSlices() {
	x := tensor.New(tensor.WithShape(5, 2), tensor.WithBacking([]float32{0, 0, 1, 1, 2, 2, 3, 3, 4, 4}))
	y := tensor.New(tensor.WithShape(5), tensor.WithBacking([]int32{0, 1, 2, 3, 4}))
	train := data.FromTensorSlices(x, y).Batch(2)
	for batch, err := range train.Batches(0, 0) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(batch.X[0].Shape(), batch.Y[0].Data())
	}
	// Output:
	// (2, 2) [0 1]
	// (2, 2) [2 3]
	// (1, 2) [4]
}
