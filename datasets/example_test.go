package datasets_test

import (
	"fmt"

	"github.com/gokeras/gokeras/datasets"
)

func ExampleMNIST() {
	train, test, err := datasets.MNIST()
	fmt.Println(train.X.Shape(), train.Y.Shape(), test.X.Shape(), err)
	fmt.Println(train.Y.Uint8s()[:5])
	// Output:
	// (6000, 28, 28) (6000) (1000, 28, 28) <nil>
	// [5 0 4 1 9]
}

func ExampleMakeBlobs() {
	s, err := datasets.MakeBlobs(datasets.Blobs{NSamples: 30, Centers: 2, Seed: 1})
	fmt.Println(s.X.Shape(), s.Y.Shape(), err)
	// Output: (30, 2) (30) <nil>
}
