package ops

// A use is one reading of a result: which node reads it, as which of its inputs. A nil reader is the outside: an output.
type use struct {
	reader *node
	input  int
}

// A graph is the part of a record that some outputs are computed from, in the order in which it will run.
type graph struct {
	nodes []*node
	uses  map[*node][]use
}

// collect finds everything that roots are computed from, inputs before what reads them.
func collect(roots []Tensor) *graph {
	g := &graph{nodes: order(roots, func(*node) bool { return false }), uses: map[*node][]use{}}
	for _, n := range g.nodes {
		for i, t := range n.in {
			g.uses[t.node] = append(g.uses[t.node], use{n, i})
		}
	}
	for _, root := range roots {
		g.uses[root.node] = append(g.uses[root.node], use{})
	}
	return g
}

// order lists the nodes that roots are computed from, inputs first, and looks for none behind those that are done.
func order(roots []Tensor, done func(*node) bool) []*node {
	var nodes []*node
	seen := map[*node]bool{}
	type frame struct {
		n    *node
		next int
	}
	for _, root := range roots {
		stack := []frame{{n: root.node}}
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if seen[top.n] || done(top.n) {
				stack = stack[:len(stack)-1]
				continue
			}
			if top.next < len(top.n.in) {
				child := top.n.in[top.next].node
				top.next++
				if !seen[child] {
					stack = append(stack, frame{n: child})
				}
				continue
			}
			seen[top.n] = true
			nodes = append(nodes, top.n)
			stack = stack[:len(stack)-1]
		}
	}
	return nodes
}
