package kernel

// AveragePool2D writes the mean of each window to y[N, OH, OW, C]; padding is not counted.
func AveragePool2D[T Float](p Pool2D, y, x []T) {
	p = p.regular()
	y, x = y[:p.N*p.OH*p.OW*p.C], x[:p.N*p.H*p.W*p.C]
	if isFloat32[T]() {
		averagePool2D32(p, float32s(y), float32s(x))
		return
	}
	var r poolRun
	for row := range p.N * p.OH {
		averagePoolRow(&p, y, x, row, &r)
	}
}

func averagePool2D32(p Pool2D, y, x []float32) {
	s := poolFree.get()
	*s = p
	t := NewTask()
	t.F32[0], t.F32[1], t.Arg = y, x, s
	inRows(p.N*p.OH, p.OW*p.C, 1+p.KH*p.KW, t, func(t *Task, b int) {
		lo, hi := rowsOf(t, b)
		r := runFree.get()
		for row := lo; row < hi; row++ {
			averagePoolRow(t.Arg.(*Pool2D), t.F32[0], t.F32[1], row, r)
		}
		runFree.put(r)
	})
	t.Free()
	poolFree.put(s)
}

// averagePoolRow pools row row%OH of image row/OH, with r for its runs.
func averagePoolRow[T Float](p *Pool2D, y, x []T, row int, r *poolRun) {
	plane := x[row/p.OH*p.H*p.W*p.C:]
	for ow := 0; ow < p.OW; ow += r.pixels {
		*r = p.nextRun(row%p.OH, ow)
		at := (row*p.OW + ow) * p.C
		averagePoolRun(r, y[at:at+r.pixels*p.C], plane)
	}
}

func averagePoolRun[T Float](r *poolRun, y, plane []T) {
	if r.kh == 0 || r.kw == 0 || len(y) == 0 {
		clear(y)
		return
	}
	scale := 1 / T(r.kh*r.kw)
	if f := vector().averagePool; isFloat32[T]() && f != nil && r.c >= fewChannels {
		f(&float32s(y)[0], &float32s(plane)[r.index*r.c], &r.kh, float32(scale))
		return
	}
	for i := range r.pixels {
		for ch := range r.c {
			var sum T
			for h := range r.kh {
				at := (r.index+i*r.indexStep+h*r.width)*r.c + ch
				for end := at + r.kw*r.c; at < end; at += r.c {
					sum += plane[at]
				}
			}
			y[i*r.c+ch] = sum * scale
		}
	}
}

// fewChannels are so few that plain loops are faster than a vector for each element of a window.
const fewChannels = 4

// AveragePool2DGrad writes to dx[N, H, W, C] each element's share of dy[N, OH, OW, C].
func AveragePool2DGrad[T Float](p Pool2D, dx, dy []T) {
	p = p.regular()
	dx, dy = dx[:p.N*p.H*p.W*p.C], dy[:p.N*p.OH*p.OW*p.C]
	if isFloat32[T]() {
		averagePool2DGrad32(p, float32s(dx), float32s(dy))
		return
	}
	var r poolRun
	for i := range p.N {
		averagePoolGradImage(&p, dx, dy, i, &r)
	}
}

func averagePool2DGrad32(p Pool2D, dx, dy []float32) {
	s := poolFree.get()
	*s = p
	t := NewTask()
	t.F32[0], t.F32[1], t.Arg = dx, dy, s
	inRows(p.N, p.OH*p.OW*p.C, 1+p.KH*p.KW, t, func(t *Task, b int) {
		lo, hi := rowsOf(t, b)
		r := runFree.get()
		for i := lo; i < hi; i++ {
			averagePoolGradImage(t.Arg.(*Pool2D), t.F32[0], t.F32[1], i, r)
		}
		runFree.put(r)
	})
	t.Free()
	poolFree.put(s)
}

func averagePoolGradImage[T Float](p *Pool2D, dx, dy []T, image int, r *poolRun) {
	size := p.H * p.W * p.C
	dx = dx[image*size : (image+1)*size]
	clear(dx)
	for oh := range p.OH {
		for ow := 0; ow < p.OW; ow += r.pixels {
			*r = p.nextRun(oh, ow)
			at := ((image*p.OH+oh)*p.OW + ow) * p.C
			averagePoolGradRun(r, dx, dy[at:at+r.pixels*p.C])
		}
	}
}

func averagePoolGradRun[T Float](r *poolRun, plane, dy []T) {
	if r.kh == 0 || r.kw == 0 || len(dy) == 0 {
		return
	}
	scale := 1 / T(r.kh*r.kw)
	if f := vector().averagePoolGrad; isFloat32[T]() && f != nil && r.c >= fewChannels {
		f(&float32s(plane)[r.index*r.c], &float32s(dy)[0], &r.kh, float32(scale))
		return
	}
	for i := range r.pixels {
		for ch := range r.c {
			share := dy[i*r.c+ch] * scale
			for h := range r.kh {
				at := (r.index+i*r.indexStep+h*r.width)*r.c + ch
				for end := at + r.kw*r.c; at < end; at += r.c {
					plane[at] += share
				}
			}
		}
	}
}
