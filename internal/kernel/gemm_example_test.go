package kernel_test

import (
	"fmt"

	"github.com/gokeras/gokeras/internal/kernel"
)

// A dense layer: x [2,3] times weights [3,2], a bias and ReLU in one pass.
func ExampleGemm() {
	x := []float32{1, 2, 3, 4, 5, 6}
	weights := []float32{1, -1, 0, 1, 2, 0}
	y := make([]float32, 4)
	kernel.Gemm(kernel.Product{M: 2, N: 2, K: 3}, x, weights, y, kernel.Epilogue[float32]{
		Bias: []float32{10, -2}, Activation: kernel.ReLU,
	})
	fmt.Println(y)
	// Output: [17 0 26 0]
}

// The differences of neighbours in a row of four numbers.
func ExampleConvForward() {
	x := []float32{1, 4, 9, 16}
	y := make([]float32, 3)
	kernel.ConvForward(kernel.Conv{
		N: 1, D: 1, H: 1, W: 4, C: 1, KD: 1, KH: 1, KW: 2, F: 1,
		SD: 1, SH: 1, SW: 1, DD: 1, DH: 1, DW: 1, OD: 1, OH: 1, OW: 3, Groups: 1,
	}, x, []float32{-1, 1}, y, kernel.Epilogue[float32]{})
	fmt.Println(y)
	// Output: [3 5 7]
}
