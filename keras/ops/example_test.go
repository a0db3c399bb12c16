package ops_test

import (
	"fmt"

	"github.com/gokeras/gokeras/keras/ops"
	"gorgonia.org/tensor"
)

// Arrays take part as constants, so that a notebook computes on the spot.
func ExampleEvaluate() {
	scores := ops.Array(tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{1, 2, 3, 3, 1, 2})))
	best, places := ops.TopK(scores, 2)
	share := ops.Round(ops.Multiply(ops.Softmax(scores, -1), ops.Scalar(100)))
	for _, t := range []ops.Tensor{best, places, share, ops.Any(ops.Greater(scores, ops.Scalar(2.5)), 1)} {
		y, err := ops.Evaluate(t)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(y.Shape(), y.Data())
	}
	_, err := ops.Evaluate(ops.Reshape(scores, 4, 2))
	fmt.Println(err)
	// Output:
	// (2, 2) [3 2 3 2]
	// (2, 2) [2 1 0 2]
	// (2, 3) [9 24 67 67 9 24]
	// (2) [true true]
	// reshape: a tensor of shape [2 3], with 6 elements, does not fit into shape [4 2]
}

// A causal attention of two steps: what comes later is not looked at.
func ExampleEinsum() {
	query := ops.Array(tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float64{1, 0, 0, 1})))
	value := ops.Reshape(ops.Arange(1, 5, 1, ops.Float32), 2, 2)
	score := ops.Einsum("qd,kd->qk", query, query)
	allowed := ops.Tril(ops.Ones(ops.Bool, 2, 2), 0)
	weight := ops.Softmax(ops.Where(allowed, score, ops.Scalar(-1e9)), -1)
	y, err := ops.Evaluate(ops.Einsum("qk,kd->qd", weight, value))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", y.Float32s())
	// Output:
	// [1.000 2.000 2.462 3.462]
}

// The picture is drawn by Graphviz: dot -Tsvg.
func ExampleProgram_Dot() {
	x, w := ops.Placeholder("x", ops.Float32, 2, 3), ops.Placeholder("w", ops.Float32, 3, 4)
	p, err := ops.Compile(ops.Options{Inputs: []ops.Tensor{x, w}, Outputs: []ops.Tensor{ops.ReLU(ops.MatMul(x, w))}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(p.Dot())
	// Output:
	// digraph program {
	// 	rankdir=TB;
	// 	s0 [shape=ellipse, label="matmul\nfloat32 [2 4]"];
	// 	v0 [shape=box, label="x\nfloat32 [2 3]"];
	// 	v0 -> s0 [label="[2 3]"];
	// 	v1 [shape=box, label="w\nfloat32 [3 4]"];
	// 	v1 -> s0 [label="[3 4]"];
	// }
}
