package kernel

import "math"

// softmaxCost is how many elements of vector work an element of a softmax costs.
const softmaxCost = 4

// inRows runs body over blocks of whole rows of n elements that each cost cost of a simple element's work.
func inRows(rows, n, cost int, t *Task, body func(*Task, int)) {
	t.N[12] = rowGroup(n, cost)
	t.N[11] = rows
	blocks := (rows + t.N[12] - 1) / t.N[12]
	if blocks >= parallelFrom {
		Parallel(blocks, t, body)
		return
	}
	for b := range blocks {
		body(t, b)
	}
}

func rowGroup(n, cost int) int { return max(1, vectorChunk/cost/max(n, 1)) }

// rowsOf returns the rows of block b of a loop that inRows runs.
func rowsOf(t *Task, b int) (lo, hi int) { return chunk(b, t.N[12], t.N[11]) }

// Softmax computes y[rows, n] = exp(x - max)/Σ exp(x - max) for each row, n >= 1; y may be x.
func Softmax[T Float](y, x []T, rows, n int) {
	y, x = y[:rows*n], x[:rows*n]
	if isFloat32[T]() {
		softmax32(float32s(y), float32s(x), rows, n)
		return
	}
	softmaxLoop(y, x, rows, n)
}

func softmax32(y, x []float32, rows, n int) {
	t := NewTask()
	t.F32[0], t.F32[1], t.N[0] = y, x, n
	inRows(rows, n, softmaxCost, t, func(t *Task, b int) {
		n := t.N[0]
		lo, hi := rowsOf(t, b)
		softmaxBlock(t.F32[0][lo*n:hi*n], t.F32[1][lo*n:hi*n], hi-lo, n)
	})
	t.Free()
}

func softmaxBlock(y, x []float32, rows, n int) {
	if f := vector().softmax; f != nil && len(y) > 0 {
		f(&y[0], &x[0], rows, n)
		return
	}
	softmaxLoop(y, x, rows, n)
}

func softmaxLoop[T Float](y, x []T, rows, n int) {
	for i := range rows {
		xr, yr := x[i*n:(i+1)*n], y[i*n:(i+1)*n]
		top := rowMax(xr)
		var sum T
		for j, v := range xr {
			yr[j] = expOf(v - top)
			sum += yr[j]
		}
		scale := 1 / sum
		for j := range yr {
			yr[j] *= scale
		}
	}
}

func rowMax[T Float](x []T) T {
	top := T(math.Inf(-1))
	for _, v := range x {
		if v > top {
			top = v
		}
	}
	return top
}

// SoftmaxGrad computes dx = y·(dy - Σ y·dy) for each row of y = softmax(x); dx may be dy.
func SoftmaxGrad[T Float](dx, y, dy []T, rows, n int) {
	dx, y, dy = dx[:rows*n], y[:rows*n], dy[:rows*n]
	if isFloat32[T]() {
		softmaxGrad32(float32s(dx), float32s(y), float32s(dy), rows, n)
		return
	}
	softmaxGradLoop(dx, y, dy, rows, n)
}

func softmaxGrad32(dx, y, dy []float32, rows, n int) {
	t := NewTask()
	t.F32[0], t.F32[1], t.F32[2], t.N[0] = dx, y, dy, n
	inRows(rows, n, softmaxCost/2, t, func(t *Task, b int) {
		n := t.N[0]
		lo, hi := rowsOf(t, b)
		dx, y, dy := t.F32[0][lo*n:hi*n], t.F32[1][lo*n:hi*n], t.F32[2][lo*n:hi*n]
		if f := vector().softmaxGrad; f != nil && len(dx) > 0 {
			f(&dx[0], &y[0], &dy[0], hi-lo, n)
			return
		}
		softmaxGradLoop(dx, y, dy, hi-lo, n)
	})
	t.Free()
}

func softmaxGradLoop[T Float](dx, y, dy []T, rows, n int) {
	for i := range rows {
		dr, yr, gr := dx[i*n:(i+1)*n], y[i*n:(i+1)*n], dy[i*n:(i+1)*n]
		var dot T
		for j, v := range yr {
			dot += v * gr[j]
		}
		for j, v := range yr {
			dr[j] = v * (gr[j] - dot)
		}
	}
}
