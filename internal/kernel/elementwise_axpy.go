package kernel

// Axpy computes y += a·x; y and x have one length.
func Axpy[T Float](y []T, a T, x []T) {
	x = x[:len(y)]
	if isFloat32[T]() {
		axpy32(float32s(y), float32(a), float32s(x))
		return
	}
	axpyLoop(y, a, x)
}

func axpy32(y []float32, a float32, x []float32) {
	if len(y) < parallelFrom*vectorChunk {
		axpyBlock(y, a, x)
		return
	}
	t := NewTask()
	t.F32[0], t.F32[1], t.S[0] = y, x, a
	inChunks(len(y), vectorChunk, t, func(t *Task, b int) {
		lo, hi := chunk(b, vectorChunk, len(t.F32[0]))
		axpyBlock(t.F32[0][lo:hi], t.S[0], t.F32[1][lo:hi])
	})
	t.Free()
}

func axpyBlock(y []float32, a float32, x []float32) {
	if len(y) == 0 {
		return
	}
	if f := vector().axpy; f != nil {
		f(&y[0], &x[0], a, len(y))
		return
	}
	axpyLoop(y, a, x)
}

func axpyLoop[T Float](y []T, a T, x []T) {
	for i, v := range x {
		y[i] += a * v
	}
}

// Scale computes y = a·x; y may be x.
func Scale[T Float](y []T, a T, x []T) { ZipScalar(Multiply, y, x, a) }

// AddN computes y = x₀ + x₁ + ..., added in the order of the arguments; y may be the first of them. Without arguments y is
// zero.
func AddN[T Float](y []T, xs ...[]T) {
	switch len(xs) {
	case 0:
		clear(y)
		return
	case 1:
		copy(y, xs[0][:len(y)])
		return
	}
	if !isFloat32[T]() {
		addNBlock(y, 0, len(y), xs)
		return
	}
	// Pieces small enough to stay in the first-level cache make one pass over memory of many arguments.
	const piece = 2048
	for lo := 0; lo < len(y); lo += piece {
		addNBlock(y, lo, min(lo+piece, len(y)), xs)
	}
}

func addNBlock[T Float](y []T, lo, hi int, xs [][]T) {
	Zip(Add, y[lo:hi], xs[0][lo:hi], xs[1][lo:hi])
	for _, x := range xs[2:] {
		Zip(Add, y[lo:hi], y[lo:hi], x[lo:hi])
	}
}

// HasNaN reports whether x holds a NaN.
func HasNaN[T Float](x []T) bool {
	if isFloat32[T]() && len(x) > 0 {
		if f := vector().hasNaN; f != nil {
			return f(&float32s(x)[0], len(x))
		}
	}
	for _, v := range x {
		if v != v {
			return true
		}
	}
	return false
}

// addScaled is Axpy without a parallel loop of its own.
func addScaled[T Float](y []T, a T, x []T) {
	if isFloat32[T]() {
		axpyBlock(float32s(y), float32(a), float32s(x))
		return
	}
	axpyLoop(y, a, x)
}
