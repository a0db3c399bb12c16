package kernel

import "math"

// LogSoftmax computes y[rows, n] = x - max - log Σ exp(x - max) for each row, n >= 1; y may be x.
func LogSoftmax[T Float](y, x []T, rows, n int) {
	y, x = y[:rows*n], x[:rows*n]
	if isFloat32[T]() {
		logSoftmax32(float32s(y), float32s(x), rows, n)
		return
	}
	logSoftmaxLoop(y, x, rows, n)
}

func logSoftmax32(y, x []float32, rows, n int) {
	t := NewTask()
	t.F32[0], t.F32[1], t.N[0] = y, x, n
	inRows(rows, n, softmaxCost, t, func(t *Task, b int) {
		n := t.N[0]
		lo, hi := rowsOf(t, b)
		e := newPartials(n)
		for i := lo; i < hi; i++ {
			logSoftmaxRow(t.F32[0][i*n:(i+1)*n], t.F32[1][i*n:(i+1)*n], e.data)
		}
		e.free()
	})
	t.Free()
}

// logSoftmaxRow does a row that is not empty; e is room for its exponentials.
func logSoftmaxRow(y, x, e []float32) {
	zipScalarBlock(Subtract, y, x, reduceRow(Max, x), false)
	mapBlock(Exp, e, y)
	zipScalarBlock(Subtract, y, y, float32(math.Log(float64(sumRow(e)))), false)
}

func logSoftmaxLoop[T Float](y, x []T, rows, n int) {
	for i := range rows {
		xr, yr := x[i*n:(i+1)*n], y[i*n:(i+1)*n]
		top := rowMax(xr)
		var sum T
		for _, v := range xr {
			sum += expOf(v - top)
		}
		logSum := T(math.Log(float64(sum)))
		for j, v := range xr {
			yr[j] = v - top - logSum
		}
	}
}

// LogSoftmaxGrad computes dx = dy - exp(y)·Σ dy for each row of y = logsoftmax(x); dx may be dy.
func LogSoftmaxGrad[T Float](dx, y, dy []T, rows, n int) {
	dx, y, dy = dx[:rows*n], y[:rows*n], dy[:rows*n]
	if isFloat32[T]() {
		logSoftmaxGrad32(float32s(dx), float32s(y), float32s(dy), rows, n)
		return
	}
	logSoftmaxGradLoop(dx, y, dy, rows, n)
}

func logSoftmaxGrad32(dx, y, dy []float32, rows, n int) {
	t := NewTask()
	t.F32[0], t.F32[1], t.F32[2], t.N[0] = dx, y, dy, n
	inRows(rows, n, softmaxCost, t, func(t *Task, b int) {
		n := t.N[0]
		lo, hi := rowsOf(t, b)
		e := newPartials(n)
		for i := lo; i < hi; i++ {
			row := func(x []float32) []float32 { return x[i*n : (i+1)*n] }
			logSoftmaxGradRow(row(t.F32[0]), row(t.F32[1]), row(t.F32[2]), e.data)
		}
		e.free()
	})
	t.Free()
}

// logSoftmaxGradRow does a row that is not empty; e is room for its exponentials.
func logSoftmaxGradRow(dx, y, dy, e []float32) {
	sum := sumRow(dy)
	mapBlock(Exp, e, y)
	copy(dx, dy)
	axpyBlock(dx, -sum, e)
}

func logSoftmaxGradLoop[T Float](dx, y, dy []T, rows, n int) {
	for i := range rows {
		dr, yr, gr := dx[i*n:(i+1)*n], y[i*n:(i+1)*n], dy[i*n:(i+1)*n]
		var sum T
		for _, g := range gr {
			sum += g
		}
		for j, v := range yr {
			dr[j] = gr[j] - expOf(v)*sum
		}
	}
}
