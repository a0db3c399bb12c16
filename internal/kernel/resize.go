package kernel

// A Band is a matrix whose rows hold their elements side by side: all outside of them are zero.
type Band[T Float] struct {
	from    []int32 // the column of each row's first element
	offset  []int32 // where it is in weights; one more than rows
	weights []T
}

// Append adds a row with the given elements from column from on.
func (b *Band[T]) Append(from int, weights []float64) {
	if len(b.offset) == 0 {
		b.offset = append(b.offset, 0)
	}
	for _, w := range weights {
		b.weights = append(b.weights, T(w))
	}
	b.from = append(b.from, int32(from))
	b.offset = append(b.offset, int32(len(b.weights)))
}

// row is a row's elements and the column of the first.
func (b *Band[T]) row(i int) (from int, weights []T) {
	return int(b.from[i]), b.weights[b.offset[i]:b.offset[i+1]]
}

// density is how many elements a row has on average, at least 1.
func (b *Band[T]) density() int { return 1 + len(b.weights)/max(1, len(b.from)) }

// ResizeImages is a linear map of images x[N, H, W, C] to y[N, OH, OW, C], by one matrix for all columns and one for all rows.
type ResizeImages[T Float] struct {
	N, H, W, C, OH, OW int
	Rows               Band[T] // [OH, H]
	Columns            Band[T] // [OW, W]
	// Fill is around the images. RowsOutside and ColumnsOutside say how much of it each row and column sees, 1: nothing else. Both are
	// nil where no row or column sees any.
	Fill                        T
	RowsOutside, ColumnsOutside []T
}

// Resize computes y from x.
func (r *ResizeImages[T]) Resize(y, x []T) {
	y, x = y[:r.N*r.OH*r.OW*r.C], x[:r.N*r.H*r.W*r.C]
	if r32, ok := any(r).(*ResizeImages[float32]); ok {
		resize32(r32, float32s(y), float32s(x))
		return
	}
	line := make([]T, r.W*r.C)
	for row := range r.N * r.OH {
		r.resizeRow(y, x, line, row)
	}
}

func resize32(r *ResizeImages[float32], y, x []float32) {
	t := NewTask()
	t.F32[0], t.F32[1], t.Arg = y, x, r
	inRows(r.N*r.OH, r.OW*r.C, r.Rows.density()+r.Columns.density(), t, func(t *Task, b int) {
		r := t.Arg.(*ResizeImages[float32])
		s := getScratch(r.W * r.C)
		lo, hi := rowsOf(t, b)
		for row := lo; row < hi; row++ {
			r.resizeRow(t.F32[0], t.F32[1], s.data[:r.W*r.C], row)
		}
		putScratch(s)
	})
	t.Free()
}

// resizeRow makes one row of one image: first the rows of x become one line, then its columns those of y.
func (r *ResizeImages[T]) resizeRow(y, x, line []T, row int) {
	image, i := row/r.OH, row%r.OH
	x = x[image*r.H*len(line):][:r.H*len(line)]
	from, weights := r.Rows.row(i)
	if len(weights) == 1 && weights[0] == 1 {
		line = x[from*len(line):][:len(line)]
	} else {
		clear(line)
		for k, w := range weights {
			addScaled(line, w, x[(from+k)*len(line):][:len(line)])
		}
	}
	y = y[row*r.OW*r.C:][:r.OW*r.C]
	if r.C == 3 {
		r.columns3(y, line)
	} else {
		r.columns(y, line)
	}
	if r.RowsOutside != nil {
		r.fillRow(y, r.RowsOutside[i])
	}
}

func (r *ResizeImages[T]) columns(y, line []T) {
	c := r.C
	for j := range r.OW {
		from, weights := r.Columns.row(j)
		out := y[j*c:][:c]
		clear(out)
		for k, w := range weights {
			for i, v := range line[(from+k)*c:][:len(out)] {
				out[i] += w * v
			}
		}
	}
}

// columns3 is columns for colors, which stay in registers.
func (r *ResizeImages[T]) columns3(y, line []T) {
	b := &r.Columns
	at, all := b.offset[0], b.weights
	for j, from := range b.from {
		end := b.offset[j+1]
		out := y[3*j:][:3]
		if end-at == 2 {
			in, w0, w1 := line[3*from:][:6], all[at], all[at+1]
			out[0], out[1], out[2] = w0*in[0]+w1*in[3], w0*in[1]+w1*in[4], w0*in[2]+w1*in[5]
			at = end
			continue
		}
		in := line[3*from:][:3*(end-at)]
		var red, green, blue T
		for _, w := range all[at:end] {
			red += w * in[0]
			green += w * in[1]
			blue += w * in[2]
			in = in[3:]
		}
		out[0], out[1], out[2] = red, green, blue
		at = end
	}
}

// fillRow adds what a row sees of the filling around the image.
func (r *ResizeImages[T]) fillRow(y []T, a T) {
	for j, b := range r.ColumnsOutside {
		v := r.Fill * (a + b - a*b)
		for c := range r.C {
			y[j*r.C+c] += v
		}
	}
}
