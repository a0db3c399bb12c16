package kernel

import "unsafe"

// A product whose rows fill vectors better than its columns do, or whose sides lie better for it, is computed turned over: the
// columns of C, vectors of its rows, gather in a buffer and are stored across. Its sums over k are those of tiles, so the bits
// are too; dot products of narrow right sides are summed in another order.

// form is a way to compute a product.
type form uint8

const (
	straight form = iota
	turned        // tiles of C's transpose
	dotted        // dot products, k in vectors
	narrowed      // vectors of several rows, for the last columns of a product
)

const (
	turnLanes = 16  // of the vectors of these forms, which only AVX-512 has
	turnCols  = 112 // columns of C, of turnRows rows, that are gathered at a time
	turnRows  = 2 * turnLanes
	turnDepth = 2048 // the longest k of these forms
)

// Costs of a product in half cycles of a core with two multiply-add units. Only their ratios matter.
const (
	packCost  = 3   // of moving 5 numbers into another order
	storeCost = 160 // of storing 16x16 numbers across
	sumCost   = 44  // of the sums over the lanes of 16 dot products
	callCost  = 250 // of a call with everything around it
)

// bestForm returns the cheapest form of a product on a path with masks, and its cost.
func (p *Product) bestForm() (best form, cost int) {
	rows, cols := ceilDiv(p.M, turnLanes), ceilDiv(p.N, turnLanes)
	cost = p.M * cols * (p.K + 2)
	if cols == 1 {
		cost += cost / 4 // such tiles wait for the left side
	}
	if p.TransB {
		cost += p.K * p.N * packCost / 5
	}
	if p.M < turnLanes || p.K > turnDepth {
		return straight, cost
	}
	store := rows * cols * storeCost
	t := p.N*rows*(p.K+2) + store
	if !p.TransA {
		t += p.M * p.K * packCost / 5
	}
	if t < cost-cost/16 {
		best, cost = turned, t
	}
	if p.TransA || p.K < turnLanes {
		return best, cost
	}
	t = p.N*rows*(ceilDiv(p.K, turnLanes)*(turnLanes+1)+sumCost) + store
	if !p.TransB {
		t += p.K * cols * turnLanes * packCost / 5
	}
	if t < cost-cost/16 {
		best, cost = dotted, t
	}
	return best, cost
}

// turnVector turns a product with a single row or column over if that makes rows of what is stored in rows: C looks the same.
func (p *Product) turnVector(a, b *[]float32, e *Epilogue[float32]) {
	if p.M == 1 && p.TransA && p.LDA == 1 {
		p.TransA, p.LDA = false, p.K
	}
	if p.N == 1 && !p.TransB && p.LDB == 1 {
		p.TransB, p.LDB = true, p.K
	}
	switch {
	case p.M == 1 && p.TransB && !p.TransA && (e.Bias == nil || e.Residual == nil):
		// What is added to each column is now added to each row.
		if e.Bias != nil {
			e.Bias, e.Residual = nil, e.Bias
		}
		*p = Product{M: p.N, N: 1, K: p.K, TransB: true, LDA: p.LDB, LDB: p.K, LDC: 1, Accumulate: p.Accumulate}
	case p.N == 1 && p.LDC == 1 && p.TransA && p.TransB && e.Bias == nil:
		*p = Product{M: 1, N: p.M, K: p.K, LDA: p.K, LDB: p.LDA, LDC: p.M, Accumulate: p.Accumulate}
	default:
		return
	}
	*a, *b = *b, *a
}

// gemmFormed computes a product in its cheapest form, or in two parts, of which the first fills vectors, in the cheapest of each.
func gemmFormed(g *geometry, p *Product, a, b, c []float32, e *Epilogue[float32]) {
	best, cost := p.bestForm()
	if best != straight {
		gemmTurned(g, best, p, a, b, c, e)
		return
	}
	rest := p.N % turnLanes
	if rest == 0 || p.N < turnLanes || p.M < turnLanes {
		gemmStraight(g, p, a, b, c, e)
		return
	}
	first, second := *p, *p
	first.N, second.N = p.N-rest, rest
	_, firstCost := first.bestForm()
	_, secondCost := second.bestForm()
	narrowCost, narrow := second.narrowCost()
	narrow = narrow && narrowCost < secondCost
	if narrow {
		secondCost = narrowCost
	}
	if firstCost+secondCost+callCost >= cost-cost/16 {
		gemmStraight(g, p, a, b, c, e)
		return
	}
	gemmFormed(g, &first, a, b, c, e)
	if narrow {
		gemmNarrow(g, p, a, b, c, e)
		return
	}
	gemmFormed(g, &second, a, second.right(b, first.N), c[first.N:], &Epilogue[float32]{
		Bias: from(e.Bias, first.N), Residual: from(e.Residual, first.N), Activation: e.Activation,
	})
}

// right returns the right side from column j on.
func (p *Product) right(b []float32, j int) []float32 {
	if p.TransB {
		return b[j*p.LDB:]
	}
	return b[j:]
}

// from returns x from element i on, nil of nil.
func from(x []float32, i int) []float32 {
	if x == nil {
		return nil
	}
	return x[i:]
}

// turnPlan is a product in another form than straight, and its blocks.
type turnPlan struct {
	g          *geometry
	form       form
	rest       int // columns that are stored of a narrowed product
	p          Product
	a, b, c    []float32
	e          Epilogue[float32]
	cutM, cutN int
	task       Task // whose Arg is the plan
}

var turnPlans spares[turnPlan]

func gemmTurned(g *geometry, form form, p *Product, a, b, c []float32, e *Epilogue[float32]) {
	q := turnPlans.get()
	q.g, q.form, q.p, q.a, q.b, q.c, q.e, q.task.Arg = g, form, *p, a, b, c, *e, q
	q.run()
}

