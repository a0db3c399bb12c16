package layers

import (
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// A Trace is one recording of a model: what its layers declared, updated and added while their Call methods ran.
type Trace struct {
	// Sealed forbids new weights: everything was built before.
	Sealed bool
	// Updates are the weights that change with each run, in the order of the calls.
	Updates []ops.Update
	// Losses are what layers and regularizers add to the loss.
	Losses []ops.Tensor

	declared  []declaration
	penalized map[*Weight]bool
	current   map[*ops.Variable]ops.Tensor // values that updates gave within this trace
	err       error
}

// A declaration is a weight that a layer asked for and does not own yet.
type declaration struct {
	base   *Base
	weight *Weight
}

// Declared are the weights that layers asked for and do not own yet, in the order of asking.
func (t *Trace) Declared() []*Weight {
	ws := make([]*Weight, len(t.declared))
	for i, d := range t.declared {
		ws[i] = d.weight
	}
	return ws
}

// DeclaredBy are the weights that a layer has or, in this trace, asked for.
func (t *Trace) DeclaredBy(p Part) []*Weight { return (&Builder{trace: t, part: p}).own() }

// Err is the first error of the trace.
func (t *Trace) Err() error { return t.err }

func (t *Trace) fail(err error) {
	if t.err == nil {
		t.err = err
	}
}

// Commit gives all weights that were declared in the trace to their layers, with memory and first values drawn from a seed and their
// paths. Nothing is given where anything fails.
func (t *Trace) Commit(seed uint64) error {
	if t.err != nil {
		return t.err
	}
	for _, d := range t.declared {
		d.weight.Allocate()
		if err := d.weight.start(seed); err != nil {
			return errors.Wrap(err, d.weight.Path)
		}
	}
	for _, d := range t.declared {
		d.base.weights = append(d.base.weights, d.weight)
	}
	t.declared = nil
	return nil
}

// start sets a weight's first values.
func (w *Weight) start(seed uint64) error {
	stream := initializers.NewStream(seed, w.Path)
	if w.DType() == ops.Float32 {
		return w.Spec.Initializer.Init(w.Float32s(), w.Shape(), stream)
	}
	s, ok := w.Spec.Initializer.(startOfStream)
	if !ok {
		return nil
	}
	key := int32(stream.Key[0])
	if s.seed != nil {
		key = int32(*s.seed)
	}
	w.Value().Int32s()[0] = key
	return nil
}
