package kernel

import "math"

// The optimizer updates run in place over slices of one length, in one pass, with the formulas of Keras 3.

// optimizerTask holds what the updates have in common: t.F32[0] is as long as the others.
func optimizerTask(slices int, t *Task, body func(*Task, int)) {
	for i := 1; i < slices; i++ {
		t.F32[i] = t.F32[i][:len(t.F32[0])]
	}
	inChunks(len(t.F32[0]), vectorChunk, t, body)
	t.Free()
}

// SGD computes w -= lr·g.
func SGD(w, g []float32, lr float32) {
	t := NewTask()
	t.F32[0], t.F32[1], t.S[0] = w, g, lr
	optimizerTask(2, t, func(t *Task, b int) {
		lo, hi := chunk(b, vectorChunk, len(t.F32[0]))
		w, g, lr := t.F32[0][lo:hi], t.F32[1][lo:hi], t.S[0]
		if f := vector().sgd; f != nil {
			f(&w[0], &g[0], lr, hi-lo)
			return
		}
		for i, d := range g {
			w[i] -= d * lr
		}
	})
}

// SGDMomentum computes m = momentum·m - lr·g, then w += m, or w += momentum·m - lr·g if nesterov.
func SGDMomentum(w, m, g []float32, lr, momentum float32, nesterov bool) {
	t := NewTask()
	t.F32[0], t.F32[1], t.F32[2], t.S[0], t.S[1] = w, m, g, lr, momentum
	if nesterov {
		t.N[0] = 1
	}
	optimizerTask(3, t, func(t *Task, b int) {
		lo, hi := chunk(b, vectorChunk, len(t.F32[0]))
		w, m, g, lr, momentum := t.F32[0][lo:hi], t.F32[1][lo:hi], t.F32[2][lo:hi], t.S[0], t.S[1]
		if f := vector().sgdMomentum[t.N[0]]; f != nil {
			f(&w[0], &m[0], &g[0], lr, momentum, hi-lo)
			return
		}
		for i, d := range g {
			step := m[i]*momentum - d*lr
			m[i] = step
			if t.N[0] == 1 {
				step = step*momentum - d*lr
			}
			w[i] += step
		}
	})
}

// Adam computes m += (g - m)·oneMinusBeta1, v += (g² - v)·oneMinusBeta2, w -= m·alpha/(sqrt(v) + eps), where alpha is the
// learning rate with the bias correction of the step (Kingma and Ba, Adam, 2014).
func Adam(w, m, v, g []float32, alpha, oneMinusBeta1, oneMinusBeta2, eps float32) {
	t := NewTask()
	t.F32[0], t.F32[1], t.F32[2], t.F32[3] = w, m, v, g
	t.S[0], t.S[1], t.S[2], t.S[3] = alpha, oneMinusBeta1, oneMinusBeta2, eps
	optimizerTask(4, t, func(t *Task, b int) {
		lo, hi := chunk(b, vectorChunk, len(t.F32[0]))
		w, m, v, g := t.F32[0][lo:hi], t.F32[1][lo:hi], t.F32[2][lo:hi], t.F32[3][lo:hi]
		alpha, c1, c2, eps := t.S[0], t.S[1], t.S[2], t.S[3]
		if f := vector().adam; f != nil {
			f(&w[0], &m[0], &v[0], &g[0], alpha, c1, c2, eps, hi-lo)
			return
		}
		for i, d := range g {
			m[i] += (d - m[i]) * c1
			v[i] += (d*d - v[i]) * c2
			w[i] -= m[i] * alpha / (float32(math.Sqrt(float64(v[i]))) + eps)
		}
	})
}

// RMSprop computes v = rho·v + oneMinusRho·g², w -= lr·g/sqrt(v + eps).
func RMSprop(w, v, g []float32, lr, rho, oneMinusRho, eps float32) {
	t := NewTask()
	t.F32[0], t.F32[1], t.F32[2] = w, v, g
	t.S[0], t.S[1], t.S[2], t.S[3] = lr, rho, oneMinusRho, eps
	optimizerTask(3, t, func(t *Task, b int) {
		lo, hi := chunk(b, vectorChunk, len(t.F32[0]))
		w, v, g := t.F32[0][lo:hi], t.F32[1][lo:hi], t.F32[2][lo:hi]
		lr, rho, oneMinusRho, eps := t.S[0], t.S[1], t.S[2], t.S[3]
		if f := vector().rmsprop; f != nil {
			f(&w[0], &v[0], &g[0], lr, rho, oneMinusRho, eps, hi-lo)
			return
		}
		for i, d := range g {
			v[i] = rho*v[i] + oneMinusRho*(d*d)
			w[i] -= lr * d / float32(math.Sqrt(float64(v[i]+eps)))
		}
	})
}
