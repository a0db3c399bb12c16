package ops

import (
	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A RecurrentCell is what [Recurrent] computes in a step.
type RecurrentCell uint8

// The cells, with Keras's order of gates: SimpleRNN has one, GRU update, reset and candidate, LSTM input, forget, candidate and output.
const (
	SimpleRNNCell      RecurrentCell = iota // Elman 1990
	GRUCell                                 // Cho et al. 2014, with Keras's reset_after
	GRUResetBeforeCell                      // the same without it
	LSTMCell                                // Hochreiter and Schmidhuber 1997
)

var recurrentCells = map[RecurrentCell]struct {
	name string
	kernel.Cell
}{
	SimpleRNNCell: {"simple_rnn", kernel.SimpleRNN}, GRUCell: {"gru", kernel.GRU},
	GRUResetBeforeCell: {"gru", kernel.GRUResetBefore}, LSTMCell: {"lstm", kernel.LSTM},
}

// RecurrentOptions are the attributes of [Recurrent].
type RecurrentOptions struct {
	Cell RecurrentCell
	// Activation is that of the candidate and of an LSTM's output; nil: [Tanh]. It must be the identity or one of the functions that are a
	// kernel of their own: ReLU, ReLU6, Sigmoid, HardSigmoid, LogSigmoid, Tanh, Softplus, Softsign, SiLU, ELU with alpha 1, SELU, GELU, Mish, Exp, or
	// another function of each element such as Sin.
	Activation func(Tensor) Tensor
	// RecurrentActivation is that of the other gates; nil: [Sigmoid].
	RecurrentActivation func(Tensor) Tensor
	Backwards           bool // the sequence is read from its end
	ZeroOutputForMask   bool // masked steps give 0 instead of the last output
}

// RecurrentInputs are what [Recurrent] computes with. Only X and Recurrent must be there.
type RecurrentInputs struct {
	X         Tensor // [batch, time, features]; without a kernel what it would be after it, [batch, time, gates·units]
	Kernel    Tensor // [features, gates·units]
	Recurrent Tensor // [units, gates·units]
	Bias      Tensor // [gates·units]; for GRUCell [2, gates·units], one of the input and one of the state
	H         Tensor // the state before the first step [batch, units]
	C         Tensor // an LSTM's cell state before the first step [batch, units]; there if H is
	Keep      Tensor // what the state is multiplied by before the weights of each gate, [batch, gates·units]
	Mask      Tensor // bool [batch, time]: steps that count; others keep the state
}

// A recurrent operation runs over a whole sequence. Its inputs are those of RecurrentInputs that there are, in their order. Results: the
// sequence, the last h and, of an LSTM, the last c. It is used by its address: forward and backward share buffers.
type recurrent struct {
	kernel.Recurrence
	label string
	at    recurrentPlaces
}

// recurrentPlaces says which input is what; -1 for what is not there.
type recurrentPlaces struct{ x, kernel, recurrent, bias, h, c, keep, mask int }

func placesOf(in RecurrentInputs) (at recurrentPlaces, there []Tensor) {
	take := func(t Tensor) int {
		if !t.Valid() {
			return -1
		}
		there = append(there, t)
		return len(there) - 1
	}
	at = recurrentPlaces{take(in.X), take(in.Kernel), take(in.Recurrent), take(in.Bias), take(in.H), take(in.C), take(in.Keep), take(in.Mask)}
	return at, there
}

func (o *recurrent) name() string { return o.label }

func (o *recurrent) renew() operation {
	c := *o
	return &c
}

func (o *recurrent) infer(in []Spec) ([]Spec, error) {
	x, r, gates := in[o.at.x].Shape, in[o.at.recurrent].Shape, o.Cell.Gates()
	if len(x) != 3 || len(r) != 2 || r[1] != gates*r[0] {
		return nil, errors.Errorf("shapes %v and %v: expected a sequence [batch, time, features] and a recurrent kernel [units, %d·units]", x, r, gates)
	}
	units := r[0]
	want := map[int][]int{
		o.at.kernel: {x[2], gates * units}, o.at.bias: o.biasShape(units), o.at.h: {x[0], units}, o.at.c: {x[0], units},
		o.at.keep: {x[0], gates * units}, o.at.mask: x[:2],
	}
	if o.Projected {
		want[o.at.x] = []int{x[0], x[1], gates * units}
	}
	for i, s := range in {
		if w, ok := want[i]; ok && !agree(s.Shape, w) {
			return nil, errors.Errorf("input %d has shape %v, expected %v", i, s.Shape, w)
		}
		if i == o.at.mask {
			if s.DType != Bool {
				return nil, errors.Errorf("expected a bool mask, got %s", s.DType)
			}
		} else if !s.DType.isFloat() {
			return nil, errors.Errorf("input %d is %s, expected float32", i, s.DType)
		}
	}
	out := []Spec{floats(x[0], x[1], units), floats(x[0], units)}
	if o.Cell == kernel.LSTM {
		out = append(out, floats(x[0], units))
	}
	return out, nil
}

func (o *recurrent) biasShape(units int) []int {
	n := o.Cell.Gates() * units
	if o.Cell == kernel.GRU {
		return []int{2, n}
	}
	return []int{n}
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

func (o *recurrent) bind(c *binding) func() error {
	return pick(c, recur[float32](o, c), recur[float64](o, c))
}

// at is an input's memory; nil where it is not there.
func at[T kernel.Float](c *binding, i int) []T {
	if i < 0 {
		return nil
	}
	return data[T](c.in[i])
}

// recurrentArgs is the memory of an operation's inputs.
func recurrentArgs[T kernel.Float](o *recurrent, c *binding) kernel.RecurrentArgs[T] {
	p := o.at
	a := kernel.RecurrentArgs[T]{
		X: at[T](c, p.x), Kernel: at[T](c, p.kernel), Recurrent: at[T](c, p.recurrent), Bias: at[T](c, p.bias),
		H: at[T](c, p.h), C: at[T](c, p.c), Keep: at[T](c, p.keep),
	}
	if p.mask >= 0 {
		a.Mask = c.in[p.mask].bool
	}
	return a
}

// recurrentState is what an operation and its gradient share.
func recurrentState[T kernel.Float](o *recurrent, c *binding) *kernel.RecurrenceState[T] {
	type key struct {
		op   *recurrent
		kind T
	}
	var kind T
	return sharedState(c, key{o, kind}, func() *kernel.RecurrenceState[T] {
		r, x := o.Recurrence, c.in[o.at.x].Shape
		r.Batch, r.Time, r.In, r.Units = x[0], x[1], x[2], c.in[o.at.recurrent].Shape[0]
		return kernel.NewRecurrence[T](r)
	})
}

func recur[T kernel.Float](o *recurrent, c *binding) func() error {
	if data[T](c.in[0]) == nil {
		return nil
	}
	s, a := recurrentState[T](o, c), recurrentArgs[T](o, c)
	out := kernel.RecurrentResults[T]{Seq: data[T](c.out[0]), H: data[T](c.out[1])}
	if len(c.out) > 2 {
		out.C = data[T](c.out[2])
	}
	return func() error { s.Forward(out, a); return nil }
}

// Recurrent runs a recurrent cell over a sequence. It returns the outputs of all steps [batch, time, units], in the order in which the
// steps are made, the last state h and an LSTM's last c [batch, units]; c is the zero Tensor for other cells.
func Recurrent(in RecurrentInputs, o RecurrentOptions) (sequence, h, c Tensor) {
	op, err := newRecurrent(in, o)
	if err != nil {
		e := Fail(in.X.path, err)
		return e, e, e
	}
	in.X = asFloat(in.X)
	var there []Tensor
	op.at, there = placesOf(in)
	r := applyAll(op, there...)
	switch {
	case r[0].Err() != nil:
		return r[0], r[0], r[0]
	case len(r) < 3:
		return r[0], r[1], Tensor{}
	}
	return r[0], r[1], r[2]
}

func newRecurrent(in RecurrentInputs, o RecurrentOptions) (*recurrent, error) {
	cell, ok := recurrentCells[o.Cell]
	if !ok {
		return nil, errors.Errorf("recurrent: cell %d is none", o.Cell)
	}
	if !in.X.Valid() || !in.Recurrent.Valid() {
		return nil, errors.Errorf("%s: expected a sequence and a recurrent kernel", cell.name)
	}
	if lstm := cell.Cell == kernel.LSTM; in.C.Valid() != (lstm && in.H.Valid()) {
		return nil, errors.Errorf("%s: an initial state: expected h, and for an lstm also c", cell.name)
	}
	op := &recurrent{label: cell.name, Recurrence: kernel.Recurrence{
		Cell: cell.Cell, Backwards: o.Backwards, ZeroOutputForMask: o.ZeroOutputForMask, Projected: !in.Kernel.Valid(),
	}}
	var err error
	if op.Activation, err = cellActivation(o.Activation, kernel.TanhOp); err != nil {
		return nil, errors.WithMessage(err, cell.name+": activation")
	}
	if op.RecurrentActivation, err = cellActivation(o.RecurrentActivation, kernel.SigmoidOp); err != nil {
		return nil, errors.WithMessage(err, cell.name+": recurrent activation")
	}
	return op, nil
}

// cellActivation looks what a function records.
func cellActivation(f func(Tensor) Tensor, usual kernel.Unary) (kernel.CellActivation, error) {
	if f == nil {
		return kernel.CellFunction(usual), nil
	}
	x := Placeholder("x", Float32, 1, 1)
	y := f(x)
	if !y.Valid() {
		return 0, errors.New("expected a function of a tensor, got one without a result")
	}
	if err := y.Err(); err != nil {
		return 0, err
	}
	if y.Same(x) {
		return kernel.LinearCell, nil
	}
	if u, ok := y.node.op.(unary); ok && y.node.in[0].Same(x) {
		return kernel.CellFunction(u.f), nil
	}
	return 0, errors.Errorf("%s: expected the identity or a function of each element that is one kernel, such as relu, hard_sigmoid, silu or gelu", y.node.op.name())
}
