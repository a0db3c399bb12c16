package kernel

// convGradKernel: the gradient of kernel row kh is a product of x, shifted by kh and seen transposed, with dy. A tile of it
// walks over the output's rows, so x is not copied unless it is padded. Groups of images are summed apart and added in order.
func convGradKernel(p *Conv2D, x, dy, dk []float32) {
	q := newConvPlan(p, x, dk, dy)
	q.few = q.fewOutputs()
	q.cutKernel()
	t := NewTask()
	t.Arg = q
	s := getScratch(q.parts * q.weights())
	q.partial = s.data
	Parallel(q.parts*q.cuts, t, convGradKernelBlock)
	Parallel(ceilDiv(q.weights(), sumNumbers), t, convGradKernelSum)
	if q.few {
		transposeInto(dk, q.partial, q.taps(), q.F)
	} else {
		copy(dk, q.partial[:q.weights()])
	}
	s.release()
	t.Free()
	q.free()
}

// transposeInto writes cols rows of src, of rows numbers each, as the columns of dst.
func transposeInto(dst, src []float32, rows, cols int) {
	for j := range cols {
		for i, v := range src[j*rows:][:rows] {
			dst[i*cols+j] = v
		}
	}
}

// kernelJobs is the number of pieces that the kernel's gradient can be cut into: rows of taps and panels of columns.
func (q *convPlan) kernelJobs() int { return q.KH * q.kernelPanels() }

func (q *convPlan) kernelPanels() int {
	if q.few {
		return ceilDiv(q.KW*q.C, q.fewWidth())
	}
	if q.depth {
		return ceilDiv(q.C, q.g.width())
	}
	return q.Groups * ceilDiv(q.outC, q.g.width())
}

func (q *convPlan) cutKernel() {
	q.parts, q.cuts = 1, 1
	if work := q.work(); work >= serialWork {
		blocks := blocksFor(work)
		q.parts = max(1, min(q.N, blocks, partialNumbers/q.weights(), q.N*q.OH*q.OW/partOutputs))
		q.cuts = min(ceilDiv(blocks, q.parts), q.kernelJobs())
	}
	image := (q.H*q.W*q.C + q.OH*q.OW*q.F) * floatSize
	q.chunk = max(1, min(bandBytes/image, ceilDiv(q.N, q.parts)))
}

func convGradKernelBlock(t *Task, block int) {
	q := t.Arg.(*convPlan)
	part := block / q.cuts
	n0, n1 := share(q.N, q.parts, part)
	from, to := share(q.kernelJobs(), q.cuts, block%q.cuts)
	dk := q.partial[part*q.weights():]
	w := getTiler(q.g)
	s := q.frameScratch(q.chunk, q.OH)
	edge := q.edgeScratch()
	for n := n0; n < n1; n += q.chunk {
		end := min(n+q.chunk, n1)
		f := q.load(s.numbers(), n, end, 0, q.OH)
		q.walkOutputs(&w.t, f, end-n)
		w.t.flags = 0
		if n > n0 {
			w.t.flags = addC
		}
		for job := from; job < to; job++ {
			q.gradKernelJob(w, f, dk, edge.numbers(), n, end, job)
		}
	}
	edge.release()
	s.release()
	putTiler(w)
}

// edgeScratch returns room for the columns of dy that do not fill a vector, or nil if no copy of them is needed.
func (q *convPlan) edgeScratch() *scratch {
	if q.few || q.depth || q.g.masked || q.g.portable || q.outC%q.g.lanes == 0 {
		return nil
	}
	return getScratch(q.chunk * q.OH * q.OW * q.g.width())
}

// walkOutputs sets the tile's walk over the outputs of images images.
func (q *convPlan) walkOutputs(t *tile, f frame, images int) {
	t.k, t.stepA = q.OW, q.SW*q.C*floatSize
	t.segs, t.segA = q.OH, (q.SH*f.row-q.OW*q.SW*q.C)*floatSize
	t.runs, t.runA = images, (f.image-q.OH*q.SH*f.row)*floatSize
	t.rowC = q.F * floatSize
}

func (q *convPlan) gradKernelJob(w *tiler, f frame, dk, edge []float32, n, end, job int) {
	panel, kh := job/q.KH, job%q.KH
	switch {
	case q.few:
		q.gradKernelFew(w, f, dk, n, kh, panel*q.fewWidth())
		return
	case q.depth:
		q.gradKernelDepth(w, f, dk, n, kh, panel*q.g.width())
		return
	}
	width := q.g.width()
	perGroup := ceilDiv(q.outC, width)
	group, j := panel/perGroup, panel%perGroup*width
	out, cols := group*q.outC+j, min(width, q.outC-j)
	dy, stepB := q.y[n*q.OH*q.OW*q.F+out:], q.F
	if edge != nil && cols%q.g.lanes != 0 {
		// The rows of taps share the copy: it is made for the first.
		q.g.copyPanel(edge, dy, q.F, (end-n)*q.OH*q.OW, cols)
		dy, stepB = edge, width
	}
	w.columns(place(dy, 0), stepB*floatSize, nil, cols)
	w.t.rowA = floatSize
	in := kh*q.DH*f.row + group*q.inC
	if q.Groups == 1 && q.DW == 1 {
		w.strip(q.KW*q.C, place(f.data, in), place(dk, kh*q.KW*q.C*q.F+out), nil)
		return
	}
	for kw := range q.KW {
		w.strip(q.inC, place(f.data, in+kw*q.DW*q.C), place(dk, (kh*q.KW+kw)*q.inC*q.F+out), nil)
	}
}

func (q *convPlan) gradKernelDepth(w *tiler, f frame, dk []float32, n, kh, j int) {
	w.depth = true
	w.columns(place(q.y, n*q.OH*q.OW*q.F+j), q.F*floatSize, nil, min(q.g.width(), q.C-j))
	w.t.rowA = q.DW * q.C * floatSize
	w.strip(q.KW, place(f.data, kh*q.DH*f.row+j), place(dk, kh*q.KW*q.C+j), nil)
}

func convGradKernelSum(t *Task, block int) {
	q := t.Arg.(*convPlan)
	size := q.weights()
	from, to := share(size, ceilDiv(size, sumNumbers), block)
	for part := 1; part < q.parts; part++ {
		q.g.addTo(q.partial[from:to], q.partial[part*size+from:part*size+to])
	}
}
