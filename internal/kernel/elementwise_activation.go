package kernel

// ActivationApply computes y = a(y) in place.
func ActivationApply[T Float](a Activation, y []T) {
	switch a {
	case ReLU:
		Map(ReluOp, y, y)
	case Sigmoid:
		Map(SigmoidOp, y, y)
	case Tanh:
		Map(TanhOp, y, y)
	}
}

// ActivationGrad computes dz = dy·a'(z) from the activation's output y = a(z); dz may be dy.
func ActivationGrad[T Float](a Activation, dz, y, dy []T) {
	y, dy = y[:len(dz)], dy[:len(dz)]
	if isFloat32[T]() {
		activationGrad32(a, float32s(dz), float32s(y), float32s(dy))
		return
	}
	activationGradLoop(a, dz, y, dy)
}

func activationGrad32(a Activation, dz, y, dy []float32) {
	if len(dz) < parallelFrom*vectorChunk {
		activationGradBlock(a, dz, y, dy)
		return
	}
	t := NewTask()
	t.F32[0], t.F32[1], t.F32[2], t.N[0] = dz, y, dy, int(a)
	inChunks(len(dz), vectorChunk, t, func(t *Task, b int) {
		lo, hi := chunk(b, vectorChunk, len(t.F32[0]))
		activationGradBlock(Activation(t.N[0]), t.F32[0][lo:hi], t.F32[1][lo:hi], t.F32[2][lo:hi])
	})
	t.Free()
}

func activationGradBlock(a Activation, dz, y, dy []float32) {
	if len(dz) == 0 {
		return
	}
	if f := vector().activationGrad[a]; f != nil {
		f(&dz[0], &y[0], &dy[0], len(dz))
		return
	}
	activationGradLoop(a, dz, y, dy)
}

func activationGradLoop[T Float](a Activation, dz, y, dy []T) {
	switch a {
	case ReLU:
		mapGradLoop(ReluOp, dz, y, y, dy)
	case Sigmoid:
		mapGradLoop(SigmoidOp, dz, y, y, dy)
	case Tanh:
		mapGradLoop(TanhOp, dz, y, y, dy)
	default:
		copy(dz, dy)
	}
}

// ActivationGradBias computes dz[m, n] = dy·a'(z) as [ActivationGrad] does, and db[n] = Σ over rows of dz, in one pass.
func ActivationGradBias[T Float](a Activation, dz, y, dy, db []T) {
	n := len(db)
	if n == 0 {
		return
	}
	m := len(dz) / n
	y, dy = y[:m*n], dy[:m*n]
	if isFloat32[T]() {
		activationGradBias32(a, float32s(dz), float32s(y), float32s(dy), float32s(db))
		return
	}
	activationGradLoop(a, dz, y, dy)
	columnSumLoop(db, dz, m, n)
}

func activationGradBias32(a Activation, dz, y, dy, db []float32) {
	n := len(db)
	m := len(dz) / n
	t := NewTask()
	t.F32[0], t.F32[1], t.F32[2], t.N[0] = dz, y, dy, int(a)
	sumRows(db, nil, m, n, t, func(t *Task, lo, hi int, sums []float32) {
		n := len(sums)
		dz, y, dy := t.F32[0][lo*n:hi*n], t.F32[1][lo*n:hi*n], t.F32[2][lo*n:hi*n]
		if f := vector().activationGradBias[t.N[0]]; f != nil {
			f(&dz[0], &y[0], &dy[0], &sums[0], hi-lo, n)
			return
		}
		activationGradLoop(Activation(t.N[0]), dz, y, dy)
		columnSumLoop(sums, dz, hi-lo, n)
	})
	t.Free()
}
