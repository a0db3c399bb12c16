package layers

import (
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// RNN reads a sequence [batch, time, ...] by a cell, step by step, and returns the last output, or with ReturnSequences those of all steps [batch, time, ...].
// Steps that a mask leaves out keep the states, and give the first state of the cell, or of the last of several.
//
// CallAll takes the sequence and perhaps the initial states, and returns, with ReturnState, the output and the last states. With initial states the
// sequence's mask is passed on but not used, as in Keras, where a layer of several tensors is not given the mask of one.
type RNN struct {
	Base
	Cell  Cell   // the step; this or Cells is required
	Cells []Cell `keras:"-"` // several in the place of one: each reads the output of the one before it, as in [StackedRNNCells]

	ReturnSequences   bool // return the outputs of all steps
	ReturnState       bool // return the last states as well
	GoBackwards       bool // read the sequence from its end; outputs are in reading order
	Stateful          bool // start a batch from the states that the one before it ended with, which needs a fixed batch size
	Unroll            bool // accepted and ignored: a sequence is one operation
	ZeroOutputForMask bool // masked steps give 0

	kept keptStates
	err  error // of Setup
}

func init() { saving.Register[RNN]("RNN", "keras.layers") }

// Setup implements [Setter].
func (r *RNN) Setup() {
	switch {
	case r.Cells != nil && !isNil(r.Cell):
		r.err = errors.New("cell and cells: expected one of them")
	case r.Cells != nil:
		r.Cell = &StackedRNNCells{Cells: r.Cells}
	case isNil(r.Cell):
		r.err = errors.New("cell: expected a cell, got nil")
	}
}

// Children implements [Container]: in files the cell lies under the name of Keras's attribute.
func (r *RNN) Children() []Child {
	if isNil(r.Cell) {
		return nil
	}
	return []Child{{Name: ownName(r.Cell), Attr: "cell", Part: r.Cell}}
}

// Call implements [Layer]. ReturnState needs CallAll.
func (r *RNN) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return r.sequence().single(b, func() []ops.Tensor { return r.CallAll(b, x) })
}

// CallAll implements [MultiLayer].
func (r *RNN) CallAll(b *Builder, xs ...ops.Tensor) []ops.Tensor {
	if r.err != nil {
		return []ops.Tensor{b.Errorf("%s", r.err)}
	}
	s := r.sequence()
	if len(xs) > 0 && xs[0].Err() == nil {
		if xs[0].Rank() < 2 {
			return []ops.Tensor{b.Errorf("input of shape %v: expected at least 2 axes, [batch, time, ...]", xs[0].Shape())}
		}
		s.rank, s.states = xs[0].Rank(), r.Cell.StateShapes(xs[0].Shape()[2:])
	}
	return s.call(b, xs, func(x, mask ops.Tensor, states []ops.Tensor) steps {
		if len(states) == 0 {
			states = zeroStates(x.Dim(0), s.states)
		}
		if y, ok := b.wholeSequence(r.Cell, s, x, mask, states); ok {
			return y
		}
		x, step := b.beginCell(r.Cell, swapTime(x))
		return s.scan(b, x, mask, states, scanned{step: step, output: outputState(r.Cell, xs[0].Shape()[2:])})
	})
}

func (r *RNN) sequence() *sequence {
	s := &sequence{
		returnSequences: r.ReturnSequences, returnState: r.ReturnState, goBackwards: r.GoBackwards,
		zeroOutputForMask: r.ZeroOutputForMask,
	}
	if r.Stateful {
		s.kept = &r.kept
	}
	return s
}

// SupportsMasking implements [MaskSupporter]: a sequence of outputs carries the mask of the inputs.
func (r *RNN) SupportsMasking() bool { return r.ReturnSequences }

// ResetStates makes a stateful layer start anew. It is not for use while the layer's model runs.
func (r *RNN) ResetStates() { r.kept.reset() }

