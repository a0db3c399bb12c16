package ops

import (
	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// LSTMOptions are the attributes of an [LSTM].
type LSTMOptions struct {
	Backwards         bool // the sequence is read from its end
	ZeroOutputForMask bool // masked steps give 0 instead of the last output
}

// An lstm runs over a whole sequence. Inputs: x, kernel, recurrent kernel, then bias, initial state h and c, and mask where there are
// any. Results: the sequence, the last h and the last c. It is used by its address: forward and backward share buffers.
type lstm struct {
	LSTMOptions
	bias, state, mask bool
}

// lstmInputs says which input is what; -1 for what is not there.
type lstmInputs struct{ bias, h, c, mask int }

func (o *lstm) inputs() lstmInputs {
	at := lstmInputs{-1, -1, -1, -1}
	next := 3
	take := func(there bool, places ...*int) {
		if !there {
			return
		}
		for _, p := range places {
			*p = next
			next++
		}
	}
	take(o.bias, &at.bias)
	take(o.state, &at.h, &at.c)
	take(o.mask, &at.mask)
	return at
}

func (o *lstm) name() string { return "lstm" }

func (o *lstm) renew() operation {
	c := *o
	return &c
}

func (o *lstm) infer(in []Spec) ([]Spec, error) {
	x, r := in[0].Shape, in[2].Shape
	if len(x) != 3 || len(r) != 2 || r[1] != 4*r[0] {
		return nil, errors.Errorf("shapes %v and %v: expected a sequence [batch, time, features] and a recurrent kernel [units, 4·units]", x, r)
	}
	units := r[0]
	want := map[int][]int{1: {x[2], 4 * units}}
	at := o.inputs()
	if o.bias {
		want[at.bias] = []int{4 * units}
	}
	if o.state {
		want[at.h], want[at.c] = []int{x[0], units}, []int{x[0], units}
	}
	if o.mask {
		want[at.mask] = x[:2]
		if in[at.mask].DType != Bool {
			return nil, errors.Errorf("expected a bool mask, got %s", in[at.mask].DType)
		}
	}
	for i := 1; i < len(in); i++ {
		if s, ok := want[i]; ok && !agree(in[i].Shape, s) {
			return nil, errors.Errorf("input %d has shape %v, expected %v", i, in[i].Shape, s)
		}
		if i != at.mask && !in[i].DType.isFloat() {
			return nil, errors.Errorf("input %d is %s, expected float32", i, in[i].DType)
		}
	}
	return []Spec{floats(x[0], x[1], units), floats(x[0], units), floats(x[0], units)}, nil
}

// agree reports whether two shapes can be the same: an unknown size agrees with any.
func agree(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && a[i] != Unknown && b[i] != Unknown {
			return false
		}
	}
	return true
}

func (o *lstm) bind(c *binding) func() error {
	return pick(c, recur[float32](o, c), recur[float64](o, c))
}

// at is an input's memory; nil where it is not there.
func at[T kernel.Float](c *binding, i int) []T {
	if i < 0 {
		return nil
	}
	return data[T](c.in[i])
}

func mask(c *binding, i int) []bool {
	if i < 0 {
		return nil
	}
	return c.in[i].bool
}

func lstmState[T kernel.Float](o *lstm, c *binding) *kernel.LSTMState[T] {
	type key struct {
		op   *lstm
		kind T
	}
	var kind T
	return sharedState(c, key{o, kind}, func() *kernel.LSTMState[T] {
		x := c.in[0].Shape
		return kernel.NewLSTM[T](kernel.LSTM{
			Batch: x[0], Time: x[1], In: x[2], Units: c.in[2].Shape[0],
			Backwards: o.Backwards, ZeroOutputForMask: o.ZeroOutputForMask, Activation: kernel.Tanh, RecurrentActivation: kernel.Sigmoid,
		})
	})
}

