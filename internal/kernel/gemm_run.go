package kernel

import "unsafe"

// Gemm on the fast paths. Tiles of C are computed in registers, straight from A and B where their strides allow it: B is packed
// into panels as wide as a tile if it is transposed, if it is read very often or if its last columns do not fill a vector. A
// tile's numbers depend on k's cut only, so the other cuts change no bit.

func gemmFloat32(p Product, a, b, c []float32, e Epilogue[float32]) {
	if p.K == 0 {
		gemmReference(p, a, b, c, e)
		return
	}
	g := activeGeometry()
	if g.masked && (p.TransB || p.N%turnLanes != 0) {
		p.turnVector(&a, &b, &e)
		gemmFormed(g, &p, a, b, c, &e)
		return
	}
	gemmStraight(g, &p, a, b, c, &e)
}

// gemmStraight computes tiles of C as it is stored.
func gemmStraight(g *geometry, p *Product, a, b, c []float32, e *Epilogue[float32]) {
	if g.small(p) {
		gemmSmall(g, p, a, b, c, e)
		return
	}
	q := newGemmPlan(g, p, a, b, c, e)
	if q.cutK > 1 {
		q.runSplit()
	} else {
		q.runRounds()
	}
	q.free()
}

func (q *gemmPlan) runRounds() {
	var packed *scratch
	if q.packB {
		packed = getScratch((min(q.width, q.n) + q.g.width()) * q.depth)
		q.packed = packed.data
	}
	for q.j0 = 0; q.j0 < q.n; q.j0 += q.width {
		q.jn = min(q.width, q.n-q.j0)
		for q.k0 = 0; q.k0 < q.k; q.k0 += q.depth {
			q.kn = min(q.depth, q.k-q.k0)
			if q.packB && q.cutM > 1 {
				q.packBlocks = q.blocksToPack()
				Parallel(q.packBlocks, &q.task, gemmPackBlock)
			}
			q.runRound()
		}
	}
	if packed != nil {
		putScratch(packed)
	}
}

// packRows of the right side are packed at a time, over all panels, so that they are read as they lie in memory.
const packRows = 16

// blocksToPack cuts packing where it is worth a wake-up.
func (q *gemmPlan) blocksToPack() int {
	if q.jn*q.kn < 8192 {
		return 1
	}
	if q.b.col == 1 {
		return min(8, ceilDiv(q.kn, packRows))
	}
	return min(8, ceilDiv(q.jn, q.g.width()))
}

func gemmPackBlock(t *Task, block int) {
	q := t.Arg.(*gemmPlan)
	if q.b.col == 1 {
		from, to := share(q.kn, q.packBlocks, block)
		q.pack(q.packed, q.k0, q.kn, from, to, 0, q.jn)
		return
	}
	width := q.g.width()
	from, to := share(ceilDiv(q.jn, width), q.packBlocks, block)
	q.pack(q.packed, q.k0, q.kn, 0, q.kn, from*width, min(to*width, q.jn))
}

// pack writes rows from to to, of the kn that begin with k0, of the columns n0 to n1 that begin with j0.
func (q *gemmPlan) pack(dst []float32, k0, kn, from, to, n0, n1 int) {
	width := q.g.width()
	step := to - from
	if q.b.col == 1 {
		step = packRows
	}
	for r := from; r < to; r += step {
		for n := n0; n < n1; n += width {
			q.g.packPanel(dst[n*kn+r*width:], q.b, k0+r, q.j0+n, min(step, to-r), min(width, n1-n))
		}
	}
}

func (q *gemmPlan) runRound() {
	if q.cutM*q.cutN == 1 {
		q.tiler.g = q.g
		q.block(&q.tiler, 0)
		return
	}
	Parallel(q.cutM*q.cutN, &q.task, gemmBlock)
}

func gemmBlock(t *Task, block int) {
	q := t.Arg.(*gemmPlan)
	w := getTiler(q.g)
	q.block(w, block)
	putTiler(w)
}

