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
	q := newGemmPlan(&p, a, b, c, &e)
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
			if q.packB {
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
	if q.cutM*q.cutN == 1 || q.jn*q.kn < 8192 {
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
		flags |= q.epilogueFlags()
	}
	r := region{k0: q.k0, kn: q.kn, j0: q.j0, packed: q.packed, c: q.c, ldc: q.ldc}
	r.i0, r.i1 = share(q.m, q.cutM, block/q.cutN)
	from, to := share(ceilDiv(q.jn, q.panel), q.cutN, block%q.cutN)
	r.n0, r.n1 = from*q.panel, min(to*q.panel, q.jn)
	w.t.flags = flags
	q.compute(w, &r)
	if last && q.act > ReLU {
		q.activateRegion(&r)
	}
}

func (q *gemmPlan) epilogueFlags() (f tileFlags) {
	if q.bias != nil {
		f |= addBias
	}
	if q.residual != nil {
		f |= addResidual
	}
	if q.act == ReLU {
		f |= applyReLU
	}
	return f
}

func (q *gemmPlan) activateRegion(r *region) {
	if r.n0 == 0 && r.n1 == q.n && q.ldc == q.n {
		ActivationApply(q.act, q.c[r.i0*q.n:r.i1*q.n])
		return
	}
	for i := r.i0; i < r.i1; i++ {
		ActivationApply(q.act, q.c[i*q.ldc+r.j0+r.n0:][:r.n1-r.n0])
	}
}

// region is a part of a product: rows i0 to i1, columns j0+n0 to j0+n1, steps k0 to k0+kn, and where its sums go.
type region struct {
	i0, i1, j0, n0, n1, k0, kn int
	packed                     []float32 // the panels from column j0
	c                          []float32
	ldc                        int
}

// compute walks over a region: a piece of A that stays in cache, the panels of B over it, the tiles of a panel.
func (q *gemmPlan) compute(w *tiler, r *region) {
	var left *scratch
	if q.packA {
		left = getScratch(q.leftScratch())
	}
	w.t.k, w.t.segs, w.t.runs, w.t.segA, w.t.runA = r.kn, 1, 1, 0, 0
	w.t.rowC = r.ldc * floatSize
	for i := r.i0; i < r.i1; i += q.rowsA {
		rows := min(q.rowsA, r.i1-i)
		a := matrix{q.a.from(i, r.k0), q.a.row, q.a.col}
		if left != nil {
			a = packLeft(left.data, a, rows, r.kn)
		}
		w.t.rowA, w.t.stepA = a.row*floatSize, a.col*floatSize
		q.computePanels(w, r, i, rows, place(a.data, 0))
	}
	if left != nil {
		putScratch(left)
	}
}

func (q *gemmPlan) computePanels(w *tiler, r *region, i, rows int, a unsafe.Pointer) {
	for n := r.n0; n < r.n1; n += q.panel {
		j := r.j0 + n
		var bias, residual unsafe.Pointer
		if w.t.flags&addBias != 0 {
			bias = place(q.bias, j)
		}
		if w.t.flags&addResidual != 0 {
			residual = place(q.residual, i*r.ldc+j)
		}
		cols := min(q.panel, r.n1-n)
		if q.packB {
			w.columns(place(r.packed, n*r.kn), q.panel*floatSize, bias, cols)
		} else {
			w.columns(place(q.b.data, r.k0*q.b.row+j), q.b.row*floatSize, bias, cols)
		}
		w.strip(rows, a, place(r.c, i*r.ldc+j), residual)
	}
}

// leftPad keeps packed rows off each other's cache lines.
const leftPad = 16

func (q *gemmPlan) leftScratch() int {
	if q.a.col == 1 {
		return q.rowsA * (q.depth + 2*leftPad)
	}
	return q.depth * (q.rowsA + 2*leftPad)
}

// packLeft copies rows x n numbers so that they lie at a stride that suits the cache.
func packLeft(dst []float32, a matrix, rows, n int) matrix {
	if a.col == 1 {
		stride := (n+leftPad-1)&^(leftPad-1) + leftPad
		for i := range rows {
			copy(dst[i*stride:][:n], a.data[i*a.row:][:n])
		}
		return matrix{dst, stride, 1}
	}
	stride := (rows+leftPad-1)&^(leftPad-1) + leftPad
	for k := range n {
		copy(dst[k*stride:][:rows], a.data[k*a.col:][:rows])
	}
	return matrix{dst, 1, stride}
}
