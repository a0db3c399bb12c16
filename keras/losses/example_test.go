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