func (q *gemmPlan) block(w *tiler, block int) {
	var flags tileFlags
	if q.k0 > 0 || q.accumulate {
		flags |= addC
	}
	last := q.k0+q.kn == q.k
	if last {
		flags |= q.e.flags()
	}
	r := region{k0: q.k0, kn: q.kn, j0: q.j0, packed: q.packed, c: q.c, ldc: q.ldc}
	r.i0, r.i1 = share(q.m, q.cutM, block/q.cutN)
	from, to := share(ceilDiv(q.jn, q.panel), q.cutN, block%q.cutN)
	r.n0, r.n1 = from*q.panel, min(to*q.panel, q.jn)
	// Nobody else reads these panels.
	if own := q.packB && q.cutM == 1; own && q.b.row == 1 && r.i1 <= q.rowsA {
		r.packed = nil
	} else if own {
		q.pack(q.packed, q.k0, q.kn, 0, q.kn, r.n0, r.n1)
	}
	q.compute(w, &r, flags)
	if last && q.e.Activation > ReLU {
		q.activateRegion(&r)
	}
}

// flags returns what tiles do of the epilogue.
func (e *Epilogue[T]) flags() (f tileFlags) {
	if e.Bias != nil {
		f |= addBias
	}
	if e.Residual != nil {
		f |= addResidual
	}
	if e.Activation == ReLU {
		f |= applyReLU
	}
	return f
}

func (q *gemmPlan) activateRegion(r *region) {
	activateRows(q.e.Activation, q.c[r.i0*q.ldc+r.j0+r.n0:], r.i1-r.i0, r.n1-r.n0, q.ldc)
}

// activateRows applies an activation to rows of c.
func activateRows(act Activation, c []float32, rows, cols, ldc int) {
	if cols == ldc {
		ActivationApply(act, c[:rows*cols])
		return
	}
	for i := range rows {
		ActivationApply(act, c[i*ldc:][:cols])
	}
}

// region is a part of a product: rows i0 to i1, columns j0+n0 to j0+n1, steps k0 to k0+kn, and where its sums go.
type region struct {
	i0, i1, j0, n0, n1, k0, kn int
	packed                     []float32 // the panels from column j0; nil: each is packed when it is read
	c                          []float32
	ldc                        int
}

// compute walks over a region: a piece of A that stays in cache, the panels of B over it, the tiles of a panel.
func (q *gemmPlan) compute(w *tiler, r *region, flags tileFlags) {
	w.t.segs, w.t.runs, w.t.segA, w.t.runA = 1, 1, 0, 0
	w.t.rowA, w.t.stepA = q.a.row*floatSize, q.a.col*floatSize
	w.t.rowC = r.ldc * floatSize
	w.t.k, w.t.flags = r.kn, flags
	for i := r.i0; i < r.i1; i += q.rowsA {
		q.computePanels(w, r, i, min(q.rowsA, r.i1-i), place(q.a.from(i, r.k0), 0))
	}
}

func (q *gemmPlan) computePanels(w *tiler, r *region, i, rows int, a unsafe.Pointer) {
	for n := r.n0; n < r.n1; {
		j := r.j0 + n
		var bias, residual unsafe.Pointer
		if w.t.flags&addBias != 0 {
			bias = place(q.e.Bias, j)
		}
		if w.t.flags&addResidual != 0 {
			residual = place(q.e.Residual, i*r.ldc+j)
		}
		cols := min(q.panel, r.n1-n)
		if q.packB && r.packed == nil {
			packed := w.buffer(q.panel * r.kn)
			q.g.packPanel(packed, q.b, r.k0, j, r.kn, cols)
			w.columns(place(packed, 0), q.panel*floatSize, bias, cols)
			w.fetch(q.b.from(r.k0, min(j+cols, q.n-1)))
		} else if q.packB {
			w.columns(place(r.packed, n*r.kn), q.panel*floatSize, bias, cols)
			w.t.ahead = 0
		} else {
			cols = q.g.panel(q.m, r.n1-n)
			w.columns(place(q.b.data, r.k0*q.b.row+j), q.b.row*floatSize, bias, cols)
			w.t.ahead = cols * floatSize
		}
		w.strip(rows, a, place(r.c, i*r.ldc+j), residual)
		n += cols
	}
}
