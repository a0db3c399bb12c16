package kernel

// The last columns of a product that fill less than half a vector are computed narrowed: several rows share a vector, so that
// no lane is idle.

const (
	narrowCols  = 8 // the most columns
	narrowSteps = 4 // of k that are read at once
)

// narrowCost is what the last p.N columns of a wider product cost narrowed; it reports whether they can be.
func (p *Product) narrowCost() (cost int, ok bool) {
	if p.TransA || p.N > narrowCols || p.M < turnLanes || p.K < narrowSteps || p.K > turnDepth {
		return 0, false
	}
	step := 9
	if p.N > narrowCols/2 {
		step = 13
	}
	cost = ceilDiv(p.M, turnLanes)*(p.K*step+40) + 4*p.M + 150
	if p.TransB {
		cost += p.K * turnLanes * packCost / 5
	}
	return cost, true
}

// gemmNarrow computes the last columns of a product that has more than turnLanes. Columns before them are computed too, so that
// nothing beyond the right side is read, but not stored.
func gemmNarrow(g *geometry, p *Product, a, b, c []float32, e *Epilogue[float32]) {
	rest, cols := p.N%turnLanes, narrowCols
	if rest <= narrowCols/2 {
		cols = narrowCols / 2
	}
	first := p.N - cols
	q := turnPlans.get()
	q.g, q.form, q.rest, q.p, q.task.Arg = g, narrowed, rest, *p, q
	q.p.N = cols
	q.a, q.b, q.c = a, p.right(b, first), c[first:]
	if p.TransB {
		q.b = p.right(b, p.N-turnLanes)
	}
	q.e = Epilogue[float32]{Bias: from(e.Bias, first), Residual: from(e.Residual, first), Activation: e.Activation}
	q.run()
}

// narrow computes rows i0 to i1.
func (q *turnPlan) narrow(w *tiler, i0, i1 int) {
	k, cols := q.p.K, q.p.N
	size := (i1 - i0 + turnLanes) * cols
	room := w.buffer(size + k*turnLanes)
	right, step := place(q.b, 0), q.p.LDB
	if q.p.TransB {
		q.g.transposeGroup(room[size:], q.b, turnLanes, q.p.LDB, k)
		right, step = place(room, size+turnLanes-cols), turnLanes
	}
	t := &w.t
	for i := i0; i < i1; i += turnLanes {
		// The last rows overlap those before.
		first := min(i, q.p.M-turnLanes)
		t.k, t.a, t.rowA = k, place(q.a, first*q.p.LDA), q.p.LDA*floatSize
		t.b, t.stepB = right, step*floatSize
		t.c = place(room, (first-i0+turnLanes)*cols)
		q.g.narrow(t, cols)
	}
	t.k, t.a, t.rowA = i1-i0, place(room, turnLanes*cols), cols*floatSize
	at := i0 * q.p.LDC
	t.c, t.rowC = place(q.c, at), q.p.LDC*floatSize
	t.r, t.bias = column(q.e.Residual, at), column(q.e.Bias, 0)
	t.mask = (1<<q.rest - 1) << (cols - q.rest)
	t.flags = q.e.flags()
	if q.p.Accumulate {
		t.flags |= addC
	}
	q.g.narrowStore(t)
}
