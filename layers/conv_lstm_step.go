package layers

import (
	"slices"

	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// A convLSTM goes through a sequence with the channels last.
type convLSTM struct {
	*sequence
	axes, filters             int
	size                      []int
	window                    ops.Window
	format                    DataFormat
	activation, gate          activations.Activation
	useBias                   bool
	kernel, recurrent, bias   Spec
	dropout, recurrentDropout float64
	seed                      *int
}

const convLSTMGates = 4

func (c *convLSTM) single(b *Builder, x ops.Tensor) ops.Tensor {
	return c.sequence.single(b, func() []ops.Tensor { return c.call(b, []ops.Tensor{x}) })
}

func (c *convLSTM) call(b *Builder, xs []ops.Tensor) []ops.Tensor {
	if len(xs) > 0 && xs[0].Err() == nil {
		if err := c.check(xs[0]); err != nil {
			return []ops.Tensor{b.Errorf("%s", err)}
		}
		state, err := c.stateShape(xs[0])
		if err != nil {
			return []ops.Tensor{b.Errorf("%s", err)}
		}
		c.states = [][]int{state, state}
	}
	return c.sequence.call(b, xs, func(x, mask ops.Tensor, states []ops.Tensor) steps { return c.run(b, x, mask, states) })
}

func (c *convLSTM) check(x ops.Tensor) error {
	if err := positive("filters", c.filters); err != nil {
		return err
	}
	var err error
	if c.size, err = kernelSize(c.size, c.axes); err != nil {
		return err
	}
	if err := oneOfThem(c.window.Strides, c.window.Dilation); err != nil {
		return err
	}
	if err := c.checkRates(); err != nil {
		return err
	}
	switch {
	case c.window.Padding == ops.Causal:
		return errors.Errorf("padding %q: expected %q or %q", c.window.Padding, Valid, Same)
	case c.format != "" && c.format != ChannelsLast && c.format != ChannelsFirst:
		return errors.Errorf("data_format %q: expected %q or %q", c.format, ChannelsLast, ChannelsFirst)
	case x.Rank() != c.axes+3 || slices.Contains(x.Shape()[2:], ops.Unknown):
		return errors.Errorf("input of shape %v: expected %d axes, and all but the batch and the time known", x.Shape(), c.axes+3)
	}
	return nil
}

func (c *convLSTM) checkRates() error {
	return (&recurrentCell{units: c.filters, dropout: c.dropout, recurrentDropout: c.recurrentDropout}).check()
}

// stateShape is the shape of a state in the layer's format, without the batch: that of a convolved image.
func (c *convLSTM) stateShape(x ops.Tensor) ([]int, error) {
	in := x.Shape()[2:]
	if c.format == ChannelsFirst {
		in = append(slices.Clone(in[1:]), in[0])
	}
	image := ops.Placeholder("image", ops.Float32, append([]int{ops.Unknown}, in...)...)
	kernel := ops.Placeholder("kernel", ops.Float32, append(slices.Clone(c.size), in[c.axes], c.filters)...)
	y := ops.Conv(image, kernel, c.window)
	if y.Err() != nil {
		return nil, y.Err()
	}
	out := y.Shape()[1:]
	if c.format == ChannelsFirst {
		out = append([]int{out[c.axes]}, out[:c.axes]...)
	}
	return out, nil
}

func (c *convLSTM) run(b *Builder, x, mask ops.Tensor, states []ops.Tensor) steps {
	x, step := c.begin(b, c.last(swapTime(x), 2))
	if len(states) == 0 {
		states = zeroStates(x.Dim(1), [][]int{c.image(), c.image()})
	} else {
		states = c.each(states, c.last)
	}
	y := c.scan(b, x, mask, states, scanned{step: step})
	return steps{all: c.first(y.all, 2), last: c.first(y.last, 1), states: c.each(y.states, c.first)}
}

// image is the shape of a state with the channels last.
func (c *convLSTM) image() []int {
	s := c.states[0]
	if c.format != ChannelsFirst {
		return s
	}
	return append(slices.Clone(s[1:]), s[0])
}

func (c *convLSTM) each(states []ops.Tensor, move func(ops.Tensor, int) ops.Tensor) []ops.Tensor {
	moved := make([]ops.Tensor, len(states))
	for i, s := range states {
		moved[i] = move(s, 1)
	}
	return moved
}

// last moves the channels, which stand at an axis, behind all axes, first does the opposite. Both leave other formats as they are.
func (c *convLSTM) last(x ops.Tensor, axis int) ops.Tensor { return c.move(x, axis, -1) }

func (c *convLSTM) first(x ops.Tensor, axis int) ops.Tensor { return c.move(x, -1, axis) }

func (c *convLSTM) move(x ops.Tensor, from, to int) ops.Tensor {
	if c.format != ChannelsFirst {
		return x
	}
	return ops.MoveAxis(x, from, to)
}

// activate applies an activation in the layer's format, for some are over the last axis. All of the defaults are of each element.
func (c *convLSTM) activate(a activations.Activation, x ops.Tensor) ops.Tensor {
	if a == activations.Tanh || a == activations.Sigmoid {
		return a.Apply(x)
	}
	return c.last(activate(a, c.first(x, 1)), 1)
}

// begin convolves all inputs [time, batch, ..., channels].
func (c *convLSTM) begin(b *Builder, x ops.Tensor) (ops.Tensor, stepper) {
	if x.Err() != nil {
		return x, nil
	}
	wide := convLSTMGates * c.filters
	kernel := b.Weight("cell/kernel", append(slices.Clone(c.size), x.Dim(-1), wide), c.kernel)
	recurrent := b.Weight("cell/recurrent_kernel", append(slices.Clone(c.size), c.filters, wide), c.recurrent)
	var bias ops.Tensor
	if c.useBias {
		bias = b.Weight("cell/bias", []int{wide}, c.bias)
	}
	keepInput, keepState := c.drop(b, x)
	time, batch := x.Dim(0), x.Dim(1)
	all := c.gates(kernel, keepInput, func(kernel, keep ops.Tensor) ops.Tensor {
		x := x
		if keep.Valid() {
			x = ops.Multiply(x, keep)
		}
		return ops.Conv(ops.FoldTime(x), kernel, c.window)
	})
	if bias.Valid() {
		all = ops.Add(all, bias)
	}
	return ops.UnfoldTime(all, time, batch), func(x ops.Tensor, states []ops.Tensor) (ops.Tensor, []ops.Tensor) {
		next := c.next(x, states, recurrent, keepState)
		return next[0], next
	}
}

// gates makes what convolve makes of the parts of a kernel, side by side: at once where all gates read the same.
func (c *convLSTM) gates(kernel ops.Tensor, keep []ops.Tensor, convolve func(kernel, keep ops.Tensor) ops.Tensor) ops.Tensor {
	if keep == nil {
		return convolve(kernel, ops.Tensor{})
	}
	ys := ops.Split(kernel, convLSTMGates, -1)
	for i, k := range ys {
		ys[i] = convolve(k, keep[i])
	}
	return ops.Concatenate(-1, ys...)
}

// drop draws what each gate keeps of an input and of the state in training. As in Keras, a rate of 1 drops nothing.
func (c *convLSTM) drop(b *Builder, x ops.Tensor) (input, state []ops.Tensor) {
	if c.dropout == 0 && c.recurrentDropout == 0 {
		return nil, nil
	}
	stream := b.Stream("cell", c.seed)
	if !b.Training() {
		return nil, nil
	}
	draw := func(rate float64, stream ops.Tensor, shape []int) []ops.Tensor {
		if rate == 0 || rate == 1 {
			return nil
		}
		ones := ops.BroadcastTo(ops.Scalar(1), append([]int{convLSTMGates}, shape...)...)
		return ops.Unstack(ops.Dropout(ones, stream, rate), 0)
	}
	return draw(c.dropout, stream, x.Shape()[1:]), draw(c.recurrentDropout, ops.Add(stream, ops.Ints(0, elsewhere)), append([]int{x.Dim(1)}, c.image()...))
}

// next are the next h and c.
func (c *convLSTM) next(x ops.Tensor, states []ops.Tensor, recurrent ops.Tensor, keep []ops.Tensor) []ops.Tensor {
	sums := ops.Add(x, c.gates(recurrent, keep, func(kernel, keep ops.Tensor) ops.Tensor {
		h := states[0]
		if keep.Valid() {
			h = ops.Multiply(h, keep)
		}
		return ops.Conv(h, kernel, ops.Window{Padding: Same})
	}))
	apply := func(a activations.Activation) func(ops.Tensor) ops.Tensor {
		return func(x ops.Tensor) ops.Tensor { return c.activate(a, x) }
	}
	return nextLSTM(ops.Split(sums, convLSTMGates, -1), states[1], apply(c.activation), apply(c.gate))
}
