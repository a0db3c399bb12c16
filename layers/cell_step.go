package layers

import (
	"slices"

	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/ops"
)

// cellWeights are a cell's weights and what of its state is kept, which is nothing of no gate where that is not Valid.
type cellWeights struct {
	kernel, recurrent, bias ops.Tensor // no bias: not Valid
	keep                    []ops.Tensor
}

// stepStates are the shapes of the states.
func (c *recurrentCell) stepStates() [][]int {
	if c.kind == ops.LSTMCell {
		return [][]int{{c.units}, {c.units}}
	}
	return [][]int{{c.units}}
}

// step is a step by itself: of x [batch, features].
func (c *recurrentCell) step(b *Builder, x ops.Tensor, states []ops.Tensor) (y ops.Tensor, next []ops.Tensor) {
	x, step := c.begin(b, x)
	if x.Err() != nil {
		return x, states
	}
	return step(x, states)
}

// whole goes through a sequence [batch, time, features] by one operation, if it can: that drops nothing and takes only functions of each element.
func (c *recurrentCell) whole(b *Builder, s *sequence, x, mask ops.Tensor, states []ops.Tensor) (y steps, ok bool) {
	if c.dropout != 0 || c.recurrentDropout != 0 || c.check() != nil || x.Rank() != 3 {
		return steps{}, false
	}
	in := c.weights(b, x.Dim(-1))
	in.X, in.Mask = x, mask
	y = c.recur(in, s, states)
	return y, y.all.Err() == nil
}

// begin makes the products of all inputs [time, batch, features], or of one step's, with the kernel.
func (c *recurrentCell) begin(b *Builder, x ops.Tensor) (ops.Tensor, stepper) {
	if x.Err() != nil {
		return x, nil
	}
	if err := c.check(); err != nil {
		return b.Errorf("%s", err), nil
	}
	if x.Rank() < 2 || x.Rank() > 3 || x.Dim(-1) == ops.Unknown {
		return b.Errorf("a step's input has shape %v: expected [batch, features], and the features known", x.Shape()[max(0, x.Rank()-2):]), nil
	}
	in := c.weights(b, x.Dim(-1))
	w := cellWeights{kernel: in.Kernel, recurrent: in.Recurrent, bias: in.Bias}
	x = c.project(b, x, &w)
	if w.bias.Valid() {
		x = ops.Add(x, c.biasOf(w, 0))
	}
	return x, func(x ops.Tensor, states []ops.Tensor) (ops.Tensor, []ops.Tensor) {
		next := c.next(w, x, states)
		return next[0], next
	}
}

// biasOf is the bias, or the one of two for the input, 0, or the state, 1.
func (c *recurrentCell) biasOf(w cellWeights, i int) ops.Tensor {
	if len(c.biasShape) == 1 {
		return w.bias
	}
	return ops.Squeeze(ops.Slice(w.bias, []int{i, 0}, []int{1, c.gates * c.units}), 0)
}

// project multiplies inputs by the kernel, and drops in training, as recurrentCell.drop does for a whole sequence, from the same numbers.
func (c *recurrentCell) project(b *Builder, x ops.Tensor, w *cellWeights) ops.Tensor {
	if c.dropout == 0 && c.recurrentDropout == 0 {
		return ops.MatMul(x, w.kernel)
	}
	stream := b.Stream(c.group, c.seed)
	if !b.Training() {
		return ops.MatMul(x, w.kernel)
	}
	kept := func(stream ops.Tensor, rate float64, gates, size int) []ops.Tensor {
		ones := ops.BroadcastTo(ops.Scalar(1), x.Dim(-2), gates*size)
		return ops.Split(ops.Dropout(ones, stream, rate), gates, 1)
	}
	if c.drops(c.recurrentDropout) {
		w.keep = kept(ops.Add(stream, ops.Ints(0, elsewhere)), c.recurrentDropout, c.gates, c.units)
	}
	switch {
	case !c.drops(c.dropout):
		return ops.MatMul(x, w.kernel)
	case c.recurrentDropout == 0 || c.gates == 1:
		return ops.MatMul(ops.Multiply(x, kept(stream, c.dropout, 1, x.Dim(-1))[0]), w.kernel)
	}
	kernels := ops.Split(w.kernel, c.gates, 1)
	sums := make([]ops.Tensor, c.gates)
	for i, k := range kept(stream, c.dropout, c.gates, x.Dim(-1)) {
		sums[i] = ops.MatMul(ops.Multiply(x, k), kernels[i])
	}
	return ops.Concatenate(-1, sums...)
}

