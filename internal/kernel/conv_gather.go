package kernel

// Where a row of outputs is too short to keep the multiply-add units busy, the patches of several images are copied one below
// the other, and the tiles walk over the copy.

const (
	// shortRow is the length of a row of outputs below which patches are copied.
	shortRow = 4
	// gatherRows is about how many patches are copied at a time.
	gatherRows = 64
)

// gathers reports whether patches are copied, which must be worth it: a copied number takes part in F products.
func (q *convPlan) gathers() bool {
	return q.OW < shortRow && q.images()*q.OH > 1 && q.Groups == 1 && q.F >= q.g.width()
}

// forwardGathered computes the outputs of images n0 to n1.
func (q *convPlan) forwardGathered(w *tiler, n0, n1 int) {
	perImage := q.OH * q.OW
	chunk := max(1, gatherRows/perImage)
	patches := getScratch(chunk * perImage * q.taps())
	s := q.frameScratch(chunk, q.OH)
	t := &w.t
	t.k, t.segs, t.runs, t.segA, t.runA = q.taps(), 1, 1, 0, 0
	t.rowA, t.stepA, t.rowC, t.flags = q.taps()*floatSize, floatSize, q.F*floatSize, q.flags()
	width := q.g.width()
	for n := n0; n < n1; {
		end := q.withinVolume(n, min(n+chunk, n1))
		q.gather(patches.data, q.load(s.numbers(), n, end, 0, q.OH), end-n)
		for j := 0; j < q.F; j += width {
			q.panel(w, j/width, j, min(width, q.F-j))
			c := n*perImage*q.F + j
			w.strip((end-n)*perImage, place(patches.data, 0), place(q.y, c), column(q.residual, c))
		}
		n = end
	}
	s.release()
	putScratch(patches)
}

// gather copies the patches of images images.
func (q *convPlan) gather(dst []float32, f frame, images int) {
	run := q.KW * q.C
	if q.DW > 1 {
		run = q.C
	}
	runs := q.KW * q.C / max(run, 1)
	for n := range images {
		for oh := range q.OH {
			for ow := range q.OW {
				at := n*f.image + oh*q.SH*f.row + ow*q.SW*q.C
				for row := range q.KD * q.KH {
					from := at + q.tapRow(f, row)
					for r := range runs {
						copy(dst[:run], f.data[from+r*q.DW*q.C:])
						dst = dst[run:]
					}
				}
			}
		}
	}
}
