package kernel

// smallDepth is the longest k of a product that is computed without a plan.
const smallDepth = 1024

// small reports whether a product is computed in one go by the caller's thread, straight from its operands.
func (g *geometry) small(p *Product) bool {
	return p.K <= smallDepth && 2*p.M*p.N*p.K < serialWork && (g.masked || p.N%g.lanes == 0)
}

// gemmSmall computes a product for which small holds. It does without a plan because making one takes as long as the sums of a
// product of a few thousand numbers.
func gemmSmall(g *geometry, p *Product, a, b, c []float32, e *Epilogue[float32]) {
	w := getTiler(g)
	t := &w.t
	t.k, t.segs, t.runs = p.K, 1, 1
	t.rowC = p.LDC * floatSize
	t.rowA, t.stepA = p.LDA*floatSize, floatSize
	if p.TransA {
		t.rowA, t.stepA = floatSize, p.LDA*floatSize
	}
	t.flags = e.flags()
	if p.Accumulate {
		t.flags |= addC
	}
	if p.TransB {
		w.smallTransposed(p, a, b, c, e)
	} else {
		w.smallStraight(p, a, b, c, e)
	}
	putTiler(w)
	if e.Activation > ReLU {
		activateRows(e.Activation, c, p.M, p.N, p.LDC)
	}
}

func (w *tiler) smallStraight(p *Product, a, b, c []float32, e *Epilogue[float32]) {
	for n := 0; n < p.N; {
		cols := w.g.panel(p.M, p.N-n)
		w.columns(place(b, n), p.LDB*floatSize, column(e.Bias, n), cols)
		w.strip(p.M, place(a, 0), place(c, n), column(e.Residual, n))
		n += cols
	}
}

func (w *tiler) smallTransposed(p *Product, a, b, c []float32, e *Epilogue[float32]) {
	packed := w.buffer(p.K * w.g.lanes * wideVecs)
	right := matrix{b, 1, p.LDB}
	for n := 0; n < p.N; {
		cols := w.g.panel(max(p.M, 2), p.N-n) // the widest tile of one row has no room in the buffer
		width := ceilDiv(cols, w.g.lanes) * w.g.lanes
		w.g.transposePanel(packed, right, 0, n, p.K, cols, width)
		w.columns(place(packed, 0), width*floatSize, column(e.Bias, n), cols)
		w.fetch(p.right(b, min(n+cols, p.N-1)))
		w.strip(p.M, place(a, 0), place(c, n), column(e.Residual, n))
		n += cols
	}
}
