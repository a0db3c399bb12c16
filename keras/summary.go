package keras

import (
	"io"
	"regexp"

	"github.com/gokeras/gokeras/internal/summarytable"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// SummaryOptions say what a summary shows; the zero value is Keras's.
type SummaryOptions struct {
	// LineLength is the width of the table in columns. 0: 88, with connections 108, with ShowTrainable 12 more, but at most 76.
	LineLength int
	// Positions are the ends of the columns as parts of LineLength, ShowTrainable's left out. nil: .45, .8, 1, with connections .3, .56, .74, 1.
	Positions []float64
	// ExpandNested adds the layers within models within the model.
	ExpandNested bool
	// ShowTrainable adds a column that says of each layer with weights whether it is trained.
	ShowTrainable bool
	// LayerRange shows the layers from the first to the last whose names begin with what these two regular expressions match. Empty: all.
	// The totals stay those of the model.
	LayerRange [2]string
}

// Summary writes Keras's table of the model's layers, their outputs and the number of their weights. It takes no memory for weights, so
// that a model can be looked at before it is built or compiled; the layers of a model whose input is not known yet are "unbuilt". Where
// an optimizer has a state, that is counted too.
//
// Connections are counted within the model: a layer that is applied in other models too has there, in Keras, numbers that go on.
func (m *Model) Summary(w io.Writer, options ...SummaryOptions) error {
	if err := m.fault(); err != nil {
		return errors.Wrap(err, "keras: summary")
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
	for _, given := range options {
		s.options = given
	}
	o.LineLength, o.Positions, o.ShowTrainable = s.options.LineLength, s.options.Positions, s.options.ShowTrainable
	o.ExpandNested = s.options.ExpandNested
	if m.stack != nil {
		err = s.stackRows(m, s.in, 0)
	} else {
		o.Functional = !isChain(m.order)
		err = s.graphRows(m, 0)
	}
	if err == nil {
		o.Rows, err = s.inRange()
	}
	if err != nil {
		return errors.Wrap(err, "keras: summary")
	}
	o.Totals = s.totals() // Models whose inputs only they know themselves have been looked at with their rows.
	return errors.Wrap(summarytable.Render(w, o), "keras: summary")
}

// inRange are the rows that the options ask for.
func (s *summary) inRange() ([]summarytable.Row, error) {
	if s.options.LayerRange == [2]string{} {
		return s.rows, nil
	}
	var first, last [2]int // rows that match each of the two, the first and the last of them
	for i, expression := range s.options.LayerRange {
		match, err := regexp.Compile("^(?:" + expression + ")")
		if err != nil {
			return nil, errors.Wrap(err, "LayerRange")
		}
		first[i], last[i] = -1, -1
		for k, r := range s.rows {
			if r.Depth > 0 || !match.MatchString(r.Name) {
				continue
			}
			if last[i] = k; first[i] < 0 {
				first[i] = k
			}
		}
		if first[i] < 0 {
			return nil, errors.Errorf("LayerRange: expected the beginning of a layer's name, got %q, which no layer's name has", expression)
		}
	}
	from, to := first[0], last[1]
	if from > to {
		from, to = first[1], last[0]
	}
	for to++; to < len(s.rows) && s.rows[to].Depth > 0; to++ { // with the layers within the last one
		continue
	}
	return s.rows[from:to], nil
}

// A summary is what is known about a model before its weights are made.
type summary struct {
	m     *Model
	in    []ops.Spec // nil: not known yet
	trace *layers.Trace

	options SummaryOptions
	rows    []summarytable.Row
	// connected are the connections of the model's own layers, which are shown where they stand in models within it too.
	connected map[layers.Part][]string
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
	eachTrained(s.m, func(p layers.Part) {
		for _, w := range s.trace.DeclaredBy(p) {
			trained[w] = !w.Spec.NonTrainable
		}
	})
	var moving, fixed []*layers.Weight
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
