package kernel

import "unsafe"

// floatSize is the size of a number of the float32 kernels in bytes.
const floatSize = 4

// tile is the argument of a sum of products over a few rows and columns of C. A step multiplies one number (or vector) per row
// of the left side with one row of the right side; k steps are a segment, segs segments a run. Strides are in bytes. The
// assembly knows the layout; see gen/gemm.
type tile struct {
	k, segs, runs           int // at least 1 each
	a                       unsafe.Pointer
	rowA, stepA, segA, runA int // segA is added behind each segment, runA behind each run on top
	b                       unsafe.Pointer
	stepB, segB, runB       int // as on the left side
	c                       unsafe.Pointer
	rowC                    int
	r                       unsafe.Pointer // the residual, rows as C's
	bias                    unsafe.Pointer
	mask                    uint64 // a bit for each column that exists
	flags                   tileFlags
	ahead                   int // from the right side to what is read after it
	cols                    int // columns that exist
}

type tileFlags uint64

const (
	addC tileFlags = 1 << iota
	addBias
	addResidual
	applyReLU
)

// geometry is what a path can do in one tile.
type geometry struct {
	rows, lanes, vecs int  // the largest tile is rows x (vecs·lanes)
	wideRows          int  // rows of the largest tile that is wideVecs vectors wide
	threeRows         int  // rows of the largest tile that is three vectors wide
	depthRows         int  // rows of the largest depthwise tile
	masked            bool // columns that do not exist are not touched
	sums              [][5]func(t *int)
	depths            [][3]func(t *int)
	portable          bool
}

const (
	wideVecs = 4  // the width of the tiles for products of few rows
	rowVecs  = 16 // of the widest tile of one row, on paths with masks
)

func (g *geometry) width() int { return g.lanes * g.vecs }

// panel is how many of cols columns, of which the right side has rows as they are stored, tiles of rows rows take at a time.
// Three vectors are better than two and one, whose tiles wait for the left side.
func (g *geometry) panel(rows, cols int) int {
	width := g.width()
	switch {
	case rows == 1 && g.masked && cols >= rowVecs*g.lanes:
		width = rowVecs * g.lanes
	case rows <= g.wideRows:
		width = g.lanes * wideVecs
	case g.masked && cols <= 3*g.lanes:
		width = 3 * g.lanes
	}
	return min(width, cols)
}

var portableGeometry = geometry{rows: 4, lanes: 4, vecs: 1, depthRows: 4, portable: true}

const (
	maxUnmaskedRows  = 6
	maxUnmaskedWidth = 16
)

// tiler walks over tiles. It comes from a free list because the assembly is called through tables, which makes it escape.
type tiler struct {
	g     *geometry
	t     tile
	vecs  int
	depth bool
	room  []float32 // see buffer
	// What a tile that is narrower than its vectors stands in while it is computed without masks.
	edgeC, edgeR [maxUnmaskedRows * maxUnmaskedWidth]float32
	edgeBias     [maxUnmaskedWidth]float32
}

var tilers spares[tiler]

func getTiler(g *geometry) *tiler {
	w := tilers.get()
	w.g = g
	return w
}

// putTiler forgets the operands and returns w to the free list.
func putTiler(w *tiler) {
	w.forget()
	tilers.put(w)
}

// forget lets go of the operands and of all that not every user sets.
func (w *tiler) forget() {
	w.t, w.depth = tile{}, false
}

// buffer returns n numbers, which are anything, until the next call.
func (w *tiler) buffer(n int) []float32 {
	if len(w.room) < n {
		w.room = make([]float32, 1<<scratchClass(n))
	}
	return w.room
}

// columns sets the right side, its bias (nil: none) and how many columns exist.
func (w *tiler) columns(b unsafe.Pointer, stepB int, bias unsafe.Pointer, cols int) {
	w.t.b, w.t.stepB, w.t.bias = b, stepB, bias
	w.t.cols, w.t.mask = cols, 1<<cols-1
	w.vecs = (cols + w.g.lanes - 1) / w.g.lanes
}

// fetch has next, which is about as much as the right side that is set, brought into cache while that is read.
func (w *tiler) fetch(next []float32) {
	w.t.ahead = int(uintptr(place(next, 0)) - uintptr(w.t.b))
}

