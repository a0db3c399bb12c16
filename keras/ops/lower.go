package ops

import (
	"fmt"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
)

// A lowering turns a record into a Gorgonia graph. What is used by Gorgonia's own accumulation of gradients is avoided: a value
// that several differentiated uses read leaves through one reader for each, and the last of them to get its gradient hands on
// their sum, made by an operation of ours. Results of operations with several results leave the same way.
type lowering struct {
	graph  *gorgonia.ExprGraph
	float  DType
	salt   int
	serial int
	flow   *flow
	uses   map[*node][]use
	made   map[*node]*lowered
	merged bool // Gorgonia took two different expressions for one
	all    []*expression
	leaves map[*gorgonia.Node]*lowered
}

// lowered is what stands for a node of the record in Gorgonia's graph.
type lowered struct {
	node  *gorgonia.Node
	from  *node
	slots []*slot
	fan   *fan // where several gradients come back
}

// A fan collects the gradients of all active readings of a node's results.
type fan struct {
	waiting int
	grads   [][]reading // by result
	sums    []*gorgonia.Node
}

type reading struct {
	serial int
	grad   *gorgonia.Node
}

func (l *lowering) next(name string) string {
	l.serial++
	return uniqueID(l.salt, l.serial, name)
}

// forward lowers a graph's nodes in its order.
func (l *lowering) forward(g *graph) error {
	for _, n := range g.nodes {
		if err := l.lower(n); err != nil {
			return err
		}
	}
	return nil
}

func (l *lowering) lower(n *node) error {
	if o, ok := n.op.(leaf); ok {
		return l.lowerLeaf(n, o)
	}
	s := &step{op: n.op, path: n.path}
	var in []*gorgonia.Node
	active := make([]bool, len(n.in))
	for i, t := range n.in {
		from := l.made[t.node]
		active[i] = l.flow.active(n, i)
		g, err := l.read(from, t.index, active[i])
		if err != nil {
			return err
		}
		in = append(in, g)
		s.in = append(s.in, from.slots[t.index])
	}
	for _, spec := range n.out {
		s.out = append(s.out, newSlot(spec))
	}
	e := &expression{label: n.op.name(), step: s, result: s.out[0], active: func() []bool { return active }}
	if _, ok := n.op.(aliasing); ok {
		s.out[0].owner = s.in[0].owner
		e.step = nil
	}
	made := &lowered{from: n, slots: s.out}
	made.fan = l.newFan(n)
	e.sym = func(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error) {
		return l.differentiate(made, active, in, grad)
	}
	var err error
	made.node, err = l.add(e, n.out[0], in)
	l.made[n] = made
	return err
}

// newFan makes the fan of a node whose gradient comes back by more than one way, or by another result than its first.
func (l *lowering) newFan(n *node) *fan {
	f := &fan{grads: make([][]reading, len(n.out)), sums: make([]*gorgonia.Node, len(n.out))}
	for _, u := range l.uses[n] {
		if l.flow.active(u.reader, u.input) {
			f.waiting++
		}
	}
	if n == l.flow.loss {
		f.waiting++
	}
	if f.waiting < 2 && len(n.out) == 1 {
		return nil
	}
	return f
}

// read is the node by which somebody reads result j of from.
func (l *lowering) read(from *lowered, j int, active bool) (*gorgonia.Node, error) {
	if j == 0 && (!active || from.fan == nil) {
		return from.node, nil
	}
	e := &expression{label: fmt.Sprintf("%s[%d]", from.from.op.name(), j), result: from.slots[j]}
	f, last := from.fan, false
	e.active = func() []bool { return []bool{active && (last || !f.started())} }
	serial := l.serial
	e.sym = func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
		f.grads[j] = append(f.grads[j], reading{serial, grad})
		f.waiting--
		if f.waiting > 0 {
			return gorgonia.Nodes{nil}, nil
		}
		last = true
		total, err := l.sum(from)
		return gorgonia.Nodes{total}, err
	}
	return l.add(e, from.slots[j].spec, []*gorgonia.Node{from.node})
}

// started reports whether a gradient has come back yet: until then Gorgonia only asks where gradients could flow.
func (f *fan) started() bool {
	return slices.ContainsFunc(f.grads, func(r []reading) bool { return len(r) > 0 })
}

// sum adds up the gradients of each result and returns any of the sums.
func (l *lowering) sum(from *lowered) (some *gorgonia.Node, err error) {
	f := from.fan
	for j, rs := range f.grads {
		if len(rs) == 0 {
			continue
		}
		// The order in which gradients come back is Gorgonia's; that in which they are added must be ours.
		slices.SortFunc(rs, func(a, b reading) int { return a.serial - b.serial })
		ts := make([]Tensor, len(rs))
		for i, r := range rs {
			ts[i] = l.wrap(r.grad, from.slots[j].spec)
		}
		total := ts[0]
		if len(ts) > 1 {
			total = apply(addN{}, ts...)
		}
		if f.sums[j], err = l.lowerGradient(total); err != nil {
			return nil, err
		}
		some = f.sums[j]
	}
	return some, nil
}

