package optimizers

import (
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// A Slot is one array of an optimizer's state. Exactly one of Float and Int is set.
type Slot struct {
	Name  string // Keras's, such as "iteration" or "dense_kernel_momentum"
	Shape []int  // empty for a scalar
	Float []float32
	Int   []int64
}

// State lists an optimizer's state as Keras lists its variables and writes them to files: the iteration (every call of [Apply] counts), the
// learning rate (unless a schedule gives it), averages, accumulated gradients, then the optimizer's own. The arrays of weights are the
// optimizer's own memory, not copies. Before [Build] there are none.
func State(o Optimizer) []Slot {
	if l, ok := o.(*LossScaleOptimizer); ok {
		return l.state()
	}
	b := o.base()
	state := []Slot{{Name: "iteration", Shape: []int{}, Int: []int64{int64(b.iteration)}}}
	if r := o.Rate(); r.Schedule == nil {
		state = append(state, Slot{Name: "learning_rate", Shape: []int{}, Float: []float32{b.currentRate(r)}})
	}
	for _, e := range b.entries {
		e.Shape = slices.Clone(e.Shape)
		state = append(state, e)
	}
	return state
}

// SetState copies a state that [State] has listed, or that was read from a file, into o. Entries are told by their order; names are not
// looked at. It is an error, and nothing changes, where the number of entries, a shape, a type or a length differs.
func SetState(o Optimizer, state []Slot) error {
	inner := unwrap(o)
	b := inner.base()
	if !b.built {
		return errors.New("optimizers: SetState: the optimizer has no weights yet: call Build first")
	}
	own := State(o)
	if len(state) != len(own) {
		return errors.Errorf("optimizers: SetState: expected %d arrays (%s ...), got %d", len(own), names(own, 4), len(state))
	}
	for i, s := range state {
		if err := s.fits(own[i]); err != nil {
			return errors.WithMessagef(err, "optimizers: SetState: array %d (%s)", i, own[i].Name)
		}
	}
	if l, ok := o.(*LossScaleOptimizer); ok {
		l.setOwn(state[:lossScaleEntries])
		state, own = state[lossScaleEntries:], own[lossScaleEntries:]
	}
	b.iteration = int(state[0].Int[0])
	rest := 1
	if r := inner.Rate(); r.Schedule == nil {
		b.rated, b.configured, b.rate = true, r.LearningRate, state[1].Float[0]
		rest = 2
	}
	for i := rest; i < len(state); i++ {
		copy(own[i].Float, state[i].Float)
	}
	return nil
}

// fits returns an error unless s can take the place of own.
func (s *Slot) fits(own Slot) error {
	if !slices.Equal(s.Shape, own.Shape) || len(s.Float) != len(own.Float) || len(s.Int) != len(own.Int) {
		return errors.Errorf("expected shape %v, %d floats and %d integers, got shape %v, %d and %d",
			own.Shape, len(own.Float), len(own.Int), s.Shape, len(s.Float), len(s.Int))
	}
	if len(s.Int) == 1 && s.Int[0] < 0 {
		return errors.Errorf("expected 0 or more, got %d", s.Int[0])
	}
	return nil
}

func names(slots []Slot, n int) string {
	var s []string
	for _, slot := range slots[:min(n, len(slots))] {
		s = append(s, slot.Name)
	}
	return strings.Join(s, ", ")
}
