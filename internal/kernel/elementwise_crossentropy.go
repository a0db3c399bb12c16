package kernel

// SigmoidCrossEntropy computes loss = max(x, 0) - x·target + log(1 + exp(-|x|)) from the logits x, element by element.
func SigmoidCrossEntropy[T Float](loss, x, target []T) {
	x, target = x[:len(loss)], target[:len(loss)]
	if isFloat32[T]() {
		sigmoidCrossEntropy32(float32s(loss), float32s(x), float32s(target))
		return
	}
	sigmoidCrossEntropyLoop(loss, x, target)
}

func sigmoidCrossEntropy32(loss, x, target []float32) {
	t := NewTask()
	t.F32[0], t.F32[1], t.F32[2] = loss, x, target
	inChunks(len(loss), vectorChunk/2, t, func(t *Task, b int) {
		lo, hi := chunk(b, vectorChunk/2, len(t.F32[0]))
		loss, x, target := t.F32[0][lo:hi], t.F32[1][lo:hi], t.F32[2][lo:hi]
		if f := vector().sigmoidCrossEntropy; f != nil {
			f(&loss[0], &x[0], &target[0], hi-lo)
			return
		}
		sigmoidCrossEntropyLoop(loss, x, target)
	})
	t.Free()
}

func sigmoidCrossEntropyLoop[T Float](loss, x, target []T) {
	for i, v := range x {
		v := float64(v)
		loss[i] = T(softplus64(v) - v*float64(target[i]))
	}
}

// SigmoidCrossEntropyGrad computes dx = (sigmoid(x) - target)·dloss; dx may be any of the others.
func SigmoidCrossEntropyGrad[T Float](dx, x, target, dloss []T) {
	x, target, dloss = x[:len(dx)], target[:len(dx)], dloss[:len(dx)]
	if isFloat32[T]() {
		sigmoidCrossEntropyGrad32(float32s(dx), float32s(x), float32s(target), float32s(dloss))
		return
	}
	sigmoidCrossEntropyGradLoop(dx, x, target, dloss)
}

func sigmoidCrossEntropyGrad32(dx, x, target, dloss []float32) {
	t := NewTask()
	t.F32[0], t.F32[1], t.F32[2], t.F32[3] = dx, x, target, dloss
	inChunks(len(dx), vectorChunk/2, t, func(t *Task, b int) {
		lo, hi := chunk(b, vectorChunk/2, len(t.F32[0]))
		dx, x, target, dloss := t.F32[0][lo:hi], t.F32[1][lo:hi], t.F32[2][lo:hi], t.F32[3][lo:hi]
		if f := vector().sigmoidCrossEntropyGrad; f != nil {
			f(&dx[0], &x[0], &target[0], &dloss[0], hi-lo)
			return
		}
		sigmoidCrossEntropyGradLoop(dx, x, target, dloss)
	})
	t.Free()
}

func sigmoidCrossEntropyGradLoop[T Float](dx, x, target, dloss []T) {
	for i, v := range x {
		dx[i] = (sigmoidOf(v) - target[i]) * dloss[i]
	}
}
