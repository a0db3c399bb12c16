package kernel

// convGradInput: output row oh spreads over input rows oh·SH + kh·DH - Top. Seen from an input row, the output rows that reach
// it lie at a constant distance, once the kernel's rows are sorted by their remainder modulo SH; so do planes of volumes. For a column kw of the kernel
// the outputs ow that hit the input form a range, and what they hit lies SW·C numbers apart. So for each input row and kw there
// is one product, of a range of dy, which is walked over in runs of F numbers, with the transposed kernel, added to dx.
//
// Without strides the gradient is also the convolution of dy with the kernel turned around. That is better where the convolution
// is depthwise or has few channels.
func convGradInput(p *Conv, dy, k, dx []float32, e Epilogue[float32]) {
	q := newConvPlan(p, dx, k, dy)
	q.bias, q.residual, q.act = e.Bias, e.Residual, e.Activation
	if q.repeat > 1 {
		q.Conv = *p
		q.gradInputRepeated()
		q.free()
		return
	}
	if turned, ok := q.turned(); ok {
		s := getScratch(p.weights())
		turnKernel(s.data, k, p.KD*p.KH*p.KW, q.inC, p.F)
		convForward(&turned, dy, s.data, dx, e)
		putScratch(s)
		q.free()
		return
	}
	q.cutImages(q.N*q.D, q.H, q.W*q.C*floatSize+q.OW*q.F*floatSize)
	t := NewTask()
	t.Arg = q
	if q.fewChannels() {
		q.gradInputColumns(t)
	} else {
		q.sortTaps()
		s := q.packTransposed(t)
		Parallel(q.blocks, t, convGradInputBlock)
		s.release()
	}
	t.Free()
	q.free()
}

// turned returns the convolution of dy that is the gradient with respect to the input, if there is one that is better.
func (q *convPlan) turned() (t Conv, ok bool) {
	t = q.Conv
	t.D, t.H, t.W, t.OD, t.OH, t.OW, t.C, t.F = q.OD, q.OH, q.OW, q.D, q.H, q.W, q.F, q.C
	t.Front, t.Top, t.Left = (q.KD-1)*q.DD-q.Front, (q.KH-1)*q.DH-q.Top, (q.KW-1)*q.DW-q.Left
	if q.SD*q.SH*q.SW > 1 || min(t.Front, t.Top, t.Left) < 0 {
		return t, false
	}
	few := convPlan{Conv: t, g: q.g}
	return t, q.depth || few.fewOutputs()
}

// turnKernel writes the taps of k [taps, inC, outC] in reverse and each of them transposed.
func turnKernel(dst, k []float32, taps, inC, outC int) {
	size := inC * outC
	for i := range taps {
		transposeInto(dst[i*size:][:size], k[(taps-1-i)*size:][:size], outC, inC)
	}
}

// tap is a row or a plane of the kernel in the order of packing.
type tap struct {
	at   int
	rest int // of its offset modulo the stride
}

// sortTaps orders the kernel's rows and planes.
func (q *convPlan) sortTaps() {
	q.order = sortedTaps(q.order, q.KH, q.SH, q.DH)
	q.planes = sortedTaps(q.planes, q.KD, q.SD, q.DD)
}

// sortedTaps appends taps by remainder; within a remainder they keep their order.
func sortedTaps(order []tap, taps, stride, dilation int) []tap {
	for rest := range stride {
		for at := range taps {
			if at*dilation%stride == rest {
				order = append(order, tap{at, rest})
			}
		}
	}
	return order
}

// transposedPanels is the number of panels of the transposed kernel.
func (q *convPlan) transposedPanels() int {
	if q.depth {
		return ceilDiv(q.C, q.g.width())
	}
	return q.Groups * ceilDiv(q.inC, q.g.width())
}

// transposedRows is the number of rows of a panel for one kw.
func (q *convPlan) transposedRows() int { return q.KD * q.KH * q.outC }

// packTransposed packs, for each panel of input channels and each kw, the rows [kd][kh][f] of the transposed kernel.
func (q *convPlan) packTransposed(t *Task) *scratch {
	s := getScratch(q.transposedPanels() * q.KW * q.transposedRows() * q.g.width())
	q.packed = s.data
	q.packBlocks = 1
	units := q.transposedPanels() * q.KW
	if q.weights() > 1<<15 {
		q.packBlocks = min(units, 16)
	}
	Parallel(q.packBlocks, t, convPackTransposedBlock)
	return s
}

func convPackTransposedBlock(t *Task, block int) {
	q := t.Arg.(*convPlan)
	from, to := share(q.transposedPanels()*q.KW, q.packBlocks, block)
	for unit := from; unit < to; unit++ {
		q.packTransposedUnit(unit/q.KW, unit%q.KW)
	}
}

func (q *convPlan) packTransposedUnit(panel, kw int) {
	width := q.g.width()
	dst := q.transposed(panel, kw)
	for i := range q.KD * q.KH {
		kd, kh := q.planes[i/q.KH].at, q.order[i%q.KH].at
		tap := (kd*q.KH+kh)*q.KW + kw
		if q.depth {
			j := panel * width
			row := dst[i*width:][:width]
			clear(row[copy(row, q.k[tap*q.C:][:q.C][j:]):])
			continue
		}
		perGroup := ceilDiv(q.inC, width)
		group, j := panel/perGroup, panel%perGroup*width
		b := matrix{q.k[tap*q.inC*q.F+group*q.outC:], 1, q.F}
		q.g.packPanel(dst[i*q.outC*width:], b, 0, j, q.outC, min(width, q.inC-j))
	}
}

