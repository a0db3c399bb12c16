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

// State lists an optimizer's state as Keras lists its variables and writes them to files: the iteration, the learning rate (unless a schedule
// gives it), then the slots. The arrays of weights are the optimizer's own memory, not copies. Before [Build] there are no slots.
func State(o Optimizer) []Slot {
	b := o.base()
	state := []Slot{{Name: "iteration", Shape: []int{}, Int: []int64{int64(b.iteration)}}}
	if r := o.Rate(); r.Schedule == nil {
		state = append(state, Slot{Name: "learning_rate", Shape: []int{}, Float: []float32{b.currentRate(r)}})
	}
	first := 0
	for _, group := range b.groups {
		for i := range b.params {
			p := &b.params[i]
			for k, name := range group {
				state = append(state, Slot{
					Name:  strings.ReplaceAll(p.Path, "/", "_") + "_" + name,
					Shape: p.shape(), Float: p.slots[first+k],
				})
			}
		}
		first += len(group)
	}
	return state
}

func (p *Parameter) shape() []int {
	if p.Shape == nil {
		return []int{len(p.Value)}
	}
	return slices.Clone(p.Shape)
}

// SetState copies a state that [State] has listed, or that was read from a file, into o. Entries are told by their order; names are not
// looked at. It is an error, and nothing changes, where the number of entries, a shape, a type or a length differs.
func SetState(o Optimizer, state []Slot) error {
	b := o.base()
	if !b.built {
		return errors.New("optimizers: SetState: the optimizer has no weights yet: call Build first")
	}
	own := State(o)
	if len(state) != len(own) {
		return errors.Errorf("optimizers: SetState: expected %d arrays (%s ...), got %d", len(own), names(own, 4), len(state))
	}
	for i, s := range state {
		if !slices.Equal(s.Shape, own[i].Shape) || len(s.Float) != len(own[i].Float) || len(s.Int) != len(own[i].Int) {
			return errors.Errorf("optimizers: SetState: array %d (%s): expected shape %v, %d floats and %d integers, got shape %v, %d and %d",
				i, own[i].Name, own[i].Shape, len(own[i].Float), len(own[i].Int), s.Shape, len(s.Float), len(s.Int))
		}
	}
	if n := state[0].Int[0]; n < 0 {
		return errors.Errorf("optimizers: SetState: iteration: expected 0 or more, got %d", n)
	}
	b.iteration = int(state[0].Int[0])
	rest := 1
	if o.Rate().Schedule == nil {
		b.rate = state[1].Float[0]
		rest = 2
	}
	for i := rest; i < len(state); i++ {
		copy(own[i].Float, state[i].Float)
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