// SaveConfig implements [saving.ConfigSaver].
func (r *RNN) SaveConfig(config map[string]any) error {
	if !isNil(r.Cell) || r.Cells == nil {
		return nil
	}
	cell, err := saving.ToConfig(&StackedRNNCells{Cells: r.Cells})
	config["cell"] = cell
	return err
}

// A scanned is how a sequence is gone through step by step.
type scanned struct {
	step   stepper
	output int // the state that is the output of masked steps
}

// swapTime exchanges the first two axes, batch and time.
func swapTime(x ops.Tensor) ops.Tensor {
	if x.Err() != nil {
		return x
	}
	order := make([]int, x.Rank())
	for i := range order {
		order[i] = i
	}
	order[0], order[1] = 1, 0
	return ops.Transpose(x, order...)
}

// zeroStates are what a sequence starts from.
func zeroStates(batch int, shapes [][]int) []ops.Tensor {
	states := make([]ops.Tensor, len(shapes))
	for i, s := range shapes {
		states[i] = ops.BroadcastTo(ops.Scalar(0), append([]int{batch}, s...)...)
	}
	return states
}

// scan goes through x [time, batch, ...] by steps.
func (s *sequence) scan(b *Builder, x, mask ops.Tensor, states []ops.Tensor, how scanned) steps {
	fail := func(t ops.Tensor) steps {
		return steps{all: t, last: t, states: slices.Repeat([]ops.Tensor{t}, len(s.states))}
	}
	if x.Err() != nil || how.step == nil {
		return fail(x)
	}
	sequences := []ops.Tensor{x}
	if mask.Valid() {
		if mask.Rank() != 2 {
			return fail(b.Errorf("mask of shape %v: expected [batch, time]", mask.Shape()))
		}
		sequences = append(sequences, swapTime(mask))
	}
	last, ys := ops.Scan(func(carry, x []ops.Tensor) (next, ys []ops.Tensor) {
		y, next := how.step(x[0], carry)
		if mask.Valid() {
			y, next = s.keep(b, x[1], y, next, carry, how.output)
		}
		return next, []ops.Tensor{y}
	}, states, sequences, ops.ScanOptions{Reverse: s.goBackwards})
	return s.taken(last, ys[0])
}

// keep keeps the states where the step is masked.
func (s *sequence) keep(b *Builder, counts, y ops.Tensor, next, states []ops.Tensor, output int) (ops.Tensor, []ops.Tensor) {
	if y.Err() != nil {
		return y, next
	}
	either := func(y, z ops.Tensor) ops.Tensor {
		m := counts
		for m.Err() == nil && m.Rank() < y.Rank() {
			m = ops.ExpandDims(m, -1)
		}
		return ops.Where(m, y, z)
	}
	kept := make([]ops.Tensor, len(next))
	for i, n := range next {
		kept[i] = either(n, states[i])
	}
	if s.zeroOutputForMask {
		return either(y, ops.ZerosLike(y)), kept
	}
	if len(states) == 0 || !couldBe(y.Shape(), states[output].Shape()) {
		return b.Errorf("outputs of shape %v: with a mask and without zero_output_for_mask expected the shape of the first state", y.Shape()), kept
	}
	return either(y, states[output]), kept
}

// taken are the results of a scan, whose outputs [time, batch, ...] stand in the order of the input.
func (s *sequence) taken(states []ops.Tensor, ys ops.Tensor) steps {
	if ys.Err() != nil {
		return steps{all: ys, last: ys, states: states}
	}
	s.zeroOutputForMask = false // It is in the last output already.
	all := ys
	if s.goBackwards {
		all = ops.Flip(ys, 0)
	}
	start, size := make([]int, ys.Rank()), slices.Repeat([]int{ops.Unknown}, ys.Rank())
	size[0] = 1
	switch {
	case s.goBackwards:
	case ys.Dim(0) == ops.Unknown: // An unknown number of steps cannot be counted from its end.
		ys = ops.Flip(ys, 0)
	default:
		start[0] = ys.Dim(0) - 1
	}
	return steps{all: swapTime(all), last: ops.Squeeze(ops.Slice(ys, start, size), 0), states: states}
}