func recur[T kernel.Float](o *lstm, c *binding) func() error {
	if data[T](c.in[0]) == nil {
		return nil
	}
	s, in := lstmState[T](o, c), o.inputs()
	seq, h, cell := data[T](c.out[0]), data[T](c.out[1]), data[T](c.out[2])
	x, k, r := data[T](c.in[0]), data[T](c.in[1]), data[T](c.in[2])
	b, h0, c0, m := at[T](c, in.bias), at[T](c, in.h), at[T](c, in.c), mask(c, in.mask)
	n := c.in[0].Shape[0] * c.in[2].Shape[0]
	if h == nil {
		h = make([]T, n)
	}
	if cell == nil {
		cell = make([]T, n)
	}
	return func() error { s.Forward(seq, h, cell, x, k, r, b, h0, c0, m); return nil }
}

func (o *lstm) differentiableInput(i int) bool { return i != o.inputs().mask }

func (o *lstm) gradient(c *chain) []Tensor {
	g := &lstmGradient{forward: o}
	in := append([]Tensor{}, c.in...)
	in = append(in, c.out[0])
	for j, d := range c.grad {
		g.has[j] = d.Valid()
	}
	in = append(in, given(c.grad...)...)
	for i := range c.in {
		g.results = append(g.results, c.in[i].Spec())
	}
	r := applyAll(g, in...)
	out := make([]Tensor, len(c.in))
	for i := range out {
		if c.needs[i] {
			out[i] = r[i]
		}
	}
	return out
}

// lstmGradient has the inputs of its forward operation, the sequence (which makes it run after it), and the gradients that there are
// of sequence, h and c. Its results are by input; that of a mask is not used.
type lstmGradient struct {
	forward *lstm
	has     [3]bool
	results []Spec
}

func (o *lstmGradient) name() string                 { return "lstm_gradient" }
func (o *lstmGradient) infer([]Spec) ([]Spec, error) { return o.results, nil }

func (o *lstmGradient) bind(c *binding) func() error {
	return pick(c, recurBack[float32](o, c), recurBack[float64](o, c))
}

func recurBack[T kernel.Float](o *lstmGradient, c *binding) func() error {
	if data[T](c.in[0]) == nil {
		return nil
	}
	s, in := lstmState[T](o.forward, c), o.forward.inputs()
	result := func(i int) []T {
		if i < 0 {
			return nil
		}
		return data[T](c.out[i])
	}
	var d [3][]T
	next := len(o.results) + 1
	for j, there := range o.has {
		if there {
			d[j] = data[T](c.in[next])
			next++
		}
	}
	x, k, r := data[T](c.in[0]), data[T](c.in[1]), data[T](c.in[2])
	h0, c0, m := at[T](c, in.h), at[T](c, in.c), mask(c, in.mask)
	dx, dk, dr, db, dh0, dc0 := result(0), result(1), result(2), result(in.bias), result(in.h), result(in.c)
	return func() error {
		s.Backward(dx, dk, dr, db, dh0, dc0, x, k, r, h0, c0, m, d[0], d[1], d[2])
		return nil
	}
}

// LSTM runs a long short-term memory (Hochreiter and Schmidhuber 1997) over x [batch, time, features], with Keras's order of gates:
// input, forget, cell, output. kernel is [features, 4·units], recurrent [units, 4·units], bias [4·units]; bias, the initial state
// h and c [batch, units] and the bool mask [batch, time] may be left out (the zero Tensor). The results are the outputs of all steps
// [batch, time, units] and the last h and c.
func LSTM(x, kernel, recurrent, bias, h, c, mask Tensor, o LSTMOptions) (sequence, lastH, lastC Tensor) {
	op := &lstm{LSTMOptions: o, bias: bias.Valid(), state: h.Valid(), mask: mask.Valid()}
	if h.Valid() != c.Valid() {
		e := Fail(x.path, errors.New("lstm: an initial state has two parts, h and c"))
		return e, e, e
	}
	r := applyAll(op, append([]Tensor{asFloat(x), kernel, recurrent}, given(bias, h, c, mask)...)...)
	if r[0].Err() != nil {
		return r[0], r[0], r[0]
	}
	return r[0], r[1], r[2]
}
