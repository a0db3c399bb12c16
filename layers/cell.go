package layers

import (
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// A Cell is one step of a recurrent layer, which [RNN] repeats over a sequence. A cell of one's own embeds [Base], asks for its weights in Step, and may
// call inner layers there. What it draws at random is the same at each step of a sequence, as the dropout of Keras's cells is. A step can neither update
// weights nor add losses by what it computes.
type Cell interface {
	Part
	// StateShapes are the shapes of the states, without the batch, for a step's input of a shape, without the batch.
	StateShapes(input []int) [][]int
	// Step makes of a step's input [batch, ...] and the states the output and the next states.
	Step(b *Builder, x ops.Tensor, states []ops.Tensor) (y ops.Tensor, next []ops.Tensor)
}

// A stepper is the step of a cell that has begun a sequence.
type stepper func(x ops.Tensor, states []ops.Tensor) (y ops.Tensor, next []ops.Tensor)

// A beginner is a cell that does a part of its steps for all of them at once.
type beginner interface {
	Cell
	// begin takes the inputs of all steps [time, batch, ...] and makes of them what the steps get.
	begin(b *Builder, x ops.Tensor) (ops.Tensor, stepper)
}

// Step calls an inner cell, which must be a field of the layer (see [Children]).
func (b *Builder) Step(c Cell, x ops.Tensor, states []ops.Tensor) (y ops.Tensor, next []ops.Tensor) {
	in := b.inner(c)
	if in == nil {
		return b.failed(x), states
	}
	ys := in.guardStep(len(states), func() (ops.Tensor, []ops.Tensor) { return c.Step(in, x.In(in.path), inside(states, in.path)) })
	ys = inside(ys, b.path)
	return ys[0], ys[1:]
}

// guardStep is guard for a step, which must give an output and as many states as there are.
func (b *Builder) guardStep(states int, step func() (ops.Tensor, []ops.Tensor)) []ops.Tensor {
	ys := b.guard(func() []ops.Tensor {
		y, next := step()
		if y.Err() == nil && len(next) != states {
			y = b.Errorf("the step returned %d states: expected %d", len(next), states)
		}
		return append([]ops.Tensor{y.WithMask(ops.Tensor{})}, next...)
	})
	for len(ys) <= states { // An error, for which the number of states is none.
		ys = append(ys, ys[0])
	}
	return ys[:1+states]
}

// wholeSequence lets an inner cell go through a sequence [batch, time, ...] by one operation, if it has one that can.
func (b *Builder) wholeSequence(c Cell, s *sequence, x, mask ops.Tensor, states []ops.Tensor) (y steps, ok bool) {
	k, ok := c.(interface{ cell() *recurrentCell })
	if !ok {
		return steps{}, false
	}
	in := b.inner(c)
	if in == nil || c.base().ActivityRegularizer != nil {
		return steps{}, false
	}
	return k.cell().whole(in, s, x.In(in.path), mask, states)
}

// beginCell is what an inner cell does with a sequence [time, batch, ...]: what its steps get, and the step.
func (b *Builder) beginCell(c Cell, x ops.Tensor) (ops.Tensor, stepper) {
	in := b.inner(c)
	if in == nil {
		return b.failed(x), nil
	}
	step := func(x ops.Tensor, states []ops.Tensor) (ops.Tensor, []ops.Tensor) { return c.Step(in, x, states) }
	if s, ok := c.(beginner); ok {
		x = in.guard(func() []ops.Tensor {
			x, step = s.begin(in, x.In(in.path))
			return []ops.Tensor{x}
		})[0]
	}
	return x, func(x ops.Tensor, states []ops.Tensor) (ops.Tensor, []ops.Tensor) {
		before, losses := in.updated(), len(in.trace.Losses)
		ys := in.guardStep(len(states), func() (ops.Tensor, []ops.Tensor) { return step(x.In(in.path), inside(states, in.path)) })
		if err := in.checkStep(slices.Concat(states, []ops.Tensor{x}), before, losses); err != nil {
			ys[0] = in.Errorf("%s", err)
		}
		return ys[0], ys[1:]
	}
}

// updated are the updates so far.
func (b *Builder) updated() map[*ops.Variable]ops.Tensor {
	values := map[*ops.Variable]ops.Tensor{}
	for _, u := range b.trace.Updates {
		values[u.Variable] = u.Value
	}
	return values
}

// checkStep makes sure that what a step has added to the trace does not depend on the step, for the trace belongs to the sequence.
func (b *Builder) checkStep(given []ops.Tensor, before map[*ops.Variable]ops.Tensor, losses int) error {
	for _, l := range b.trace.Losses[losses:] {
		if ops.DependsOn(l, given...) {
			return errors.New("a loss depends on a step's inputs or states: expected losses of weights only, and others from a layer behind the recurrent one")
		}
	}
	for _, u := range b.trace.Updates {
		if !u.Value.Same(before[u.Variable]) && ops.DependsOn(u.Value, given...) {
			return errors.Errorf("an update of %s depends on a step's inputs or states: expected weights that a sequence does not change", u.Variable.Name())
		}
	}
	return nil
}

// callCell makes a cell a layer of an input and states, which returns the output and the next states.
func callCell(b *Builder, c Cell, xs []ops.Tensor) []ops.Tensor {
	for _, x := range xs {
		if err := x.Err(); err != nil {
			return []ops.Tensor{x}
		}
	}
	if len(xs) == 0 || xs[0].Rank() < 1 {
		return []ops.Tensor{b.Errorf("expected an input [batch, ...] and states")}
	}
	x, states := xs[0], xs[1:]
	shapes := c.StateShapes(x.Shape()[1:])
	if len(states) != len(shapes) {
		return []ops.Tensor{b.Errorf("expected an input and %d states, got %d tensors", len(shapes), len(xs))}
	}
	for i, s := range states {
		if want := append([]int{x.Dim(0)}, shapes[i]...); !couldBe(s.Shape(), want) {
			return []ops.Tensor{b.Errorf("state %d has shape %v, expected %v", i, s.Shape(), want)}
		}
	}
	y, next := c.Step(b, x, states)
	return append([]ops.Tensor{y}, next...)
}
