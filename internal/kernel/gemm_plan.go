package kernel

import "math/bits"

const (
	// panelBytes of the right side are what a tile reads again and again: they stay in the second-level cache.
	panelBytes = 64 << 10
	// leftBytes of the left side stay in the second-level cache while the panels pass.
	leftBytes = 384 << 10
	// rightBytes of packed right side stay in the third-level cache.
	rightBytes = 4 << 20
	// serialWork is the number of floating-point operations below which threads do not pay.
	serialWork = 300_000
	// aliasBytes: rows that are a multiple of it apart compete for the same few lines of the caches; of aliasDepth rows the
	// second-level cache still holds all.
	aliasBytes = 4096
	aliasDepth = 256
	// shallow products spend their time on C.
	shallow = 40
	// splitDepth is about how many steps of k a block takes when k is cut.
	splitDepth = 512
)

// gemmPlan is a product, how it is cut, and what its blocks need. How it is cut follows from the shape and the path.
type gemmPlan struct {
	g            *geometry
	m, n, k      int
	a, b         matrix
	c            []float32
	ldc          int
	e            Epilogue[float32]
	accumulate   bool
	packB        bool
	panel        int // columns of a panel
	rowsA        int // rows of the left side per pass over the panels
	depth, width int // k steps and columns per round; rounds are one after the other
	cutM, cutN   int // blocks of a round
	cutK         int // blocks of k that are summed at the end; above 1 there is one round, not cut otherwise

	// The round that runs.
	k0, kn, j0, jn int
	packed         []float32
	packBlocks     int
	partial        []float32

	task  Task  // whose Arg is the plan
	tiler tiler // for products of one block
}

var gemmPlans spares[gemmPlan]

func newGemmPlan(g *geometry, p *Product, a, b, c []float32, e *Epilogue[float32]) *gemmPlan {
	q := gemmPlans.get()
	q.g, q.m, q.n, q.k = g, p.M, p.N, p.K
	q.a = matrix{a, p.LDA, 1}
	if p.TransA {
		q.a.row, q.a.col = 1, p.LDA
	}
	q.b = matrix{b, p.LDB, 1}
	if p.TransB {
		q.b.row, q.b.col = 1, p.LDB
	}
	q.c, q.ldc, q.e, q.accumulate = c, p.LDC, *e, p.Accumulate
	q.k0, q.kn, q.j0, q.jn = 0, 0, 0, 0
	q.task.Arg = q
	q.cutRounds(p.TransB)
	q.cutBlocks()
	return q
}

// free forgets the operands and returns q to the free list.
func (q *gemmPlan) free() {
	q.a.data, q.b.data, q.c, q.e = nil, nil, nil, Epilogue[float32]{}
	q.packed, q.partial = nil, nil
	q.tiler.forget()
	gemmPlans.put(q)
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

func (q *gemmPlan) work() int { return 2 * q.m * q.n * q.k }

// cutRounds decides how much of k and n a round takes and what is packed.
func (q *gemmPlan) cutRounds(transB bool) {
	g := q.g
	tiles := ceilDiv(q.m, g.rows)
	aliased := q.b.row*floatSize%aliasBytes == 0
	q.packB = transB || q.packsRows(tiles)
	q.depth = panelBytes / floatSize / g.width()
	switch {
	case aliased && !q.packB:
		q.depth = min(q.depth, aliasDepth)
	case tiles <= 3:
		q.depth *= 4 // a panel is read so few times that its place in the cache matters less
	}
	if q.k <= 2*q.depth {
		q.depth = max(q.k, 1)
	} else {
		q.depth = (ceilDiv(q.k, ceilDiv(q.k, q.depth)) + 15) &^ 15
	}
	q.panel = g.width()
	if !q.packB && q.m <= g.wideRows {
		q.panel = g.lanes * wideVecs
	}
	q.width = max(rightBytes/floatSize/q.depth/q.panel, 1) * q.panel
	q.rowsA = max(leftBytes/floatSize/min(q.depth, splitDepth)/g.rows, 1) * g.rows
	if q.k <= shallow && q.ldc*floatSize%(aliasBytes/2) == 0 {
		// The lines of C that a tile writes are lost before it writes their neighbors, unless the next tile is beside it.
		q.rowsA = ceilDiv(q.m, tiles)
	}
}

// packsRows reports whether a right side that is not stored transposed is packed: where tiles read it so often that a copy pays,
// all the more if its rows compete for the same lines.
func (q *gemmPlan) packsRows(tiles int) bool {
	stride := q.b.row * floatSize
	switch {
	case !q.g.masked && q.n%q.g.lanes != 0:
		return true
	case q.k < 16:
		return false
	case stride%aliasBytes == 0:
		return tiles >= 8 || tiles >= 4 && q.k <= aliasDepth/2
	case stride%(aliasBytes/2) == 0:
		return tiles >= 20
	default:
		return tiles >= 40
	}
}

// cutBlocks decides what of a round runs in parallel.
func (q *gemmPlan) cutBlocks() {
	q.cutM, q.cutN, q.cutK = 1, 1, 1
	work := q.work()
	if work < serialWork {
		return
	}
	g := q.g
	tiles, panels := ceilDiv(q.m, g.rows), ceilDiv(min(q.n, q.width), q.panel)
	if (tiles*panels < 16 || q.k >= 16*max(q.m, q.n)) && q.k >= 1024 && q.m*q.n <= 1<<16 {
		q.cutK = min(q.k/splitDepth, 16)
		return
	}
	blocks := powerOfTwo(min(blocksFor(work), max(2, tiles*panels/4)))
	for blocks > 1 && !q.cutGrid(blocks, tiles, panels) {
		blocks /= 2
	}
}

// blocksFor is the number of blocks, a power of two, that work is worth.
func blocksFor(work int) int {
	blocks := 2
	for limit := 2_000_000; work >= limit && blocks < 32; limit *= 4 {
		blocks *= 2
	}
	return blocks
}

// powerOfTwo is the largest that is not above n.
func powerOfTwo(n int) int { return 1 << (bits.Len(uint(n)) - 1) }

// cutGrid cuts rows and panels into blocks blocks so that the largest is as small as possible; it reports whether there are
// as many.
func (q *gemmPlan) cutGrid(blocks, tiles, panels int) bool {
	best := -1
	for cutM := 1; cutM <= blocks; cutM *= 2 {
		cutN := blocks / cutM
		if cutM > 2*tiles || cutM > q.m || cutN > panels {
			continue
		}
		rows := ceilDiv(q.m, cutM)
		// A tile costs its rows and about two more for its beginning and end, a panel about four more.
		cost := (rows + 2*ceilDiv(rows, q.g.rows) + 4) * ceilDiv(panels, cutN)
		if best < 0 || cost <= best {
			best, q.cutM, q.cutN = cost, cutM, cutN
		}
	}
	return best >= 0
}

// share returns part i of n things cut into parts.
func share(n, parts, i int) (from, to int) { return n * i / parts, n * (i + 1) / parts }
