package activations_test

import (
	"fmt"

	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/ops"
	"gorgonia.org/tensor"
)

// Leaky is an activation of one's own: x above 0, Slope·x below.
type Leaky struct{ Slope float64 }

// Apply implements [activations.Activation].
func (l Leaky) Apply(x ops.Tensor) ops.Tensor {
	return ops.Maximum(x, ops.Multiply(x, ops.Scalar(l.Slope)))
}

func ExampleActivation() {
	x := ops.Array(tensor.New(tensor.WithShape(4), tensor.WithBacking([]float64{-2, -0.5, 0, 3})))
	for _, a := range []activations.Activation{activations.ReLU, Leaky{Slope: 0.25}} {
		y, err := ops.Evaluate(a.Apply(x))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(y.Data())
	}
	// Output:
	// [0 0 0 3]
	// [-0.5 -0.125 0 3]
}

func ExampleReLUWith() {
	x := ops.Array(tensor.New(tensor.WithShape(4), tensor.WithBacking([]float64{-2, -0.5, 0.5, 3})))
	y, err := ops.Evaluate(activations.ReLUWith{NegativeSlope: 0.5, MaxValue: new(1.0)}.Apply(x))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(y.Data())
	// Output: [-1 -0.25 0.5 1]
}