// next are the next states.
func (c *recurrentCell) next(w cellWeights, x ops.Tensor, states []ops.Tensor) []ops.Tensor {
	activation, gate := or(c.activation, activations.Tanh).Apply, or(c.recurrentActivation, activations.Sigmoid).Apply
	h := states[0]
	switch c.kind {
	case ops.SimpleRNNCell:
		return []ops.Tensor{activation(ops.Add(x, c.product(w, h)))}
	case ops.LSTMCell:
		z := ops.Split(ops.Add(x, c.product(w, h)), c.gates, -1)
		return nextLSTM(z, states[1], activation, gate)
	case ops.GRUCell:
		r := c.product(w, h)
		if w.bias.Valid() {
			r = ops.Add(r, c.biasOf(w, 1))
		}
		xs, rs := ops.Split(x, c.gates, -1), ops.Split(r, c.gates, -1)
		z, reset := gate(ops.Add(xs[0], rs[0])), gate(ops.Add(xs[1], rs[1]))
		return []ops.Tensor{blend(z, h, activation(ops.Add(xs[2], ops.Multiply(reset, rs[2]))))}
	}
	xs, kernels := ops.Split(x, c.gates, -1), ops.Split(w.recurrent, c.gates, 1)
	z := gate(ops.Add(xs[0], ops.MatMul(w.kept(h, 0), kernels[0])))
	reset := gate(ops.Add(xs[1], ops.MatMul(w.kept(h, 1), kernels[1])))
	fresh := ops.MatMul(ops.Multiply(reset, w.kept(h, 2)), kernels[2])
	return []ops.Tensor{blend(z, h, activation(ops.Add(xs[2], fresh)))}
}

// nextLSTM are the next h and c of the sums for the gates i, f, c and o.
func nextLSTM(z []ops.Tensor, c ops.Tensor, activation, gate func(ops.Tensor) ops.Tensor) []ops.Tensor {
	i, f, o := gate(z[0]), gate(z[1]), gate(z[3])
	c = ops.Add(ops.Multiply(f, c), ops.Multiply(i, activation(z[2])))
	return []ops.Tensor{ops.Multiply(o, activation(c)), c}
}

// blend is z·h + (1-z)·fresh.
func blend(z, h, fresh ops.Tensor) ops.Tensor {
	return ops.Add(ops.Multiply(z, h), ops.Multiply(ops.Subtract(ops.Scalar(1), z), fresh))
}

func or(a, def activations.Activation) activations.Activation {
	if a == nil {
		return def
	}
	return a
}

// product is the state times the recurrent kernel, of all gates.
func (c *recurrentCell) product(w cellWeights, h ops.Tensor) ops.Tensor {
	if w.keep == nil {
		return ops.MatMul(h, w.recurrent)
	}
	kernels := ops.Split(w.recurrent, c.gates, 1)
	sums := slices.Clone(w.keep)
	for i := range sums {
		sums[i] = ops.MatMul(w.kept(h, i), kernels[i])
	}
	return ops.Concatenate(-1, sums...)
}

// kept is what a gate sees of the state.
func (w cellWeights) kept(h ops.Tensor, gate int) ops.Tensor {
	if w.keep == nil {
		return h
	}
	return ops.Multiply(h, w.keep[gate])
}
