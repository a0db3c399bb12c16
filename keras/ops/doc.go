// Package ops holds the operations that models are made of, under the names of keras.ops, and turns what was recorded with them
// into programs.
//
// An operation does not compute. It checks its arguments and adds a line to a record:
//
//	x := ops.Placeholder("x", ops.Float32, 32, 784)
//	h := ops.ReLU(ops.Add(ops.MatMul(x, w.Tensor()), b.Tensor()))
//	loss := ops.Mean(ops.Square(h))
//
// [Compile] sees the whole record at once. It fuses what can be one kernel, lowers the rest to a Gorgonia expression graph, lets
// [gorgonia.Grad] differentiate it once, compiles it for Gorgonia's tape machine, plans the memory of all intermediate values and
// hands back a [Program], which runs any number of times without allocating:
//
//	p, err := ops.Compile(ops.Options{Inputs: []ops.Tensor{x}, Loss: loss, WithRespectTo: []ops.Tensor{w.Tensor()}})
//	copy(p.Inputs()[0].Float32s(), batch)
//	err = p.Run()
//	g := p.Gradients()[0].Float32s()
//
// An error, such as shapes that do not fit, sticks to the tensor where it happened and travels with everything that is computed
// from it; [Tensor.Err] and [Compile] return it with the path of the layer that caused it. Layer code therefore has no error
// handling of its own.
//
// An axis whose size is not known yet, such as the batch axis of a model, has size -1 ([Unknown]). Such tensors can be recorded but
// not compiled.
//
// Arrays take part as constants, and [Evaluate] computes on the spot what a notebook wants to see:
//
//	y, err := ops.Evaluate(ops.Softmax(ops.Array(logits)))
//
// This package is the only one that knows Gorgonia.
package ops