func (q *convPlan) transposed(panel, kw int) []float32 {
	return q.packed[(panel*q.KW+kw)*q.transposedRows()*q.g.width():]
}

func convGradInputBlock(t *Task, block int) {
	q := t.Arg.(*convPlan)
	w := getTiler(q.g)
	w.depth = q.depth
	from, to := share(q.N*q.D*q.bands, q.blocks, block)
	for unit := from; unit < to; unit++ {
		n := unit / q.bands
		ih0, ih1 := share(q.H, q.bands, unit%q.bands)
		from, to := (n*q.H+ih0)*q.W*q.C, (n*q.H+ih1)*q.W*q.C
		q.startInput(from, to)
		q.gradInputBand(w, n, ih0, ih1)
		q.finishInput(from, to)
	}
	putTiler(w)
}

// startInput gives numbers of the input what is not a product.
func (q *convPlan) startInput(from, to int) {
	x := q.x[from:to]
	if q.bias == nil || len(x) == 0 {
		clear(x)
		return
	}
	for done := copy(x, q.bias[:q.C]); done < len(x); done *= 2 {
		copy(x[done:], x[:done])
	}
}

// finishInput does what comes after the products.
func (q *convPlan) finishInput(from, to int) {
	if q.residual != nil {
		q.g.addTo(q.x[from:to], q.residual[from:to])
	}
	ActivationApply(q.act, q.x[from:to])
}

// gradInputBand computes rows ih0 to ih1 of one of all planes of the input.
func (q *convPlan) gradInputBand(w *tiler, plane, ih0, ih1 int) {
	depth := reached(q.planes, plane%q.D+q.Front, q.SD, q.DD, q.OD)
	if depth.count == 0 {
		return
	}
	depth.out += plane / q.D * q.OD
	t := &w.t
	t.flags, t.runs = addC, depth.count
	t.rowA, t.rowC = q.F*floatSize, q.SW*q.C*floatSize
	t.k, t.stepA = q.outC, floatSize
	width := q.g.width()
	perGroup := ceilDiv(q.inC, width)
	for panel := range q.transposedPanels() {
		in, out, cols := panel*width, panel*width, min(width, q.C-panel*width)
		if !q.depth {
			group, j := panel/perGroup, panel%perGroup*width
			in, out, cols = group*q.inC+j, group*q.outC, min(width, q.inC-j)
		}
		for kw := range q.KW {
			r := q.hits(kw)
			if r.from >= r.to {
				continue
			}
			b := q.transposed(panel, kw)
			for ih := ih0; ih < ih1; ih++ {
				q.gradInputRow(w, gradInputRow{plane, ih, in, out, cols, depth, r}, b)
			}
		}
	}
}

// hitRange is the range of outputs ow that reach the input through a column of the kernel, and where the first one hits.
type hitRange struct{ from, to, iw int }

func (q *convPlan) hits(kw int) hitRange {
	shift := q.Left - kw*q.DW // ow·SW - shift is the place that is hit
	from := 0
	if shift > 0 {
		from = ceilDiv(shift, q.SW)
	}
	last := q.W - 1 + shift
	if last < 0 {
		return hitRange{}
	}
	return hitRange{from, min(q.OW, last/q.SW+1), from*q.SW - shift}
}

// gradInputRow is a row of the input, what of it is computed, and from what.
type gradInputRow struct {
	plane, ih     int // of all planes of the input; within it
	in, out, cols int // the first of cols channels, and of those of dy
	depth         reach
	hits          hitRange
}

// gradInputRow adds to a row of the input what comes through one column of the kernel, whose panel is b.
func (q *convPlan) gradInputRow(w *tiler, row gradInputRow, b []float32) {
	height := reached(q.order, row.ih+q.Top, q.SH, q.DH, q.OH)
	if height.count == 0 {
		return
	}
	width, line := q.g.width(), q.OW*q.F
	rowStep, planeStep := distance(q.SH, q.DH)*line, distance(q.SD, q.DD)*q.OH*line
	t := &w.t
	t.segs, t.segA = height.count, -(rowStep+q.outC)*floatSize
	t.runA = (height.count*rowStep - planeStep) * floatSize
	t.runB = (q.KH - height.count) * q.outC * width * floatSize
	w.columns(place(b, (row.depth.first*q.KH+height.first)*q.outC*width), width*floatSize, nil, row.cols)
	a := place(q.y, (row.depth.out*q.OH+height.out)*line+row.hits.from*q.F+row.out)
	w.strip(row.hits.to-row.hits.from, a, place(q.x, ((row.plane*q.H+row.ih)*q.W+row.hits.iw)*q.C+row.in), nil)
}

// distance is by how many outputs successive taps of one remainder differ.
func distance(stride, dilation int) int { return dilation / gcd(stride, dilation) }

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// reach is a range of taps in their packed order, and the output that the first of them leads to.
type reach struct{ first, out, count int }

// reached returns the taps through which outputs reach a place of the padded input.
func reached(order []tap, place, stride, dilation, outputs int) (r reach) {
	for i, tap := range order {
		d := place - tap.at*dilation
		if tap.rest != place%stride || d < 0 || d/stride >= outputs {
			continue
		}
		if r.count == 0 {
			r.first, r.out = i, d/stride
		}
		r.count++
	}
	return r
}
