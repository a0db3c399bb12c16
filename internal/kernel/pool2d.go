package kernel

import "math"

// Pool2D is the geometry of a pooling over images, channels last.
type Pool2D struct {
	N, H, W, C int // input [N, H, W, C]
	KH, KW     int // window
	SH, SW     int // strides
	Top, Left  int // padding before; what is needed after follows from OH and OW
	OH, OW     int // output [N, OH, OW, C]
	// Adaptive windows are as even as can be: of OH along H, number i goes from floor(i·H/OH) to ceil((i+1)·H/OH). Window, strides and
	// padding do not count.
	Adaptive bool
}

// poolFree holds the geometries that travel to the blocks of parallel loops, runFree the runs that travel to assembly.
var (
	poolFree freeList[Pool2D]
	runFree  freeList[poolRun]
)

// poolRun describes neighbouring output pixels that see windows of one shape. The assembly reads it by offset.
type poolRun struct {
	kh, kw    int // window
	rowStride int // elements of x from a window's row to the next
	c         int // channels
	pixels    int
	xStep     int // elements of x from a window to the next
	index     int // of the first window's first pixel in its plane
	indexStep int // from a window to the next
	width     int // of the plane
}

// poolSpan is the part of a window that lies inside: from its element at index lo on, count elements.
func poolSpan(out, stride, before, window, size int) (lo, count int) {
	start := out*stride - before
	lo = max(start, 0)
	return lo, max(0, min(start+window, size)-lo)
}

// evenSpan is window out of several that cover an axis as evenly as can be.
func evenSpan(out, windows, size int) (lo, count int) {
	lo = out * size / windows
	return lo, ((out+1)*size+windows-1)/windows - lo
}

// spans returns the part of the image that output pixel (oh, ow) sees.
func (p *Pool2D) spans(oh, ow int) (h, kh, w, kw int) {
	if p.Adaptive {
		h, kh = evenSpan(oh, p.OH, p.H)
		w, kw = evenSpan(ow, p.OW, p.W)
		return h, kh, w, kw
	}
	h, kh = poolSpan(oh, p.SH, p.Top, p.KH, p.H)
	w, kw = poolSpan(ow, p.SW, p.Left, p.KW, p.W)
	return h, kh, w, kw
}

// regular returns the geometry of adaptive windows that are all the same by their size, and any other as it is.
func (p Pool2D) regular() Pool2D {
	if p.Adaptive && p.H%p.OH == 0 && p.W%p.OW == 0 {
		p.KH, p.KW = p.H/p.OH, p.W/p.OW
		p.SH, p.SW, p.Top, p.Left, p.Adaptive = p.KH, p.KW, 0, 0, false
	}
	if p.Adaptive { // at the most, for the cost of a window
		p.KH, p.KW = p.H/p.OH+2, p.W/p.OW+2
	}
	return p
}

// window returns the run of the one output pixel (oh, ow) and where its window starts in the image's plane.
func (p *Pool2D) window(oh, ow int) poolRun {
	h, kh, w, kw := p.spans(oh, ow)
	return poolRun{kh: kh, kw: kw, rowStride: p.W * p.C, c: p.C, pixels: 1, xStep: p.SW * p.C, index: h*p.W + w, indexStep: p.SW, width: p.W}
}

// inner returns the output pixels [lo, hi) of a row whose windows are whole from left to right.
func (p *Pool2D) inner() (lo, hi int) {
	if p.Adaptive {
		return 0, 0
	}
	lo = (p.Left + p.SW - 1) / p.SW
	hi = 0
	if p.W+p.Left >= p.KW {
		hi = min((p.W+p.Left-p.KW)/p.SW+1, p.OW)
	}
	return min(lo, p.OW), max(hi, min(lo, p.OW))
}

// nextRun returns the run of output row oh that begins at ow.
func (p *Pool2D) nextRun(oh, ow int) poolRun {
	r := p.window(oh, ow)
	if lo, hi := p.inner(); ow >= lo && ow < hi {
		r.pixels = hi - ow
	}
	return r
}

// MaxPool2D writes the largest element of each window to y[N, OH, OW, C] and, unless arg is nil, its place h·W+w in the plane
// of x[N, H, W, C] to arg: of equals the first, of NaNs the last. Padding never wins; a window of nothing but padding gives
// -Inf and the place -1.
func MaxPool2D[T Float](p Pool2D, y []T, arg []int32, x []T) {
	p = p.regular()
	y, x = y[:p.N*p.OH*p.OW*p.C], x[:p.N*p.H*p.W*p.C]
	if len(y) == 0 {
		return
	}
	if arg != nil {
		arg = arg[:len(y)]
	}
	if isFloat32[T]() {
		maxPool2D32(p, float32s(y), arg, float32s(x))
		return
	}
	var r poolRun
	for row := range p.N * p.OH {
		maxPoolRow(&p, y, arg, x, row, &r)
	}
}

