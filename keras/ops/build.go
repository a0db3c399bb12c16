package ops

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// build lowers, differentiates, compiles and plans. collided is true where Gorgonia took two nodes for one.
func (r *request) build(salt int) (p *Program, collided bool, err error) {
	l := &lowering{
		graph: gorgonia.NewGraph(), float: r.Float, salt: salt, flow: r.flow, uses: r.graph.uses,
		made: map[*node]*lowered{}, leaves: map[*gorgonia.Node]*lowered{},
	}
	for _, t := range slices.Concat(r.Inputs, r.probes) {
		if l.made[t.node] == nil {
			if err := l.lower(t.node); err != nil {
				return nil, false, err
			}
		}
	}
	if err = l.forward(r.graph); err == nil && !l.merged {
		err = r.differentiate(l)
	}
	if l.merged {
		return nil, true, nil
	}
	if err != nil {
		return nil, false, err
	}
	p = &Program{float: r.Float, graph: l.graph, variables: map[*Variable]*tensor.Dense{}}
	outs, err := r.results(l)
	if err != nil {
		return nil, false, err
	}
	if l.merged || sameHash(l.graph) {
		return nil, true, nil
	}
	if err := checkOwn(l.graph); err != nil {
		return nil, false, err
	}
	if p.machine, err = newMachine(l.graph, outs.nodes(), runsDirectly()); err != nil {
		return nil, false, err
	}
	return p, false, p.finish(r, l, outs)
}

// differentiate calls Gorgonia's symbolic differentiation, once, for the leaves that the loss depends on.
func (r *request) differentiate(l *lowering) error {
	var wrt gorgonia.Nodes
	for _, t := range r.probes {
		if r.flow.carries[t.node] && r.flow.reaches[t.node] {
			wrt = append(wrt, l.made[t.node].node)
		}
	}
	if len(wrt) == 0 {
		return nil
	}
	cost, err := l.cost(r.Loss)
	if err != nil {
		return err
	}
	_, err = gorgonia.Grad(cost, wrt...)
	return errors.Wrap(err, "differentiate")
}

// A result is one value that is read from outside.
type result struct {
	node *gorgonia.Node
	slot *slot
}

type results struct{ outputs, gradients, updates []result }

func (r *results) all() []result { return slices.Concat(r.outputs, r.gradients, r.updates) }

func (r *results) nodes() gorgonia.Nodes {
	var ns gorgonia.Nodes
	for _, x := range r.all() {
		if x.node != nil && !slices.Contains(ns, x.node) {
			ns = append(ns, x.node)
		}
	}
	return ns
}

// results collects the nodes of everything that is wanted. Leaves are read through an expression: Gorgonia compiles no program
// whose output is an input.
func (r *request) results(l *lowering) (*results, error) {
	out := &results{}
	for _, t := range r.Outputs {
		x, err := l.result(t)
		if err != nil {
			return nil, err
		}
		out.outputs = append(out.outputs, x)
	}
	for _, u := range r.Updates {
		x, err := l.result(u.Value)
		if err != nil {
			return nil, err
		}
		out.updates = append(out.updates, x)
	}
	for _, t := range r.probes {
		x, err := l.gradientOf(t)
		if err != nil {
			return nil, err
		}
		out.gradients = append(out.gradients, x)
	}
	return out, nil
}

func (l *lowering) result(t Tensor) (result, error) {
	from := l.made[t.node]
	g, err := l.read(from, t.index, false)
	if err != nil {
		return result{}, err
	}
	return l.exposed(g, from.slots[t.index])
}

// exposed keeps a value readable after a run.
func (l *lowering) exposed(g *gorgonia.Node, s *slot) (result, error) {
	s.owner.keep = true
	if l.leaves[g] == nil {
		return result{g, s}, nil
	}
	e := &expression{label: "output", result: s, active: func() []bool { return []bool{false} }}
	out, err := l.add(e, s.spec, []*gorgonia.Node{g})
	return result{out, s}, err
}

// gradientOf is the node that holds the gradient of a leaf; empty where the loss does not depend on it.
func (l *lowering) gradientOf(t Tensor) (result, error) {
	made := l.made[t.node]
	g := made.node.Deriv()
	if made.fan != nil {
		g = made.fan.sums[t.index]
	}
	if g == nil {
		return result{}, nil
	}
	if leaf := l.leaves[g]; leaf != nil {
		return l.exposed(g, leaf.slots[0])
	}
	e, ok := g.Op().(*expression)
	if !ok {
		return result{}, errors.Errorf("gradient of %s is of an unknown origin: %v", t.node.op.name(), g)
	}
	return l.exposed(g, e.result)
}

// finish rehearses the program to learn the order of its steps, plans the memory by it and binds the kernels.
func (p *Program) finish(r *request, l *lowering, outs *results) error {
	for _, e := range l.all {
		e.trace = &p.steps
	}
	err := p.machine.run()
	for _, e := range l.all {
		e.trace = nil
	}
	if err != nil {
		return errors.Wrap(err, "rehearse the program")
	}
	p.bytes = plan(p.steps, p.float)
	c := binding{float: p.float, shared: map[any]any{}, bytes: &p.bytes}
	for _, s := range p.steps {
		b := c
		b.in, b.out = buffers(s.in, p.float), buffers(s.out, p.float)
		s.run = s.op.bind(&b)
	}
	for _, e := range l.all {
		if s := e.result; s != nil && s.header == nil && s.owner.placed {
			s.header = newHeader(s.buffer(p.float), p.float)
		}
	}
	p.expose(r, l, outs)
	return nil
}

// expose makes the headers by which the program is used.
func (p *Program) expose(r *request, l *lowering, outs *results) {
	header := func(x result) *tensor.Dense {
		if x.slot == nil {
			return nil
		}
		return newHeader(x.slot.buffer(p.float), p.float)
	}
	for _, t := range r.Inputs {
		s := l.made[t.node].slots[0]
		p.bytes += bytesOf(s.spec, p.float)
		p.inputs = append(p.inputs, header(result{slot: s}))
	}
	for _, x := range outs.outputs {
		p.outputs = append(p.outputs, header(x))
	}
	for _, x := range outs.gradients {
		p.gradients = append(p.gradients, header(x))
	}
	for i, x := range outs.updates {
		p.updates = append(p.updates, pending{r.Updates[i].Variable, header(x)})
	}
	for n, made := range l.made {
		if v, ok := n.op.(*variable); ok {
			p.variables[v.v] = header(result{slot: made.slots[0]})
		}
	}
}

// sameHash reports whether two nodes of a graph have the same hash, which Gorgonia would take for the same node.
func sameHash(g *gorgonia.ExprGraph) bool {
	seen := map[uint32]bool{}
	for _, n := range g.AllNodes() {
		h := n.Hashcode()
		if seen[h] {
			return true
		}
		seen[h] = true
	}
	return false
}

// checkOwn makes sure that nothing runs but our own operations: Gorgonia's write into their operands, which are ours.
func checkOwn(g *gorgonia.ExprGraph) error {
	for _, n := range g.AllNodes() {
		if n.Op() == nil || g.From(n.ID()).Len() == 0 {
			continue
		}
		if _, ok := n.Op().(*expression); !ok {
			return errors.Errorf("ops: Gorgonia added an operation of its own: %v", n)
		}
	}
	return nil
}
