package kernel

// Where the input has few channels a panel of them would leave most lanes empty. There the gradients of whole patches are
// computed, [OH·OW, KD·KH·KW·C] for an image's band at a time, and added to the places that they were taken from.

// fewChannels reports whether the gradient with respect to the input goes by patches.
func (q *convPlan) fewChannels() bool {
	return q.Groups == 1 && 2*q.C <= q.g.lanes && q.KD*q.KH*q.KW > 1
}

// patchRows is how many rows of outputs are done at a time.
func (q *convPlan) patchRows() int {
	return max(1, min(q.OH, bandBytes/floatSize/(q.OW*(q.taps()+q.F))))
}

func (q *convPlan) gradInputColumns(t *Task) {
	width := q.g.width()
	panels := ceilDiv(q.taps(), width)
	s := getScratch(panels * width * q.F)
	q.packed = s.data
	for p := range panels {
		q.g.packPanel(q.packed[p*width*q.F:], matrix{q.k, 1, q.F}, 0, p*width, q.F, min(width, q.taps()-p*width))
	}
	q.blocks = min(q.blocks, q.N)
	Parallel(q.blocks, t, convColumnsBlock)
	s.release()
}

func convColumnsBlock(t *Task, block int) {
	q := t.Arg.(*convPlan)
	w := getTiler(q.g)
	rows := q.patchRows()
	patches := getScratch(rows * q.OW * q.taps())
	n0, n1 := share(q.N, q.blocks, block)
	volume := q.D * q.H * q.W * q.C
	q.startInput(n0*volume, n1*volume)
	for n := n0 * q.OD; n < n1*q.OD; n++ {
		for oh := 0; oh < q.OH; oh += rows {
			count := min(rows, q.OH-oh)
			q.patchGradients(w, patches.data, n, oh, count)
			q.addPatches(patches.data, n, oh, count)
		}
	}
	q.finishInput(n0*volume, n1*volume)
	patches.release()
	putTiler(w)
}

func (q *convPlan) patchGradients(w *tiler, dst []float32, n, oh, count int) {
	t := &w.t
	t.k, t.segs, t.runs, t.segA, t.runA = q.F, 1, 1, 0, 0
	t.rowA, t.stepA, t.rowC = q.F*floatSize, floatSize, q.taps()*floatSize
	width := q.g.width()
	for j := 0; j < q.taps(); j += width {
		w.columns(place(q.packed, j*q.F), width*floatSize, nil, min(width, q.taps()-j))
		w.strip(count*q.OW, place(q.y, (n*q.OH+oh)*q.OW*q.F), place(dst, j), nil)
	}
}

func (q *convPlan) addPatches(src []float32, n, oh0, count int) {
	for i := range q.KD * q.KH * count {
		tap, oh := i/count, i%count
		plane, ih := q.inputPlane(n, tap/q.KH), (oh0+oh)*q.SH+tap%q.KH*q.DH-q.Top
		if plane < 0 || ih < 0 || ih >= q.H {
			continue
		}
		row := q.x[(plane*q.H+ih)*q.W*q.C:][:q.W*q.C]
		for kw := range q.KW {
			r := q.hits(kw)
			if r.from < r.to {
				from := (oh*q.OW+r.from)*q.taps() + (tap*q.KW+kw)*q.C
				q.addColumn(row[r.iw*q.C:], src[from:], r.to-r.from)
			}
		}
	}
}

// addColumn adds what count outputs say about one tap.
func (q *convPlan) addColumn(row, src []float32, count int) {
	stride, taps := q.SW*q.C, q.taps()
	if q.C == 1 {
		for i := range count {
			row[i*stride] += src[i*taps]
		}
		return
	}
	for i := range count {
		s := src[i*taps:][:q.C]
		d := row[i*stride:][:q.C]
		for c, v := range s {
			d[c] += v
		}
	}
}
