package optimizers

import (
	"slices"
	"strings"
)

// A SlotSpec declares one array that an optimizer keeps for each weight.
type SlotSpec struct {
	Name  string                   // in the state it follows the weight's path: "momentum"; "": the weight's own name stands alone
	Value float64                  // 0; what the array holds at first
	Shape func(p *Parameter) []int // nil: the weight's own shape
	Skip  func(p *Parameter) bool  // nil: never; true: this weight has no such array
	Copy  bool                     // false; true: it begins as a copy of the weight when the optimizer is built, and Value is not looked at

	unused func(p *Parameter) bool // true: the state has an integer 0 in its place
}

// A slotGroup is a run of the state: arrays interleaved by weight, or a number that all weights share.
type slotGroup struct {
	specs  []SlotSpec
	shared *Slot
}

// AddSlots declares arrays that the optimizer keeps for each weight, of the weight's shape and 0 at first. In the state, the names of one call are
// interleaved by weight and those of the next call follow after all weights.
func (b *Base) AddSlots(names ...string) {
	specs := make([]SlotSpec, len(names))
	for i, name := range names {
		specs[i].Name = name
	}
	b.AddSlotSpecs(specs...)
}

// AddSlotSpecs is [Base.AddSlots] for arrays of other shapes or first values.
func (b *Base) AddSlotSpecs(specs ...SlotSpec) { b.groups = append(b.groups, slotGroup{specs: specs}) }

// AddShared declares a number that all weights share and that is part of the state, after what was declared before. It returns where it is.
func (b *Base) AddShared(name string, value float64) *float32 {
	s := &Slot{Name: name, Shape: []int{}, Float: []float32{float32(value)}}
	b.groups = append(b.groups, slotGroup{shared: s})
	return &s.Float[0]
}

// makeSlots makes the arrays, and the entries of the state in Keras's order: averages, accumulators, then what the optimizer has declared.
func (b *Base) makeSlots() {
	b.entries = nil
	if b.UseEMA {
		for i := range b.params {
			p := &b.params[i]
			p.average = b.makeSlot(p, SlotSpec{Name: "average"})
		}
	}
	if b.GradientAccumulationSteps > 0 {
		for i := range b.params {
			p := &b.params[i]
			p.accumulator = b.makeSlot(p, SlotSpec{Name: "gradient_accumulator"})
		}
	}
	for _, g := range b.groups {
		if g.shared != nil {
			b.entries = append(b.entries, *g.shared)
		}
		for i := range b.params {
			p := &b.params[i]
			for _, spec := range g.specs {
				p.slots = append(p.slots, b.makeSlot(p, spec))
			}
		}
	}
}

// makeSlot makes one weight's array and its entry, if it has any.
func (b *Base) makeSlot(p *Parameter, spec SlotSpec) []float32 {
	if spec.Skip != nil && spec.Skip(p) {
		return nil
	}
	e := Slot{Name: p.name(), Shape: p.shape()}
	if spec.Name != "" {
		e.Name = strings.ReplaceAll(p.Path, "/", "_") + "_" + spec.Name
	}
	if spec.unused != nil && spec.unused(p) {
		e.Shape, e.Int = []int{}, []int64{0}
		b.entries = append(b.entries, e)
		return nil
	}
	if spec.Shape != nil {
		e.Shape = slices.Clone(spec.Shape(p))
	}
	n := 1
	for _, d := range e.Shape {
		n *= d
	}
	e.Float = make([]float32, n)
	if spec.Copy {
		copy(e.Float, p.Value)
	} else {
		fill(e.Float, float32(spec.Value))
	}
	b.entries = append(b.entries, e)
	return e.Float
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

func (p *Parameter) shape() []int {
	if p.Shape == nil {
		return []int{len(p.Value)}
	}
	return append([]int{}, p.Shape...)
}

// rank is the number of the weight's axes.
func (p *Parameter) rank() int {
	if p.Shape == nil {
		return 1
	}
	return len(p.Shape)
}
