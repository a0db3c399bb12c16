package kernel

// convGradInput: output row oh spreads over input rows oh·SH + kh·DH - Top. Seen from an input row, the output rows that reach
// it lie at a constant distance, once the kernel's rows are sorted by their remainder modulo SH. For a column kw of the kernel
// the outputs ow that hit the input form a range, and what they hit lies SW·C numbers apart. So for each input row and kw there
// is one product, of a range of dy, which is walked over in runs of F numbers, with the transposed kernel, added to dx.
//
// Without strides the gradient is also the convolution of dy with the kernel turned around. That is better where the convolution
// is depthwise or has few channels.
func convGradInput(p *Conv2D, dy, k, dx []float32) {
	q := newConvPlan(p, dx, k, dy)
	if turned, ok := q.turned(); ok {
		s := getScratch(p.weights())
		turnKernel(s.data, k, p.KH*p.KW, q.inC, p.F)
		convForward(&turned, dy, s.data, dx, Epilogue[float32]{})
		putScratch(s)
		q.free()
		return
	}
	q.cutImages(q.H, q.W*q.C*floatSize+q.OW*q.F*floatSize)
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
func (q *convPlan) turned() (t Conv2D, ok bool) {
	t = q.Conv2D
	t.H, t.W, t.OH, t.OW, t.C, t.F = q.OH, q.OW, q.H, q.W, q.F, q.C
	t.Top, t.Left = (q.KH-1)*q.DH-q.Top, (q.KW-1)*q.DW-q.Left
	if q.SH > 1 || q.SW > 1 || t.Top < 0 || t.Left < 0 {
		return t, false
	}
	few := convPlan{Conv2D: t, g: q.g}
	return t, q.depth || few.fewOutputs()
}

// turnKernel writes the taps of k [taps, inC, outC] in reverse and each of them transposed.
func turnKernel(dst, k []float32, taps, inC, outC int) {
	size := inC * outC
	for i := range taps {
		transposeInto(dst[i*size:][:size], k[(taps-1-i)*size:][:size], outC, inC)
	}
}

// tap is a row of the kernel in the order of packing.
type tap struct {
	kh   int
	rest int // of its offset modulo the stride
}

// sortTaps orders the kernel's rows by remainder; within a remainder they keep their order.
func (q *convPlan) sortTaps() {
	for rest := range q.SH {
		for kh := range q.KH {
			if kh*q.DH%q.SH == rest {
				q.order = append(q.order, tap{kh, rest})
			}
		}
	}
}

// transposedPanels is the number of panels of the transposed kernel.
func (q *convPlan) transposedPanels() int {
	if q.depth {
		return ceilDiv(q.C, q.g.width())
	}
	return q.Groups * ceilDiv(q.inC, q.g.width())
}

// transposedRows is the number of rows of a panel for one kw.
func (q *convPlan) transposedRows() int { return q.KH * q.outC }

// packTransposed packs, for each panel of input channels and each kw, the rows [kh][f] of the transposed kernel.
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
	for i, tap := range q.order {
		if q.depth {
			j := panel * width
			row := dst[i*width:][:width]
			clear(row[copy(row, q.k[(tap.kh*q.KW+kw)*q.C:][:q.C][j:]):])
			continue
		}
		perGroup := ceilDiv(q.inC, width)
		group, j := panel/perGroup, panel%perGroup*width
		b := matrix{q.k[(tap.kh*q.KW+kw)*q.inC*q.F+group*q.outC:], 1, q.F}
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
	from, to := share(q.N*q.bands, q.blocks, block)
	for unit := from; unit < to; unit++ {
		n := unit / q.bands
		ih0, ih1 := share(q.H, q.bands, unit%q.bands)
		clear(q.x[(n*q.H+ih0)*q.W*q.C : (n*q.H+ih1)*q.W*q.C])
		q.gradInputBand(w, n, ih0, ih1)
	}
	putTiler(w)
}

func (q *convPlan) gradInputBand(w *tiler, n, ih0, ih1 int) {
	t := &w.t
	t.flags, t.runs, t.runA = addC, 1, 0
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
				q.gradInputRow(w, n, ih, in, out, cols, b, r)
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

// gradInputRow adds to input row ih what comes through one column of the kernel, whose panel is b.
func (q *convPlan) gradInputRow(w *tiler, n, ih, in, out, cols int, b []float32, r hitRange) {
	first, oh, count := q.tapsOf(ih)
	if count == 0 {
		return
	}
	width := q.g.width()
	w.t.segs, w.t.segA = count, -(q.tapDistance()*q.OW*q.F+q.outC)*floatSize
	w.columns(place(b, first*q.outC*width), width*floatSize, nil, cols)
	a := place(q.y, ((n*q.OH+oh)*q.OW+r.from)*q.F+out)
	w.strip(r.to-r.from, a, place(q.x, ((n*q.H+ih)*q.W+r.iw)*q.C+in), nil)
}

// tapDistance is by how many output rows successive rows of the kernel of one remainder differ.
func (q *convPlan) tapDistance() int { return q.DH / gcd(q.SH, q.DH) }

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// tapsOf returns the rows of the kernel that input row ih is reached through, as a range of the packed order, and the output
// row of the first of them.
func (q *convPlan) tapsOf(ih int) (first, oh, count int) {
	rest := (ih + q.Top) % q.SH
	for i, tap := range q.order {
		d := ih + q.Top - tap.kh*q.DH
		if tap.rest != rest || d < 0 || d/q.SH >= q.OH {
			continue
		}
		if count == 0 {
			first, oh = i, d/q.SH
		}
		count++
	}
	return first, oh, count
}