// differentiate is the answer to Gorgonia's question for the gradients of a node's inputs.
func (l *lowering) differentiate(made *lowered, active []bool, in gorgonia.Nodes, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	n := made.from
	c := &chain{needs: active, grad: make([]Tensor, len(n.out))}
	for i, g := range in {
		c.in = append(c.in, l.wrap(g, n.in[i].Spec()))
	}
	for j, spec := range n.out {
		c.out = append(c.out, Tensor{node: n, index: j})
		switch {
		case made.fan == nil:
			c.grad[j] = l.wrap(grad, spec)
		case made.fan.sums[j] != nil:
			c.grad[j] = l.wrap(made.fan.sums[j], spec)
		}
	}
	op, ok := n.op.(differentiable)
	if !ok {
		return nil, located(n.path, n.op.name(), errors.New("has no gradient"))
	}
	gs := op.gradient(c)
	out := make(gorgonia.Nodes, len(in))
	for i, want := range active {
		if !want {
			continue
		}
		g, err := l.checkedGradient(n, i, gs)
		if err != nil {
			return nil, located(n.path, n.op.name(), err)
		}
		if out[i], err = l.lowerGradient(g); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (l *lowering) checkedGradient(n *node, i int, gs []Tensor) (Tensor, error) {
	if i >= len(gs) || !gs[i].Valid() {
		return Tensor{}, errors.Errorf("the gradient with respect to input %d is missing", i)
	}
	g, want := gs[i], n.in[i].Spec().Shape
	if err := g.Err(); err != nil {
		return Tensor{}, errors.Wrapf(err, "gradient with respect to input %d", i)
	}
	if !sameShape(g.Spec().Shape, want) {
		return Tensor{}, errors.Errorf("the gradient with respect to input %d has shape %v, expected %v", i, g.Spec().Shape, want)
	}
	return g, nil
}

// lowerGradient lowers what a gradient is computed from. Nothing in it is differentiated again.
func (l *lowering) lowerGradient(t Tensor) (*gorgonia.Node, error) {
	if err := t.Err(); err != nil {
		return nil, err
	}
	for _, n := range order([]Tensor{t}, func(n *node) bool { return l.made[n] != nil }) {
		if err := l.lower(n); err != nil {
			return nil, err
		}
	}
	return l.read(l.made[t.node], t.index, false)
}

// wrap is a value of Gorgonia's graph as a tensor of a record, so that gradients are written like any other computation.
func (l *lowering) wrap(g *gorgonia.Node, spec Spec) Tensor {
	e, ok := g.Op().(*expression)
	if ok {
		n := &node{op: inner{}, out: []Spec{spec}}
		l.made[n] = &lowered{node: g, from: n, slots: []*slot{e.result}}
		return Tensor{node: n}
	}
	if leaf := l.leaves[g]; leaf != nil {
		return Tensor{node: leaf.from}
	}
	return Fail("", errors.Errorf("gradient %v is of an unknown origin", g))
}

// add puts an expression into Gorgonia's graph.
func (l *lowering) add(e *expression, spec Spec, in []*gorgonia.Node) (*gorgonia.Node, error) {
	e.id = l.next(e.label)
	for _, g := range in {
		e.in = append(e.in, g.Type())
	}
	e.out = typeOf(spec, l.float)
	e.shape = machineShape(spec.Shape)
	return l.apply(e, in)
}

func (l *lowering) apply(e *expression, in []*gorgonia.Node) (*gorgonia.Node, error) {
	g, err := gorgonia.ApplyOp(e, in...)
	if err != nil {
		return nil, errors.Wrapf(err, "%s: Gorgonia refuses the operation", e.label)
	}
	if g.Op() != gorgonia.Op(e) {
		l.merged = true
	}
	l.all = append(l.all, e)
	return g, nil
}

// lowerLeaf gives a leaf its memory and its node.
func (l *lowering) lowerLeaf(n *node, o leaf) error {
	s := newSlot(n.out[0])
	s.placed, s.keep = true, true
	if err := l.fill(s, o); err != nil {
		return errors.Wrap(err, o.name())
	}
	s.header = newHeader(s.buf, l.float)
	shape := machineShape(s.spec.Shape)
	g := gorgonia.NewTensor(l.graph, s.header.Dtype(), len(shape),
		gorgonia.WithShape(shape...), gorgonia.WithName(l.next(o.name())), gorgonia.WithValue(s.header))
	l.merged = l.merged || g.Op() != nil || l.leaves[g] != nil
	made := &lowered{node: g, from: n, slots: []*slot{s}}
	made.fan = l.newFan(n)
	l.made[n] = made
	l.leaves[g] = made
	return nil
}

// fill takes or makes a leaf's memory: a variable's own where the program computes in its type, a copy otherwise.
func (l *lowering) fill(s *slot, o leaf) error {
	s.buf = buffer{Spec: s.spec}
	switch o := o.(type) {
	case *variable:
		v := o.v
		if v.value == nil {
			return errors.New("the variable has no memory yet")
		}
		switch {
		case v.spec.DType == Int32:
			s.buf.i32 = v.value.Int32s()
		case v.spec.DType == Bool:
			s.buf.bool = v.value.Bools()
		case l.float == Float64:
			s.buf.f64 = widen(v.value.Float32s())
		default:
			s.buf.f32 = v.value.Float32s()
		}
	default:
		s.buf = newBuffer(s.spec, l.float)
	}
	c, ok := o.(*constant)
	if !ok {
		return nil
	}
	copy(s.buf.i32, c.i32)
	copy(s.buf.bool, c.bool)
	copy(s.buf.f64, c.f64)
	for i := range s.buf.f32 {
		s.buf.f32[i] = float32(c.f64[i])
	}
	return nil
}

// inner is a value of Gorgonia's graph that gradients are computed from.
type inner struct{}

func (inner) name() string { return "inner" }
func (inner) infer([]Spec) ([]Spec, error) {
	return nil, errors.New("inner values are made, not inferred")
}
func (inner) bind(*binding) func() error { return nil }