func (q *turnPlan) run() {
	q.cut()
	Parallel(q.cutM*q.cutN, &q.task, turnBlock)
	q.a, q.b, q.c, q.e = nil, nil, nil, Epilogue[float32]{}
	turnPlans.put(q)
}

// cut cuts rows first: what blocks of columns have in common is prepared by each.
func (q *turnPlan) cut() {
	q.cutM, q.cutN = 1, 1
	work := 2 * q.p.M * q.p.N * q.p.K
	if work < serialWork {
		return
	}
	blocks := blocksFor(work)
	q.cutM = powerOfTwo(min(blocks, ceilDiv(q.p.M, turnRows)))
	if q.form == turned {
		q.cutN = powerOfTwo(max(1, min(blocks/q.cutM, q.p.N/turnRows)))
	}
}

func turnBlock(t *Task, block int) {
	q := t.Arg.(*turnPlan)
	i0, i1 := share(ceilDiv(q.p.M, turnRows), q.cutM, block/q.cutN)
	j0, j1 := share(q.p.N, q.cutN, block%q.cutN)
	i0, i1 = i0*turnRows, min(i1*turnRows, q.p.M)
	w := getTiler(q.g)
	switch q.form {
	case turned:
		q.turn(w, i0, i1, j0, j1)
	case narrowed:
		j0 = j1 - q.rest
		q.narrow(w, i0, i1)
	default:
		q.dot(w, i0, i1)
	}
	putTiler(w)
	if q.e.Activation > ReLU {
		activateRows(q.e.Activation, q.c[i0*q.p.LDC+j0:], i1-i0, j1-j0, q.p.LDC)
	}
}

// turn computes rows i0 to i1, columns j0 to j1.
func (q *turnPlan) turn(w *tiler, i0, i1, j0, j1 int) {
	k, width := q.p.K, turnRows
	if q.p.TransA && j1-j0 <= q.g.wideRows {
		width = wideVecs * turnLanes
	}
	room := w.buffer(turnRows * (turnCols + k))
	gathered, packed := room[:turnRows*turnCols], room[turnRows*turnCols:]
	left := matrix{q.b, 1, q.p.LDB}
	if q.p.TransB {
		left.row, left.col = q.p.LDB, 1
	}
	t := &w.t
	for i := i0; i < i1; i += width {
		rows := min(width, i1-i)
		right, step := place(q.a, i), q.p.LDA
		if !q.p.TransA {
			q.g.packPanel(packed, matrix{q.a, 1, q.p.LDA}, 0, i, k, rows)
			right, step = place(packed, 0), turnRows
		}
		for j := j0; j < j1; j += turnCols {
			cols := min(turnCols, j1-j)
			w.columns(right, step*floatSize, nil, rows)
			t.k, t.segs, t.runs = k, 1, 1
			t.flags, t.rowC = 0, width*floatSize
			t.rowA, t.stepA = left.row*floatSize, left.col*floatSize
			w.strip(cols, place(left.from(j, 0), 0), place(gathered, 0), nil)
			q.store(w, place(gathered, 0), width, i, j, rows, cols)
		}
	}
}

// dot computes rows i0 to i1 as dot products.
func (q *turnPlan) dot(w *tiler, i0, i1 int) {
	k, n := q.p.K, q.p.N
	padded := (k + turnLanes - 1) &^ (turnLanes - 1)
	room := w.buffer((n+2*turnLanes)*turnLanes + (n+turnLanes)*padded)
	gathered, packed := room[:(n+2*turnLanes)*turnLanes], room[(n+2*turnLanes)*turnLanes:]
	right, next := place(q.b, 0), q.p.LDB
	if !q.p.TransB {
		for from := 0; from < k; from += turnLanes {
			// The last steps overlap those before: the same numbers are written twice.
			from := min(from, k-turnLanes)
			q.g.transposeGroup(packed[from:], q.b[from*q.p.LDB:], padded, q.p.LDB, n)
		}
		right, next = place(packed, 0), padded
	}
	t := &w.t
	for i := i0; i < i1; i += turnLanes {
		// So do the last rows; only those that are new are stored.
		first := min(i, q.p.M-turnLanes)
		t.k, t.segs, t.runs = k, n, 1
		t.a, t.rowA = place(q.a, first*q.p.LDA), q.p.LDA*floatSize
		t.b, t.stepB = right, next*floatSize
		t.c, t.rowC = place(gathered, 0), turnLanes*floatSize
		q.g.dots(t)
		q.store(w, place(gathered, i-first), turnLanes, i, 0, min(turnLanes, i1-i), n)
	}
}

// store finishes columns that begin at src, stride numbers apart, and stores them as rows i on, columns j on, of C.
func (q *turnPlan) store(w *tiler, src unsafe.Pointer, stride, i, j, rows, cols int) {
	t := &w.t
	t.flags = q.e.flags()
	if q.p.Accumulate {
		t.flags |= addC
	}
	t.rowA, t.rowC = stride*floatSize, q.p.LDC*floatSize
	for m := 0; m < rows; m += turnLanes {
		for n := 0; n < cols; n += turnLanes {
			at := (i+m)*q.p.LDC + j + n
			t.a = unsafe.Add(src, (n*stride+m)*floatSize)
			t.c, t.r, t.bias = place(q.c, at), column(q.e.Residual, at), column(q.e.Bias, j+n)
			t.mask = 1<<min(turnLanes, cols-n) - 1
			t.k = min(turnLanes, rows-m)
			q.g.turnStore(t)
		}
	}
}
