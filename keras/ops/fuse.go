package ops

// A pattern replaces a node and one that only it reads by a single node that does both. It returns nil where it does not apply.
// only(t) is the node that makes t, if nobody else reads that node, else nil.
type pattern func(n *node, only func(Tensor) *node) *node

// patterns is the whole table of what is fused.
var patterns = []pattern{fuseBias, fuseResidual, fuseActivation}

// fuse rewrites a graph by the table of patterns, from the inputs to the outputs, and returns the rewritten roots. Nodes that a
// pattern swallowed are read by nobody afterwards.
func fuse(roots []Tensor) []Tensor {
	g := collect(roots)
	made := map[*node]*node{} // the original node -> what stands for it now
	uses := map[*node]int{}   // of what stands for it
	for _, n := range g.nodes {
		m := n
		if moved := redirect(n.in, made); moved != nil {
			m = &node{op: n.op, in: moved, out: n.out, path: n.path}
		}
		only := func(t Tensor) *node {
			if uses[t.node] != 1 {
				return nil
			}
			return t.node
		}
		for _, p := range patterns {
			if r := p(m, only); r != nil {
				r.path = n.path
				m = r
			}
		}
		made[n] = m
		uses[m] = len(g.uses[n])
	}
	out := redirect(roots, made)
	if out == nil {
		return roots
	}
	return out
}

// redirect is in with every tensor read from what stands for its node now; nil where nothing changed.
func redirect(in []Tensor, made map[*node]*node) []Tensor {
	var out []Tensor
	for i, t := range in {
		m := made[t.node]
		if m == t.node {
			continue
		}
		if out == nil {
			out = append([]Tensor{}, in...)
		}
		out[i].node = m
	}
	return out
}
