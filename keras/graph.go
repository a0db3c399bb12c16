package keras

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// A vertex is a layer, an input or an operation of a model's graph, with all the places where it is applied.
type vertex struct {
	what  any    // *application, *layers.Input, *operated; nil for another operation
	name  string // of an operation
	named bool   // by a file
	lines []int
	calls []*application // of a layer, beside lines
	// inputs is the number of tensors that go into a call, the largest of all calls.
	inputs int
	depth  int
	first  int // when a walk from the outputs meets it
}

func (v *vertex) part() layers.Part {
	switch w := v.what.(type) {
	case *application:
		return w.part
	case *layers.Input:
		return w
	}
	return nil
}

func itoa(n int) string { return strconv.Itoa(n) }

// kerasOrder lists the layers and operations of a graph in Keras's order, which numbers them, orders the weights in files and the rows of a summary:
// by their distance from the outputs, the farthest first, and as a walk from the outputs meets them.
func kerasOrder(inputs, outputs []ops.Tensor) (order []*vertex, schedule []ops.Tensor, err error) {
	if len(inputs) == 0 || len(outputs) == 0 {
		return nil, nil, errors.New("a model needs at least one input and one output")
	}
	for _, t := range slices.Concat(inputs, outputs) {
		if err := t.Err(); err != nil {
			return nil, nil, err
		}
	}
	for i, t := range inputs {
		if _, ok := t.What().(*layers.Input); !ok {
			return nil, nil, errors.Errorf("input %d: expected a tensor made by keras.Input or a layer's result, got one made by an operation or none at all", i)
		}
	}
	lines, ends := ops.Lines(outputs)
	g := &grapher{lines: lines, of: make([]*vertex, len(lines)), by: map[any]*vertex{}}
	for _, e := range ends {
		g.meet(e.Line)
	}
	g.depths()
	if err := g.checkInputs(inputs); err != nil {
		return nil, nil, err
	}
	for _, t := range inputs { // that no output depends on
		if what := t.What(); g.by[what] == nil {
			g.by[what] = &vertex{what: what, first: -1}
			g.all = append(g.all, g.by[what])
		}
	}
	slices.SortStableFunc(g.all, func(a, b *vertex) int {
		if a.depth != b.depth {
			return b.depth - a.depth
		}
		return a.first - b.first
	})
	for _, v := range g.all {
		v.sortCalls(lines)
	}
	return slices.DeleteFunc(g.all, g.isConstant), g.schedule(), nil
}

// sortCalls puts the calls of a layer in the order in which they were made, so that one comes after those that it depends on.
func (v *vertex) sortCalls(lines []ops.Line) {
	if _, ok := v.what.(*application); !ok {
		return
	}
	made := func(line int) uint64 { return lines[line].What.(*application).number }
	slices.SortFunc(v.lines, func(a, b int) int { return cmp.Compare(made(a), made(b)) })
	for _, line := range v.lines {
		v.calls = append(v.calls, lines[line].What.(*application))
	}
}

type grapher struct {
	lines []ops.Line
	of    []*vertex // by line
	by    map[any]*vertex
	all   []*vertex
	met   []bool
	depth []int // by line
	seen  []int // by line: when the walk for the depths meets it
}

// isConstant reports whether a vertex is no layer and no operation.
func (g *grapher) isConstant(v *vertex) bool {
	if v.what != nil {
		return false
	}
	return len(g.lines[v.lines[0]].Inputs) == 0 || numberAt(g.lines, v.lines[0]) != nil
}

// numberAt is the number that a line of a graph stands for, as float64, int32 or bool; nil where it stands for a tensor.
func numberAt(lines []ops.Line, at int) any {
	l := lines[at]
	if l.Name != "cast" || len(l.Inputs) != 1 {
		return l.Number
	}
	n, ok := numberAt(lines, l.Inputs[0].Line).(int32)
	if ok && l.Results[0].DType == ops.Float32 {
		return float64(n)
	}
	return nil
}

// meet walks towards the inputs and notes what is met first.
func (g *grapher) meet(line int) {
	if g.met == nil {
		g.met = make([]bool, len(g.lines))
	}
	if g.met[line] {
		return
	}
	g.met[line] = true
	l := g.lines[line]
	var key any = line
	switch w := l.What.(type) {
	case *application:
		key = w.part
	case *layers.Input:
		key = w
	}
	v := g.by[key]
	if v == nil {
		v = &vertex{what: l.What, name: l.Name, first: len(g.all)}
		g.by[key] = v
		g.all = append(g.all, v)
	}
	g.of[line] = v
	v.lines = append(v.lines, line)
	tensors := 0
	for _, in := range l.Inputs {
		g.meet(in.Line)
		if numberAt(g.lines, in.Line) == nil {
			tensors++
		}
	}
	v.inputs = max(v.inputs, tensors)
}

// depths finds the longest way from each place to an output; a layer applied at several places counts with its longest.
func (g *grapher) depths() {
	g.depth, g.seen = make([]int, len(g.lines)), make([]int, len(g.lines))
	met := 0
	see := func(line int) {
		if g.seen[line] == 0 {
			met++
			g.seen[line] = met
		}
	}
	for i, l := range slices.Backward(g.lines) {
		see(i)
		v := g.of[i]
		v.depth = max(v.depth, g.depth[i])
		g.depth[i] = v.depth
		for _, in := range l.Inputs {
			see(in.Line)
			g.depth[in.Line] = max(g.depth[in.Line], g.depth[i]+1)
		}
	}
}

// schedule are results of all applications of layers, in the order in which Keras computes them. It counts where layers change their state.
func (g *grapher) schedule() []ops.Tensor {
	var lines []int
	for i, l := range g.lines {
		if _, ok := l.What.(*application); ok {
			lines = append(lines, i)
		}
	}
	slices.SortFunc(lines, func(a, b int) int {
		return cmp.Or(cmp.Compare(g.depth[b], g.depth[a]), cmp.Compare(g.seen[a], g.seen[b]))
	})
	ts := make([]ops.Tensor, len(lines))
	for i, line := range lines {
		ts[i] = g.lines[line].What.(*application).results[0]
	}
	return ts
}

// checkInputs makes sure that the graph starts at the model's inputs only.
func (g *grapher) checkInputs(inputs []ops.Tensor) error {
	for _, v := range g.all {
		in, ok := v.what.(*layers.Input)
		if !ok {
			continue
		}
		if !slices.ContainsFunc(inputs, func(t ops.Tensor) bool { return t.What() == any(in) }) {
			return errors.Errorf("the graph is disconnected: it starts at input %q of shape %v too, which is not among the model's inputs", in.Name, in.Shape)
		}
	}
	return nil
}
