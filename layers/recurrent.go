package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/pkg/errors"
)

// A sequence is how a recurrent layer goes through its input: the arguments that all recurrent layers have.
type sequence struct {
	returnSequences, returnState, goBackwards, zeroOutputForMask bool
	activity                                                     regularizers.Regularizer
	rank                                                         int         // of the input, with batch and time
	states                                                       [][]int     // the shapes of the states, without the batch
	kept                                                         *keptStates // of a stateful layer, else nil
}

// steps are what a recurrent layer computes.
type steps struct {
	all    ops.Tensor   // the outputs of all steps, in the order in which they are made
	last   ops.Tensor   // the output of the last step, or the last before it that is not masked; not Valid: cut from all
	states []ops.Tensor // after the last step
}

// call computes the results of a layer of a sequence and perhaps its initial states: the output, and with returnState the last states. run
// goes through the steps; it gets no states for zeros, and no mask where all steps count.
func (s *sequence) call(b *Builder, xs []ops.Tensor, run func(x, mask ops.Tensor, states []ops.Tensor) steps) []ops.Tensor {
	fail := func(err error) []ops.Tensor { return []ops.Tensor{b.Errorf("%s", err)} }
	if err := s.check(xs); err != nil {
		return fail(err)
	}
	x, states, mask := xs[0], xs[1:], xs[0].Mask()
	used := mask
	if len(states) > 0 {
		used = ops.Tensor{} // As in Keras, where a call with several tensors is not given the mask of one.
	} else if s.kept != nil {
		var err error
		if states, err = s.kept.before(b, x, s.states); err != nil {
			return fail(err)
		}
	}
	y := run(x.WithMask(ops.Tensor{}), used, states)
	if s.kept != nil {
		if err := s.kept.after(b, x, s.states, y.states); err != nil {
			return fail(err)
		}
	}
	results := []ops.Tensor{s.output(y, mask, used)}
	if s.returnState {
		results = append(results, y.states...)
	}
	for _, y := range results {
		b.penalizeOutput(s.activity, y)
	}
	return results
}

func (s *sequence) output(y steps, mask, used ops.Tensor) ops.Tensor {
	switch {
	case s.returnSequences:
		return y.all.WithMask(mask)
	case y.last.Valid() && !(s.zeroOutputForMask && used.Valid()):
		return y.last
	case y.all.Err() != nil:
		return y.all
	}
	start, size := make([]int, y.all.Rank()), make([]int, y.all.Rank())
	for i := range size {
		size[i] = ops.Unknown
	}
	size[1] = 1
	return ops.Squeeze(ops.Slice(ops.Flip(y.all, 1), start, size), 1) // the length may not be known yet
}

func (s *sequence) check(xs []ops.Tensor) error {
	if len(xs) != 1 && len(xs) != 1+len(s.states) {
		return errors.Errorf("expected a sequence, or a sequence and %d initial states, got %d tensors", len(s.states), len(xs))
	}
	for _, x := range xs {
		if err := x.Err(); err != nil {
			return err
		}
	}
	shape := xs[0].Shape()
	if len(shape) != s.rank || shape[len(shape)-1] == ops.Unknown {
		return errors.Errorf("input of shape %v: expected %d axes, [batch, time, features], and the features known", shape, s.rank)
	}
	for i, x := range xs[1:] {
		want := append([]int{shape[0]}, s.states[i]...)
		if !couldBe(x.Shape(), want) {
			return errors.Errorf("initial state %d has shape %v, expected %v", i, x.Shape(), want)
		}
	}
	return nil
}

// single is the only result of a layer that does not return its state.
func (s *sequence) single(b *Builder, all func() []ops.Tensor) ops.Tensor {
	if s.returnState {
		return b.Errorf("return_state gives several results: use ApplyAll")
	}
	return all()[0]
}

// keptStates are the states of a stateful layer, which go on from one batch to the next. As in Keras they are no weights of the layer, and not in
// its files.
type keptStates struct{ variables []*ops.Variable }

// before are the states that a batch starts from.
func (k *keptStates) before(b *Builder, x ops.Tensor, shapes [][]int) ([]ops.Tensor, error) {
	if err := k.make(b, x, shapes); err != nil {
		return nil, err
	}
	states := make([]ops.Tensor, len(k.variables))
	for i, v := range k.variables {
		states[i] = v.Tensor()
		if t, ok := b.trace.current[v]; ok {
			states[i] = t
		}
	}
	return states, nil
}

// make makes the states for the first batch.
func (k *keptStates) make(b *Builder, x ops.Tensor, shapes [][]int) error {
	batch := x.Dim(0)
	if batch == ops.Unknown {
		return errors.Errorf("stateful: the batch must have a fixed size: expected it in the input, such as by Input's BatchSize, got shape %v", x.Shape())
	}
	if k.variables != nil {
		if have := k.variables[0].Shape()[0]; have != batch {
			return errors.Errorf("stateful: expected a batch of %d, as the states are of, got %d", have, batch)
		}
		return nil
	}
	var vs []*ops.Variable
	for _, s := range shapes {
		v, err := ops.NewVariable(b.path+"/rnn_state", ops.Float32, append([]int{batch}, s...)...)
		if err != nil {
			return err
		}
		v.Allocate()
		vs = append(vs, v)
	}
	k.variables = vs
	return nil
}

// after keeps the states that a batch ends with.
func (k *keptStates) after(b *Builder, x ops.Tensor, shapes [][]int, states []ops.Tensor) error {
	if err := k.make(b, x, shapes); err != nil {
		return err
	}
	for i, v := range k.variables {
		if err := states[i].Err(); err != nil {
			return err
		}
		if b.trace.current == nil {
			b.trace.current = map[*ops.Variable]ops.Tensor{}
		}
		b.trace.current[v] = states[i]
		b.setUpdate(ops.Update{Variable: v, Value: states[i]})
	}
	return nil
}

// reset sets the states to zero.
func (k *keptStates) reset() {
	for _, v := range k.variables {
		clear(v.Float32s())
	}
}
