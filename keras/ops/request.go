package ops

import (
	"slices"

	"github.com/pkg/errors"
)

// A request is a checked and fused record with what is wanted of it.
type request struct {
	Options
	probes []Tensor // by WithRespectTo: the leaf whose gradient is the wanted one
	graph  *graph
	flow   *flow
}

func newRequest(o Options) (*request, error) {
	r := &request{Options: o}
	if err := r.check(); err != nil {
		return nil, err
	}
	r.tapInner()
	roots := fuse(settle(r.roots()))
	r.graph = collect(roots)
	r.setRoots(roots)
	r.flow = newFlow(r.graph, r.Loss, r.probes)
	return r, nil
}

// check refuses what cannot be compiled, with the first error of the record.
func (r *request) check() error {
	roots := r.roots()
	if len(roots) == 0 {
		return errors.New("ops: nothing to compute: no outputs, loss or updates")
	}
	for _, t := range slices.Concat(roots, r.Inputs, r.WithRespectTo) {
		if err := t.Err(); err != nil {
			return err
		}
	}
	if len(r.WithRespectTo) > 0 && (!r.Loss.Valid() || size(r.Loss.Spec().Shape) != 1) {
		return errors.New("ops: gradients need a loss with exactly one element")
	}
	for _, n := range order(roots, func(*node) bool { return false }) {
		if _, ok := n.op.(*opaque); ok {
			return located(n.path, n.op.name(), errors.New("is part of a model's graph, which a program cannot compute"))
		}
		for _, s := range n.out {
			if !known(s.Shape) {
				return located(n.path, n.op.name(), errors.Errorf("shape %v has an unknown size; a program needs all of them", s.Shape))
			}
		}
	}
	for _, t := range r.Inputs {
		if _, ok := t.node.op.(*placeholder); !ok {
			return errors.Errorf("ops: input %s is not a placeholder", t.node.op.name())
		}
	}
	return r.checkUpdates()
}

func (r *request) checkUpdates() error {
	for _, u := range r.Updates {
		if s := u.Value.Spec(); size(s.Shape) != size(u.Variable.spec.Shape) || s.DType != u.Variable.spec.DType {
			return errors.Errorf("ops: update of %s: expected %s %v, got %s %v", u.Variable.name, u.Variable.spec.DType, u.Variable.spec.Shape, s.DType, s.Shape)
		}
	}
	return nil
}

// roots are all tensors that are wanted, in a fixed order.
func (r *request) roots() []Tensor {
	roots := slices.Clone(r.Outputs)
	for _, u := range r.Updates {
		roots = append(roots, u.Value)
	}
	if r.Loss.Valid() {
		roots = append(roots, r.Loss)
	}
	return roots
}

func (r *request) setRoots(roots []Tensor) {
	r.Outputs = roots[:len(r.Outputs)]
	updates := slices.Clone(r.Updates)
	for i := range updates {
		updates[i].Value = roots[len(r.Outputs)+i]
	}
	r.Updates = updates
	if r.Loss.Valid() {
		r.Loss = roots[len(roots)-1]
	}
}

// tapInner makes the gradients of inner tensors gradients of leaves, which is all that Gorgonia gives: each is read through a tap
// beside a leaf that adds nothing and gets the same gradient.
func (r *request) tapInner() {
	wanted := slices.Clone(r.WithRespectTo)
	for i, t := range r.WithRespectTo {
		if _, ok := t.node.op.(leaf); ok {
			r.probes = append(r.probes, t)
			continue
		}
		t = wanted[i] // The taps so far stand between it and what it is made of.
		probe := Placeholder("probe", Float32, t.Shape()...)
		roots := r.roots()
		tapped := replace(slices.Concat(roots, wanted[i+1:]), t, apply(tap{}, t, probe))
		r.setRoots(tapped[:len(roots)])
		copy(wanted[i+1:], tapped[len(roots):])
		r.probes = append(r.probes, probe)
	}
}

// replace lets everything in a record that reads t read u instead, except what u itself is made of.
func replace(roots []Tensor, t, u Tensor) []Tensor {
	made := map[*node]*node{u.node: u.node}
	swap := func(in []Tensor) []Tensor {
		var out []Tensor
		for i, x := range in {
			y := x
			if x.node == t.node && x.index == t.index {
				y.node, y.index = u.node, u.index
			} else if m := made[x.node]; m != nil {
				y.node = m
			}
			if y.node != x.node && out == nil {
				out = slices.Clone(in)
			}
			if out != nil {
				out[i] = y
			}
		}
		return out
	}
	for _, n := range order(roots, func(n *node) bool { return n == t.node }) {
		if in := swap(n.in); in != nil {
			made[n] = &node{op: n.op, in: in, out: n.out, path: n.path}
		}
	}
	if out := swap(roots); out != nil {
		return out
	}
	return roots
}
