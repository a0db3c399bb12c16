package kernel

// convGradKernel: the gradient of a row of the kernel is a product of x, shifted by the row's place and seen transposed, with dy. A tile
// of it walks over the output's rows, so x is not copied unless it is padded. Groups of bands of images are summed apart and added in
// order.
func convGradKernel(p *Conv, x, dy, dk []float32) {
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
func (q *convPlan) kernelJobs() int { return q.KD * q.KH * q.kernelPanels() }

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
	image := (q.KD*q.H*q.W*q.C + q.OH*q.OW*q.F) * floatSize
	q.bands = max(1, min(q.OH, ceilDiv(image, 2*bandBytes)))
	units := q.images() * q.bands
	if work := q.work(); work >= serialWork {
		blocks := blocksFor(work)
		q.parts = max(1, min(units, blocks, partialNumbers/q.weights(), q.images()*q.OH*q.OW/partOutputs))
		q.cuts = min(ceilDiv(blocks, q.parts), q.kernelJobs())
	}
	q.chunk = 1
	if q.bands == 1 {
		q.chunk = max(1, min(bandBytes/image, ceilDiv(units, q.parts)))
	}
}

// nextChunk returns the end of the units that are done together from unit on.
func (q *convPlan) nextChunk(unit, to int) int {
	end := min(unit+q.chunk, to)
	if q.bands > 1 {
		return end
	}
	return q.withinVolume(unit, end)
}

func convGradKernelBlock(t *Task, block int) {
	q := t.Arg.(*convPlan)
	part := block / q.cuts
	unit0, unit1 := share(q.images()*q.bands, q.parts, part)
	from, to := share(q.kernelJobs(), q.cuts, block%q.cuts)
	dk := q.partial[part*q.weights():]
	w := getTiler(q.g)
	s := q.frameScratch(q.chunk, ceilDiv(q.OH, q.bands))
	edge := q.edgeScratch()
	for unit := unit0; unit < unit1; {
		end := q.nextChunk(unit, unit1)
		n, images := unit/q.bands, max(1, (end-unit)/q.bands)
		oh0, oh1 := share(q.OH, q.bands, unit%q.bands)
		f := q.load(s.numbers(), n, n+images, oh0, oh1)
		q.walkOutputs(&w.t, f, images, oh1-oh0)
		w.t.flags = 0
		if unit > unit0 {
			w.t.flags = addC
		}
		dy := q.y[(n*q.OH+oh0)*q.OW*q.F:][:images*(oh1-oh0)*q.OW*q.F]
		for job := from; job < to; job++ {
			q.gradKernelJob(w, f, dk, dy, edge.numbers(), job)
		}
		unit = end
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
	return getScratch(q.chunk * ceilDiv(q.OH, q.bands) * q.OW * q.g.width())
}

// walkOutputs sets the tile's walk over rows rows of the outputs of images images.
func (q *convPlan) walkOutputs(t *tile, f frame, images, rows int) {
	t.k, t.stepA = q.OW, q.SW*q.C*floatSize
	t.segs, t.segA = rows, (q.SH*f.row-q.OW*q.SW*q.C)*floatSize
	t.runs, t.runA = images, (f.image-rows*q.SH*f.row)*floatSize
	t.rowC = q.F * floatSize
}

// tapRow is where row row of the kernel's KD·KH rows meets the frame.
func (q *convPlan) tapRow(f frame, row int) int { return row/q.KH*f.plane + row%q.KH*q.DH*f.row }

func (q *convPlan) gradKernelJob(w *tiler, f frame, dk, dy, edge []float32, job int) {
	panel, row := job/(q.KD*q.KH), job%(q.KD*q.KH)
	switch {
	case q.few:
		q.gradKernelFew(w, f, dk, dy, row, panel*q.fewWidth())
		return
	case q.depth:
		q.gradKernelDepth(w, f, dk, dy, row, panel*q.g.width())
		return
	}
	width := q.g.width()
	perGroup := ceilDiv(q.outC, width)
	group, j := panel/perGroup, panel%perGroup*width
	out, cols := group*q.outC+j, min(width, q.outC-j)
	dy, stepB := dy[out:], q.F
	if edge != nil && cols%q.g.lanes != 0 {
		// The rows of taps share the copy: it is made for the first.
		q.g.copyPanel(edge, dy, q.F, ceilDiv(len(dy), q.F), cols)
		dy, stepB = edge, width
	}
	w.columns(place(dy, 0), stepB*floatSize, nil, cols)
	w.t.rowA = floatSize
	in := q.tapRow(f, row) + group*q.inC
	if q.adjacent() {
		w.strip(q.KW*q.C, place(f.data, in), place(dk, row*q.KW*q.C*q.F+out), nil)
		return
	}
	for kw := range q.KW {
		w.strip(q.inC, place(f.data, in+kw*q.DW*q.C), place(dk, (row*q.KW+kw)*q.inC*q.F+out), nil)
	}
}

func (q *convPlan) gradKernelDepth(w *tiler, f frame, dk, dy []float32, row, j int) {
	w.depth = true
	w.columns(place(dy, j), q.F*floatSize, nil, min(q.g.width(), q.C-j))
	w.t.rowA = q.DW * q.C * floatSize
	w.strip(q.KW, place(f.data, q.tapRow(f, row)+j), place(dk, row*q.KW*q.C+j), nil)
}

func convGradKernelSum(t *Task, block int) {
	q := t.Arg.(*convPlan)
	size := q.weights()
	from, to := share(size, ceilDiv(size, sumNumbers), block)
	for part := 1; part < q.parts; part++ {
		q.g.addTo(q.partial[from:to], q.partial[part*size+from:part*size+to])
	}
}
