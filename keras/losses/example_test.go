package losses_test

import (
	"fmt"

	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"gorgonia.org/tensor"
)

// Pinball is a loss of one's own, which is smallest at a quantile: targets above the prediction cost Quantile, those below the rest.
type Pinball struct {
	losses.Base
	Quantile float64
}

// Loss implements [losses.Loss].
func (l Pinball) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	short := ops.Subtract(yTrue, yPred)
	above, below := ops.Multiply(short, ops.Scalar(l.Quantile)), ops.Multiply(short, ops.Scalar(l.Quantile-1))
	return ops.Mean(ops.Maximum(above, below), -1)
}

func ExampleLoss() {
	yTrue := ops.Array(tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float64{4, 1})))
	yPred := ops.Array(tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float64{2, 3})))
	loss := Pinball{Quantile: 0.75}
	values := loss.Loss(yTrue, yPred)
	for _, t := range []ops.Tensor{values, losses.Reduce(values, yPred, ops.Tensor{}, losses.ReductionOf(loss))} {
		y, err := ops.Evaluate(t)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(y.Float32s())
	}
	// Output:
	// [1.5 0.5]
	// [1]
}

func ExampleFunc() {
	quartic := losses.Func("quartic", func(yTrue, yPred ops.Tensor) ops.Tensor {
		return ops.Mean(ops.Square(ops.SquaredDifference(yTrue, yPred)), -1)
	})
	yTrue := ops.Array(tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float64{4, 1})))
	yPred := ops.Array(tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float64{2, 2})))
	y, err := ops.Evaluate(quartic.Loss(yTrue, yPred))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(y.Float32s())
	// Output: [16 1]
}

func ExampleGet() {
	for _, word := range []string{"mse", "huber", "square"} {
		l, err := losses.Get(word)
		fmt.Printf("%T %v\n", l, err)
	}
	// Output:
	// losses.MeanSquaredError <nil>
	// losses.Huber <nil>
	// <nil> losses: "square" is not the name of one of Keras's losses
}
