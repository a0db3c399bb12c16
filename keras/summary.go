package keras

import (
	"io"

	"github.com/gokeras/gokeras/internal/summarytable"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// Summary writes Keras's table of the model's layers, their outputs and the number of their weights. It takes no memory for weights, so
// that a model can be looked at before it is built or compiled; the layers of a model whose input is not known yet are "unbuilt". Where
// an optimizer has a state, that is counted too.
func (m *Model) Summary(w io.Writer) error {
	if m.err != nil {
		return errors.Wrap(m.err, "keras: summary")
	}
	m.assignNames(map[string]int{})
	m.saving.Lock()
	defer m.saving.Unlock()
	m.weights.RLock()
	defer m.weights.RUnlock()
	s, err := newSummary(m)
	if err != nil {
		return errors.Wrap(err, "keras: summary")
	}
	o := summarytable.Options{Name: m.ModelName()}
	if m.stack != nil {
		o.Rows, err = s.stackRows()
	} else {
		o.Functional = !isChain(m.order)
		o.Rows, err = s.graphRows()
	}
	if err != nil {
		return errors.Wrap(err, "keras: summary")
	}
	o.Totals = s.totals()
	return errors.Wrap(summarytable.Render(w, o), "keras: summary")
}

// A summary is what is known about a model before its weights are made.
type summary struct {
	m     *Model
	in    []ops.Spec // nil: not known yet
	trace *layers.Trace
}

func newSummary(m *Model) (*summary, error) {
	s := &summary{m: m, trace: &layers.Trace{}}
	var err error
	if s.in, err = m.inputSpecs(); err != nil || s.in == nil {
		return s, err
	}
	s.trace, _, err = m.trace(s.in)
	return s, err
}

// weights are the weights of a layer and the layers within it; random streams do not count, as in Keras.
func (s *summary) weights(p layers.Part) []*layers.Weight {
	var ws []*layers.Weight
	layers.Walk(p, func(p layers.Part) {
		for _, w := range s.trace.DeclaredBy(p) {
			if w.DType() == ops.Float32 {
				ws = append(ws, w)
			}
		}
	})
	return ws
}

func (s *summary) params(p layers.Part) int { return count(s.weights(p)).Params }

// count adds up numbers of four bytes each.
func count(ws []*layers.Weight) summarytable.Weights {
	n := 0
	for _, w := range ws {
		n += sizeOf(w.Shape())
	}
	return summarytable.Weights{Params: n, Bytes: 4 * float64(n)}
}

func sizeOf(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// totals counts the weights by whether they are trained.
func (s *summary) totals() summarytable.Totals {
	trained := map[*layers.Weight]bool{}
	var moving, fixed []*layers.Weight
	seen := map[layers.Part]bool{}
	var walk func(p layers.Part)
	walk = func(p layers.Part) {
		if seen[p] || isFrozen(p) {
			return
		}
		seen[p] = true
		for _, w := range s.trace.DeclaredBy(p) {
			trained[w] = !w.Spec.NonTrainable
		}
		for _, c := range layers.Children(p) {
			walk(c.Part)
		}
	}
	walk(s.m)
	for _, w := range s.weights(s.m) {
		if trained[w] {
			moving = append(moving, w)
		} else {
			fixed = append(fixed, w)
		}
	}
	t := summarytable.Totals{Trainable: count(moving), NonTrainable: count(fixed)}
	if c := s.m.compilation.Load(); c != nil && c.ready {
		n := 0
		for _, slot := range optimizers.State(c.Optimizer) {
			n += sizeOf(slot.Shape)
		}
		t.Optimizer = &summarytable.Weights{Params: n, Bytes: 4 * float64(n)}
	}
	return t
}

// stackRows are the rows of a Sequential.
func (s *summary) stackRows() ([]summarytable.Row, error) {
	known := &shapes{}
	if s.in != nil {
		var err error
		if known, err = s.m.stackShapes(s.in); err != nil {
			return nil, err
		}
	}
	var rows []summarytable.Row
	for i, l := range s.m.stack {
		r := summarytable.Row{Name: s.m.names[l], Class: kerasClass(l), Params: s.params(l)}
		if known.stack != nil {
			r.OutputShape = formatShapes(known.stack[i].out)
		} else if err := s.unknownInput(l, &r); err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// unknownInput fills in the row of a layer whose input is not known, which a model within the model may know itself.
func (s *summary) unknownInput(l layers.Layer, r *summarytable.Row) error {
	r.Unbuilt = !builtAtOnce(r.Class)
	m, ok := l.(*Model)
	if !ok {
		return nil
	}
	in, err := m.inputSpecs()
	if err != nil || in == nil {
		return err
	}
	xs := make([]ops.Tensor, len(in))
	for i, spec := range in {
		xs[i] = ops.Placeholder("input", spec.DType, spec.Shape...)
	}
	out := m.CallAll(layers.NewBuilder(s.trace, m, "", false), xs...)
	if err := firstError(s.trace, out); err != nil {
		return err
	}
	r.Unbuilt, r.Params, r.OutputShape = false, s.params(m), formatShapes(specsOf(out))
	return nil
}

func specsOf(ts []ops.Tensor) []ops.Spec {
	specs := make([]ops.Spec, len(ts))
	for i, t := range ts {
		specs[i] = t.Spec()
	}
	return specs
}

func formatShapes(specs []ops.Spec) string {
	all := make([][]int, len(specs))
	for i, s := range specs {
		all[i] = s.Shape
	}
	return summarytable.FormatShape(all...)
}

// graphRows are the rows of a graph.
func (s *summary) graphRows() ([]summarytable.Row, error) {
	known, err := s.m.shapesOf(nil)
	if err != nil {
		return nil, err
	}
	g := newGraphWriter(s.m)
	var rows []summarytable.Row
	for _, v := range s.m.order {
		r := summarytable.Row{Name: g.name(v), OutputShape: formatShapes(known.out[v])}
		if p := v.part(); p != nil {
			r.Class, r.Params = kerasClass(p), s.params(p)
		} else {
			r.Class = classOfOperation(g.lines[v.lines[0]].Name)
		}
		for _, line := range v.lines {
			for _, from := range g.lines[line].Inputs {
				if source := g.of[from.Line]; source != nil {
					r.ConnectedTo = append(r.ConnectedTo, g.name(source)+"["+itoa(g.call[from.Line])+"]["+itoa(from.Result)+"]")
				}
			}
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// classOfOperation is Keras's class of an operation, or the operation's own name where it is none of Keras's.
func classOfOperation(name string) string {
	if c, ok := operationClasses[name]; ok {
		return c.class
	}
	return name
}

// isChain reports whether each layer of a graph is called once, on what the one before it made.
func isChain(order []*vertex) bool {
	depths := map[int]bool{}
	for _, v := range order {
		if len(v.lines) != 1 || v.inputs > 1 || depths[v.depth] {
			return false
		}
		depths[v.depth] = true
	}
	return true
}