func maxPool2D32(p Pool2D, y []float32, arg []int32, x []float32) {
	s := poolFree.get()
	*s = p
	t := NewTask()
	t.F32[0], t.F32[1], t.I32[0], t.Arg = y, x, arg, s
	inRows(p.N*p.OH, p.OW*p.C, 1+p.KH*p.KW, t, func(t *Task, b int) {
		lo, hi := rowsOf(t, b)
		r := runFree.get()
		for row := lo; row < hi; row++ {
			maxPoolRow(t.Arg.(*Pool2D), t.F32[0], t.I32[0], t.F32[1], row, r)
		}
		runFree.put(r)
	})
	t.Free()
	poolFree.put(s)
}

// maxPoolRow pools row row%OH of image row/OH, with r for its runs.
func maxPoolRow[T Float](p *Pool2D, y []T, arg []int32, x []T, row int, r *poolRun) {
	plane := x[row/p.OH*p.H*p.W*p.C:]
	for ow := 0; ow < p.OW; {
		*r = p.nextRun(row%p.OH, ow)
		at := (row*p.OW + ow) * p.C
		end := at + r.pixels*p.C
		var places []int32
		if arg != nil {
			places = arg[at:end]
		}
		maxPoolRun(r, y[at:end], places, plane)
		ow += r.pixels
	}
}

func maxPoolRun[T Float](r *poolRun, y []T, arg []int32, plane []T) {
	if isFloat32[T]() && r.kh > 0 && r.kw > 0 && maxPoolVector(r, float32s(y), arg, float32s(plane)) {
		return
	}
	for i := range r.pixels {
		first := r.index + i*r.indexStep
		for ch := range r.c {
			best, place := T(math.Inf(-1)), -1
			for h := range r.kh {
				from := first + h*r.width
				for at := from; at < from+r.kw; at++ {
					if v := plane[at*r.c+ch]; v > best || place < 0 || v != v {
						best, place = v, at
					}
				}
			}
			y[i*r.c+ch] = best
			if arg != nil {
				arg[i*r.c+ch] = int32(place)
			}
		}
	}
}

// maxPoolVector reports whether the path has done the run.
func maxPoolVector(r *poolRun, y []float32, arg []int32, plane []float32) bool {
	f := vector().maxPool
	if f == nil {
		return false
	}
	var places *int32
	if arg != nil {
		places = &arg[0]
	}
	f(&y[0], places, &plane[r.index*r.c], &r.kh)
	return true
}

// MaxPool2DGrad writes to dx[N, H, W, C] what arrives from dy[N, OH, OW, C] at the places that arg says; overlapping windows
// add up.
func MaxPool2DGrad[T Float](p Pool2D, dx []T, arg []int32, dy []T) {
	p = p.regular()
	dx, dy, arg = dx[:p.N*p.H*p.W*p.C], dy[:p.N*p.OH*p.OW*p.C], arg[:p.N*p.OH*p.OW*p.C]
	if isFloat32[T]() {
		maxPool2DGrad32(p, float32s(dx), arg, float32s(dy))
		return
	}
	for i := range p.N {
		maxPoolGradImage(&p, dx, arg, dy, i)
	}
}

func maxPool2DGrad32(p Pool2D, dx []float32, arg []int32, dy []float32) {
	s := poolFree.get()
	*s = p
	t := NewTask()
	t.F32[0], t.F32[1], t.I32[0], t.Arg = dx, dy, arg, s
	inRows(p.N, p.OH*p.OW*p.C, 1+p.KH*p.KW, t, func(t *Task, b int) {
		lo, hi := rowsOf(t, b)
		for i := lo; i < hi; i++ {
			maxPoolGradImage(t.Arg.(*Pool2D), t.F32[0], t.I32[0], t.F32[1], i)
		}
	})
	t.Free()
	poolFree.put(s)
}

func maxPoolGradImage[T Float](p *Pool2D, dx []T, arg []int32, dy []T, image int) {
	size, out := p.H*p.W*p.C, p.OH*p.OW*p.C
	dx, arg, dy = dx[image*size:(image+1)*size], arg[image*out:(image+1)*out], dy[image*out:(image+1)*out]
	clear(dx)
	if isFloat32[T]() && p.C >= fewChannels && vector().maxPoolGrad != nil {
		maxPoolGradVector(p, float32s(dx), arg, float32s(dy))
		return
	}
	for i := 0; i < len(dy); i += p.C {
		for ch, place := range arg[i : i+p.C] {
			if place >= 0 {
				dx[int(place)*p.C+ch] += dy[i+ch]
			}
		}
	}
}

// maxPoolGradVector compares, for every element of every window, its place with that of the largest.
func maxPoolGradVector(p *Pool2D, dx []float32, arg []int32, dy []float32) {
	f, r := vector().maxPoolGrad, runFree.get()
	for oh := range p.OH {
		for ow := 0; ow < p.OW; {
			*r = p.nextRun(oh, ow)
			if at := (oh*p.OW + ow) * p.C; r.kh > 0 && r.kw > 0 {
				f(&dx[r.index*p.C], &arg[at], &dy[at], &r.kh)
			}
			ow += r.pixels
		}
	}
	runFree.put(r)
}
