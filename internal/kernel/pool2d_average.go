package kernel

// AveragePool2D writes the mean of each window to y[N, OH, OW, C]; padding is not counted.
func AveragePool2D[T Float](p Pool2D, y, x []T) {
	y, x = y[:p.N*p.OH*p.OW*p.C], x[:p.N*p.H*p.W*p.C]
	if isFloat32[T]() {
		averagePool2D32(p, float32s(y), float32s(x))
		return
	}
	for row := range p.N * p.OH {
		averagePoolRow(&p, y, x, row)
	}
}

func averagePool2D32(p Pool2D, y, x []float32) {
	s := poolFree.get()
	*s = p
	t := NewTask()
	t.F32[0], t.F32[1], t.Arg = y, x, s
	inRows(p.N*p.OH, p.OW*p.C, 1+p.KH*p.KW, t, func(t *Task, b int) {
		lo, hi := rowsOf(t, b)
		for row := lo; row < hi; row++ {
			averagePoolRow(t.Arg.(*Pool2D), t.F32[0], t.F32[1], row)
		}
	})
	t.Free()
	poolFree.put(s)
}

func averagePoolRow[T Float](p *Pool2D, y, x []T, row int) {
	plane := x[row/p.OH*p.H*p.W*p.C:]
	for ow := range p.OW {
		r := p.window(row%p.OH, ow)
		out := y[(row*p.OW+ow)*p.C:][:p.C]
		clear(out)
		for k := range r.kh * r.kw {
			at := (r.index + k/r.kw*p.W + k%r.kw) * p.C
			addScaled(out, 1, plane[at:at+p.C])
		}
		if r.kh*r.kw > 1 {
			scaleBy(out, 1/T(r.kh*r.kw))
		}
	}
}

// AveragePool2DGrad writes to dx[N, H, W, C] each element's share of dy[N, OH, OW, C].
func AveragePool2DGrad[T Float](p Pool2D, dx, dy []T) {
	dx, dy = dx[:p.N*p.H*p.W*p.C], dy[:p.N*p.OH*p.OW*p.C]
	if isFloat32[T]() {
		averagePool2DGrad32(p, float32s(dx), float32s(dy))
		return
	}
	for i := range p.N {
		averagePoolGradImage(&p, dx, dy, i)
	}
}

func averagePool2DGrad32(p Pool2D, dx, dy []float32) {
	s := poolFree.get()
	*s = p
	t := NewTask()
	t.F32[0], t.F32[1], t.Arg = dx, dy, s
	inRows(p.N, p.OH*p.OW*p.C, 1+p.KH*p.KW, t, func(t *Task, b int) {
		lo, hi := rowsOf(t, b)
		for i := lo; i < hi; i++ {
			averagePoolGradImage(t.Arg.(*Pool2D), t.F32[0], t.F32[1], i)
		}
	})
	t.Free()
	poolFree.put(s)
}

func averagePoolGradImage[T Float](p *Pool2D, dx, dy []T, image int) {
	dx = dx[image*p.H*p.W*p.C:][:p.H*p.W*p.C]
	clear(dx)
	for row := range p.OH {
		for ow := range p.OW {
			r := p.window(row, ow)
			share := 1 / T(max(1, r.kh*r.kw))
			in := dy[((image*p.OH+row)*p.OW+ow)*p.C:][:p.C]
			for k := range r.kh * r.kw {
				at := (r.index + k/r.kw*p.W + k%r.kw) * p.C
				addScaled(dx[at:at+p.C], share, in)
			}
		}
	}
}

// addScaled is Axpy without a parallel loop of its own.
func addScaled[T Float](y []T, a T, x []T) {
	if isFloat32[T]() {
		axpyBlock(float32s(y), float32(a), float32s(x))
		return
	}
	axpyLoop(y, a, x)
}

func scaleBy[T Float](y []T, a T) {
	if isFloat32[T]() {
		zipScalarBlock(Multiply, float32s(y), float32s(y), float32(a), false)
		return
	}
	zipScalarLoop(Multiply, y, y, a, false)
}
