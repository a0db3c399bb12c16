package ops

import "slices"

// flow says where the gradient of a loss flows in a graph.
type flow struct {
	carries map[*node]bool // depends on something that is differentiated with respect to
	reaches map[*node]bool // influences the loss by a differentiable path
	loss    *node
}

// newFlow follows the gradient from the loss back to wrt.
func newFlow(g *graph, loss Tensor, wrt []Tensor) *flow {
	f := &flow{carries: map[*node]bool{}, reaches: map[*node]bool{}, loss: loss.node}
	if !loss.Valid() {
		return f
	}
	for _, t := range wrt {
		f.carries[t.node] = true
	}
	for _, n := range g.nodes {
		for i, t := range n.in {
			if f.carries[t.node] && passes(n, i, t) {
				f.carries[n] = true
			}
		}
	}
	f.reaches[loss.node] = true
	for _, n := range slices.Backward(g.nodes) {
		if !f.reaches[n] {
			continue
		}
		for i, t := range n.in {
			if passes(n, i, t) {
				f.reaches[t.node] = true
			}
		}
	}
	return f
}

// active reports whether a gradient comes back through input i of n.
func (f *flow) active(n *node, i int) bool {
	if n == nil {
		return false
	}
	t := n.in[i]
	return f.reaches[n] && f.carries[t.node] && passes(n, i, t)
}

// passes reports whether n can hand a gradient to t, its input i.
func passes(n *node, i int, t Tensor) bool {
	if _, ok := n.op.(differentiable); !ok || !t.Spec().DType.isFloat() {
		return false
	}
	if a, ok := t.node.op.(auxiliary); ok && t.index >= len(t.node.out)-a.auxiliary() {
		return false
	}
	s, ok := n.op.(selective)
	return !ok || s.differentiableInput(i)
}
