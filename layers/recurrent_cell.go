package layers

import (
	"path"

	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// A recurrentCell is what SimpleRNN, GRU and LSTM have in common beside the sequence: one operation over all steps, and its weights.
type recurrentCell struct {
	group                           string // of a layer's weights in files: "cell", or "" for a cell by itself
	kind                            ops.RecurrentCell
	units, gates                    int
	activation, recurrentActivation activations.Activation
	useBias                         *bool
	biasShape                       []int
	kernel, recurrent, bias         Spec
	dropout, recurrentDropout       float64
	seed                            *int
}

// call goes through a sequence.
func (c *recurrentCell) call(b *Builder, s *sequence, xs []ops.Tensor) []ops.Tensor {
	if err := c.check(); err != nil {
		return []ops.Tensor{b.Errorf("%s", err)}
	}
	s.rank, s.states = 3, c.stepStates()
	return s.call(b, xs, func(x, mask ops.Tensor, states []ops.Tensor) steps {
		in := c.weights(b, x.Dim(-1))
		in.X, in.Mask = x, mask
		c.drop(b, &in)
		return c.recur(in, s, states)
	})
}

// recur is the operation over all steps, from states or, where there are none, from zeros.
func (c *recurrentCell) recur(in ops.RecurrentInputs, s *sequence, states []ops.Tensor) steps {
	if len(states) > 0 {
		in.H = states[0]
	}
	if len(states) > 1 {
		in.C = states[1]
	}
	all, h, last := ops.Recurrent(in, ops.RecurrentOptions{
		Cell: c.kind, Activation: applied(c.activation), RecurrentActivation: applied(c.recurrentActivation),
		Backwards: s.goBackwards, ZeroOutputForMask: s.zeroOutputForMask,
	})
	return steps{all: all, last: h, states: []ops.Tensor{h, last}[:len(c.stepStates())]}
}

func applied(a activations.Activation) func(ops.Tensor) ops.Tensor {
	if a == nil {
		return nil
	}
	return a.Apply
}

func (c *recurrentCell) check() error {
	if err := positive("units", c.units); err != nil {
		return err
	}
	if !(c.dropout >= 0 && c.dropout <= 1) {
		return errors.Errorf("dropout %v: expected a number in [0, 1]", c.dropout)
	}
	if !(c.recurrentDropout >= 0 && c.recurrentDropout <= 1) {
		return errors.Errorf("recurrent_dropout %v: expected a number in [0, 1]", c.recurrentDropout)
	}
	return nil
}

func (c *recurrentCell) weights(b *Builder, features int) (in ops.RecurrentInputs) {
	wide := c.gates * c.units
	c.recurrent.Initializer = initializerOr(c.recurrent.Initializer, initializers.Orthogonal{})
	c.bias.Initializer = initializerOr(c.bias.Initializer, initializers.Zeros{})
	in.Kernel = b.Weight(path.Join(c.group, "kernel"), []int{features, wide}, c.kernel)
	in.Recurrent = b.Weight(path.Join(c.group, "recurrent_kernel"), []int{c.units, wide}, c.recurrent)
	if optional.Or(c.useBias, true) {
		in.Bias = b.Weight(path.Join(c.group, "bias"), c.biasShape, c.bias)
	}
	return in
}

// drops reports whether a rate drops anything: with several gates Keras takes a rate of 1 for 0.
func (c *recurrentCell) drops(rate float64) bool { return rate > 0 && (rate < 1 || c.gates == 1) }

// elsewhere is how far the numbers for the state are, in a stream, from those for the input: farther than training goes.
const elsewhere = 1 << 30

// drop drops features of the input and of the state, the same at each step of a sequence. As in Keras, dropping of the state drops for each
// gate others, of the input too.
func (c *recurrentCell) drop(b *Builder, in *ops.RecurrentInputs) {
	if c.dropout == 0 && c.recurrentDropout == 0 {
		return
	}
	stream := b.Stream(c.group, c.seed)
	if !b.Training() {
		return
	}
	batch, features := in.X.Dim(0), in.X.Dim(2)
	ones := func(shape ...int) ops.Tensor { return ops.BroadcastTo(ops.Scalar(1), shape...) }
	switch {
	case !c.drops(c.dropout):
	case c.recurrentDropout == 0 || c.gates == 1:
		in.X = ops.Multiply(in.X, ops.Dropout(ones(batch, 1, features), stream, c.dropout))
	default:
		kept := ops.Split(ops.Dropout(ones(batch, 1, c.gates*features), stream, c.dropout), c.gates, 2)
		kernels := ops.Split(in.Kernel, c.gates, 1)
		sums := make([]ops.Tensor, c.gates)
		for i := range sums {
			sums[i] = ops.MatMul(ops.Multiply(in.X, kept[i]), kernels[i])
		}
		in.X, in.Kernel = ops.Concatenate(2, sums...), ops.Tensor{}
	}
	if c.drops(c.recurrentDropout) {
		in.Keep = ops.Dropout(ones(batch, c.gates*c.units), ops.Add(stream, ops.Ints(0, elsewhere)), c.recurrentDropout)
	}
}
