package kernel

// With few output channels, as at the end of a decoder, a row of the kernel would leave most lanes empty. There the lanes go
// along the patches instead: forward, a tile multiplies patches with one channel's taps lane by lane, and the lanes are summed
// at the end; for the kernel's gradient dy is the left side and the patches are the right one.

// fewOutputs reports whether the lanes go along the patches.
func (q *convPlan) fewOutputs() bool {
	return q.Groups == 1 && q.DW == 1 && q.F <= q.g.lanes/4 && q.KW*q.C%q.g.lanes == 0
}

// fewWidth is the number of taps of a panel of the kernel's gradient.
func (q *convPlan) fewWidth() int {
	if q.F <= q.g.wideRows {
		return q.g.lanes * wideVecs
	}
	return q.g.width()
}

// forwardFew computes rows oh0 to oh1 of an image's outputs.
func (q *convPlan) forwardFew(w *tiler, f frame, n, oh0, oh1 int) {
	lanes := q.g.lanes
	padded := ceilDiv(q.OW, lanes) * lanes
	products := getScratch(padded * (lanes + q.F))
	totals := products.data[padded*lanes:]
	t := &w.t
	t.rowA, t.stepA, t.rowC = q.SW*q.C*floatSize, lanes*floatSize, lanes*floatSize
	t.k, t.segs, t.segA = q.KW*q.C/lanes, q.KH, (q.DH*f.row-q.KW*q.C)*floatSize
	t.runs, t.runA = q.KD, (f.plane-q.KH*q.DH*f.row)*floatSize
	w.depth = true
	for oh := oh0; oh < oh1; oh++ {
		for o := range q.F {
			w.columns(place(q.packed, o*q.taps()), lanes*floatSize, nil, lanes)
			w.strip(q.OW, place(f.data, (oh-oh0)*q.SH*f.row), place(products.data, 0), nil)
			q.g.laneSums(totals[o*padded:], products.data, padded)
		}
		q.finishFew(totals, padded, (n*q.OH+oh)*q.OW*q.F)
	}
	w.depth = false
	putScratch(products)
}

// finishFew writes a row of outputs, from y[at] on, of totals [F][padded].
func (q *convPlan) finishFew(totals []float32, padded, at int) {
	y := q.y[at:][:q.OW*q.F]
	for o := range q.F {
		var bias float32
		if q.bias != nil {
			bias = q.bias[o]
		}
		for i, v := range totals[o*padded:][:q.OW] {
			y[i*q.F+o] = v + bias
		}
	}
	if q.residual != nil {
		q.g.addTo(y, q.residual[at:][:len(y)])
	}
	if q.act == ReLU {
		rectify(y)
	}
}

// gradKernelFew computes taps from j on of the kernel's row row, transposed: dk is [F][KD·KH·KW·C].
func (q *convPlan) gradKernelFew(w *tiler, f frame, dk, dy []float32, row, j int) {
	t := &w.t
	t.segB, t.runB = t.segA, t.runA
	t.rowA, t.stepA, t.segA, t.runA, t.rowC = floatSize, q.F*floatSize, 0, 0, q.taps()*floatSize
	w.columns(place(f.data, q.tapRow(f, row)+j), q.SW*q.C*floatSize, nil, min(q.fewWidth(), q.KW*q.C-j))
	w.strip(q.F, place(dy, 0), place(dk, row*q.KW*q.C+j), nil)
	t.segA, t.runA, t.segB, t.runB = t.segB, t.runB, 0, 0
}
