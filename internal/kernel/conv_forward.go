package kernel

import "unsafe"

// convForward: a row of outputs is a matrix product whose left side lies in x as it is: output ow's patch begins SW·C numbers
// behind output ow-1's, and consists of KD·KH runs of KW·C numbers each. A tile walks over the runs, so no patch is ever copied;
// only where there is padding is a band of x copied into a frame of zeros.
func convForward(p *Conv, x, k, y []float32, e Epilogue[float32]) {
	q := newConvPlan(p, x, k, y)
	q.bias, q.residual, q.act = e.Bias, e.Residual, e.Activation
	q.few = q.fewOutputs()
	q.cutImages(q.images(), q.OH, q.KD*q.SH*q.W*q.C*floatSize)
	if q.gathered = q.gathers(); q.gathered {
		q.bands, q.blocks = 1, min(q.blocks, q.images())
	}
	t := NewTask()
	t.Arg = q
	var s *scratch
	if q.few {
		s = getScratch(q.weights())
		q.packed = s.data
		transposeInto(q.packed, q.k, q.F, q.taps())
	} else {
		s = q.packKernel(t)
	}
	Parallel(q.blocks, t, convForwardBlock)
	s.release()
	t.Free()
	q.free()
}

// packKernel packs the kernel into panels, unless it is as good as it is.
func (q *convPlan) packKernel(t *Task) *scratch {
	width := q.g.width()
	if q.depth || q.F <= width && (q.g.masked || q.g.portable || q.F%q.g.lanes == 0 && q.Groups == 1) {
		return nil
	}
	panels := q.Groups * ceilDiv(q.outC, width)
	s := getScratch(panels * width * q.taps())
	q.packed = s.data
	q.packBlocks = 1
	if q.weights() > 1<<15 {
		q.packBlocks = min(panels, 16)
	}
	Parallel(q.packBlocks, t, convPackBlock)
	return s
}

func convPackBlock(t *Task, block int) {
	q := t.Arg.(*convPlan)
	width, perGroup := q.g.width(), ceilDiv(q.outC, q.g.width())
	from, to := share(q.Groups*perGroup, q.packBlocks, block)
	for p := from; p < to; p++ {
		group, j := p/perGroup, p%perGroup*width
		b := matrix{q.k[group*q.outC:], q.F, 1}
		q.g.packPanel(q.packed[p*width*q.taps():], b, 0, j, q.taps(), min(width, q.outC-j))
	}
}

func convForwardBlock(t *Task, block int) {
	q := t.Arg.(*convPlan)
	w := getTiler(q.g)
	from, to := share(q.images()*q.bands, q.blocks, block)
	if q.gathered {
		q.forwardGathered(w, from, to)
		q.activateRows(from*q.OH, to*q.OH)
		putTiler(w)
		return
	}
	s := q.frameScratch(1, ceilDiv(q.OH, q.bands))
	for unit := from; unit < to; unit++ {
		n := unit / q.bands
		oh0, oh1 := share(q.OH, q.bands, unit%q.bands)
		f := q.load(s.numbers(), n, n+1, oh0, oh1)
		if q.few {
			q.forwardFew(w, f, n, oh0, oh1)
		} else {
			q.forwardBand(w, f, n, oh0, oh1)
		}
		q.activateRows(n*q.OH+oh0, n*q.OH+oh1)
	}
	s.release()
	putTiler(w)
}

// activateRows applies an activation that is not part of the store to rows of outputs.
func (q *convPlan) activateRows(from, to int) {
	if row := q.OW * q.F; q.act > ReLU {
		ActivationApply(q.act, q.y[from*row:to*row])
	}
}

// walkPatches sets the tile's walk over a patch, or over a plane of it where byPlanes says so.
func (q *convPlan) walkPatches(t *tile, f frame) {
	t.rowA, t.stepA = q.SW*q.C*floatSize, floatSize
	t.runs, t.runA = q.KD, (f.plane-q.KH*q.DH*f.row)*floatSize
	switch {
	case q.depth:
		t.stepA = q.DW * q.C * floatSize
		t.k, t.segs, t.segA = q.KW, q.KH, (q.DH*f.row-q.KW*q.DW*q.C)*floatSize
	case q.adjacent():
		t.k, t.segs, t.segA = q.KW*q.C, q.KH, (q.DH*f.row-q.KW*q.C)*floatSize
	default:
		t.k, t.segs, t.segA = q.inC, q.KW, (q.DW*q.C-q.inC)*floatSize
		t.runs, t.runA = q.KH, (q.DH*f.row-q.KW*q.DW*q.C)*floatSize
	}
}

// adjacent reports whether a row of a patch is one run of numbers.
func (q *convPlan) adjacent() bool { return q.Groups == 1 && q.DW == 1 }

// byPlanes is the number of parts of a patch that are walked over one after the other, because a tile has three loops only.
func (q *convPlan) byPlanes() int {
	if q.depth || q.adjacent() {
		return 1
	}
	return q.KD
}

func (q *convPlan) forwardBand(w *tiler, f frame, n, oh0, oh1 int) {
	q.walkPatches(&w.t, f)
	w.depth = q.depth
	w.t.rowC = q.F * floatSize
	w.t.flags = q.flags()
	if q.depth {
		for j := 0; j < q.C; j += q.g.width() {
			w.columns(place(q.k, j), q.F*floatSize, column(q.bias, j), min(q.g.width(), q.C-j))
			q.forwardRows(w, f, n, oh0, oh1, j, j)
		}
		return
	}
	width := q.g.width()
	for group, p := 0, 0; group < q.Groups; group++ {
		for j := 0; j < q.outC; j += width {
			out := group*q.outC + j
			q.panel(w, p, out, min(width, q.outC-j))
			q.forwardPanel(w, f, n, oh0, oh1, group*q.inC, out)
			p++
		}
	}
}

// forwardPanel computes the columns that are set, plane by plane of the kernel if need be.
func (q *convPlan) forwardPanel(w *tiler, f frame, n, oh0, oh1, in, out int) {
	parts := q.byPlanes()
	if parts == 1 {
		q.forwardRows(w, f, n, oh0, oh1, in, out)
		return
	}
	flags, kernel := w.t.flags, w.t.b
	for kd := range parts {
		w.t.b = unsafe.Add(kernel, kd*q.KH*q.KW*q.inC*w.t.stepB)
		w.t.flags = 0
		if kd == parts-1 {
			w.t.flags = flags
		}
		if kd > 0 {
			w.t.flags |= addC
		}
		q.forwardRows(w, f, n, oh0, oh1, in+kd*f.plane, out)
	}
	w.t.flags = flags
}

// panel sets panel p of the kernel, whose first column is out, as the right side.
func (q *convPlan) panel(w *tiler, p, out, cols int) {
	if width := q.g.width(); q.packed != nil {
		w.columns(place(q.packed, p*width*q.taps()), width*floatSize, column(q.bias, out), cols)
		return
	}
	w.columns(place(q.k, out), q.F*floatSize, column(q.bias, out), cols)
}

func (q *convPlan) flags() (f tileFlags) {
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

// forwardRows computes the columns from out on, from input channels in on.
func (q *convPlan) forwardRows(w *tiler, f frame, n, oh0, oh1, in, out int) {
	for oh := oh0; oh < oh1; oh++ {
		c := ((n*q.OH+oh)*q.OW)*q.F + out
		w.strip(q.OW, place(f.data, (oh-oh0)*q.SH*f.row+in), place(q.y, c), column(q.residual, c))
	}
}