// strip computes rows rows of the columns that are set; r is the residual (nil: none).
func (w *tiler) strip(rows int, a, c, r unsafe.Pointer) {
	limit := w.g.rows
	switch {
	case w.depth:
		limit = w.g.depthRows
	case w.vecs == wideVecs:
		limit = w.g.wideRows
	case w.vecs == 3:
		limit = w.g.threeRows
	}
	tiles := uint(rows+limit-1) / uint(limit)
	if tiles == 0 {
		return
	}
	size, longer := int(uint(rows)/tiles), int(uint(rows)%tiles)
	size++
	for n, i := 0, 0; i < rows; n++ {
		if n == longer {
			size--
		}
		w.t.a = unsafe.Add(a, i*w.t.rowA)
		w.t.c = unsafe.Add(c, i*w.t.rowC)
		if r != nil {
			w.t.r = unsafe.Add(r, i*w.t.rowC)
		}
		w.run(size)
		i += size
	}
}

func (w *tiler) run(rows int) {
	switch full := w.g.masked || w.t.cols == w.vecs*w.g.lanes; {
	case w.vecs == rowVecs:
		w.g.row(&w.t)
	case w.depth && w.g.portable:
		depthPortable(&w.t, rows)
	case w.depth && full:
		w.g.depths[rows][w.vecs](&w.t.k)
	case w.depth:
		w.runDepthEdge(rows)
	case w.g.portable:
		sumPortable(&w.t, rows)
	case full:
		w.g.sums[rows][w.vecs](&w.t.k)
	default:
		w.runEdge(rows)
	}
}

// runDepthEdge computes the channels that fill vectors with vectors and the others one by one.
func (w *tiler) runDepthEdge(rows int) {
	whole := w.t
	done := whole.cols / w.g.lanes * w.g.lanes
	if done > 0 {
		w.t.cols = done
		w.g.depths[rows][done/w.g.lanes](&w.t.k)
	}
	rest := done * floatSize
	w.t.cols = whole.cols - done
	w.t.a, w.t.b, w.t.c = unsafe.Add(whole.a, rest), unsafe.Add(whole.b, rest), unsafe.Add(whole.c, rest)
	if whole.flags&addBias != 0 {
		w.t.bias = unsafe.Add(whole.bias, rest)
	}
	if whole.flags&addResidual != 0 {
		w.t.r = unsafe.Add(whole.r, rest)
	}
	depthPortable(&w.t, rows)
	w.t = whole
}

// runEdge computes a tile in a buffer as wide as its vectors. The right side must be that wide too.
func (w *tiler) runEdge(rows int) {
	t := &w.t
	c, rowC, r, bias := t.c, t.rowC, t.r, t.bias
	for i := range rows {
		if t.flags&addC != 0 {
			copy(w.edgeC[i*maxUnmaskedWidth:], floatsAt(unsafe.Add(c, i*rowC), t.cols))
		}
		if t.flags&addResidual != 0 {
			copy(w.edgeR[i*maxUnmaskedWidth:], floatsAt(unsafe.Add(r, i*rowC), t.cols))
		}
	}
	if t.flags&addBias != 0 {
		copy(w.edgeBias[:], floatsAt(bias, t.cols))
		t.bias = unsafe.Pointer(&w.edgeBias)
	}
	t.c, t.r, t.rowC = unsafe.Pointer(&w.edgeC), unsafe.Pointer(&w.edgeR), maxUnmaskedWidth*floatSize
	w.g.sums[rows][w.vecs](&t.k)
	for i := range rows {
		copy(floatsAt(unsafe.Add(c, i*rowC), t.cols), w.edgeC[i*maxUnmaskedWidth:])
	}
	t.c, t.rowC, t.r, t.bias = c, rowC, r, bias
}

func floatsAt(p unsafe.Pointer, n int) []float32 { return unsafe.Slice((*float32)(p), n) }

// place returns the address of element i of x; x may be nil if i is 0.
func place(x []float32, i int) unsafe.Pointer {
	return unsafe.Add(unsafe.Pointer(unsafe.SliceData(x)), i*floatSize)
}
