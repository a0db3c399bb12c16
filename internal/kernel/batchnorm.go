package kernel

import "math"

// BatchNormTrain normalizes each channel of x[m, c], m >= 1, by its own mean and biased variance, which it writes:
// y = a((x - mean)/sqrt(variance + eps)·gamma + beta). Gamma and beta may be nil (1 and 0). The variance is summed in a second
// pass, from the differences to the mean.
func BatchNormTrain[T Float](y, mean, variance, x, gamma, beta []T, m, c int, eps T, act Activation) {
	y, x, mean, variance = y[:m*c], x[:m*c], mean[:c], variance[:c]
	if m == 0 || c == 0 {
		return
	}
	if isFloat32[T]() {
		normStatistics(float32s(mean), float32s(variance), float32s(x), m)
	} else {
		normStatisticsLoop(mean, variance, x, m)
	}
	BatchNormInfer(y, x, gamma, beta, mean, variance, m, c, eps, act)
}

// normStatistics needs the columns of x[m, len(mean)].
func normStatistics(mean, variance, x []float32, m int) {
	reduceColumns(Mean, mean, x, m, len(mean))
	t := NewTask()
	t.F32[0], t.F32[1] = x, mean
	sumRows(variance, nil, m, len(mean), t, func(t *Task, lo, hi int, sums []float32) {
		n := len(sums)
		x, mean := t.F32[0][lo*n:hi*n], t.F32[1]
		if f := vector().normVariance; f != nil {
			f(&x[0], &mean[0], &sums[0], hi-lo, n)
			return
		}
		clear(sums)
		for i := 0; i < len(x); i += n {
			for j, v := range x[i : i+n] {
				d := v - mean[j]
				sums[j] += d * d
			}
		}
	})
	t.Free()
	Scale(variance, 1/float32(m), variance)
}

func normStatisticsLoop[T Float](mean, variance, x []T, m int) {
	c := len(mean)
	for j := range c {
		var sum, squares T
		for i := j; i < len(x); i += c {
			sum += x[i]
		}
		mean[j] = sum / T(m)
		for i := j; i < len(x); i += c {
			d := x[i] - mean[j]
			squares += d * d
		}
		variance[j] = squares / T(m)
	}
}

// BatchNormInfer computes y = a((x - mean)/sqrt(variance + eps)·gamma + beta) for x[m, c] and given statistics [c]. Gamma and
// beta may be nil (1 and 0); y may be x.
func BatchNormInfer[T Float](y, x, gamma, beta, mean, variance []T, m, c int, eps T, act Activation) {
	y, x, mean, variance = y[:m*c], x[:m*c], mean[:c], variance[:c]
	if m == 0 || c == 0 {
		return
	}
	if isFloat32[T]() {
		batchNormInfer32(float32s(y), float32s(x), float32s(gamma), float32s(beta), float32s(mean), float32s(variance), m, c, float32(eps), act)
		return
	}
	for i, v := range x {
		j := i % c
		y[i] = (v-mean[j])*normScale(gamma, variance, j, eps) + elementOr(beta, j, 0)
	}
	ActivationApply(act, y)
}

func batchNormInfer32(y, x, gamma, beta, mean, variance []float32, m, c int, eps float32, act Activation) {
	p := newPartials(2 * c)
	scale, shift := p.data[:c], p.data[c:]
	for j := range c {
		scale[j] = normScale(gamma, variance, j, eps)
		shift[j] = elementOr(beta, j, 0)
	}
	t := NewTask()
	t.F32[0], t.F32[1], t.F32[2], t.F32[3], t.F32[4] = y, x, mean, scale, shift
	t.N[0] = int(act)
	inRows(m, c, 1, t, normApplyBlock)
	t.Free()
	p.free()
}

// normScale is gamma/sqrt(variance + eps).
func normScale[T Float](gamma, variance []T, j int, eps T) T {
	return elementOr(gamma, j, 1) / T(math.Sqrt(float64(variance[j]+eps)))
}

// elementOr returns x[i], or missing if x is nil.
func elementOr[T Float](x []T, i int, missing T) T {
	if x == nil {
		return missing
	}
	return x[i]
}

func normApplyBlock(t *Task, b int) {
	mean, scale, shift := t.F32[2], t.F32[3], t.F32[4]
	n := len(mean)
	lo, hi := rowsOf(t, b)
	y, x, act := t.F32[0][lo*n:hi*n], t.F32[1][lo*n:hi*n], Activation(t.N[0])
	if f := vector().normApply[min(act, ReLU)]; f != nil && act <= ReLU {
		f(&y[0], &x[0], &mean[0], &scale[0], &shift[0], hi-lo, n)
		return
	}
	for i := 0; i < len(x); i += n {
		yr := y[i : i+n]
		for j, v := range x[i : i+n] {
			yr[j] = (v-mean[j])*scale[j] + shift[j]
		}
	}
	if act != Linear {
		mapBlock([...]Unary{ReLU: ReluOp, Sigmoid: SigmoidOp, Tanh: TanhOp}[act], y, y)
	}
}

// BatchNormTrainGrad computes the gradients of [BatchNormTrain], without its activation, from what it was given and wrote:
// dbeta = Σ dy, dgamma = Σ dy·x̂, dx = gamma/sqrt(variance + eps)·(dy - (dbeta + x̂·dgamma)/m), where x̂ is the normalized x.
// Gamma, dgamma and dbeta may be nil; dx may be dy.
func BatchNormTrainGrad[T Float](dx, dgamma, dbeta, x, mean, variance, gamma, dy []T, m, c int, eps T) {
	dx, x, dy, mean, variance = dx[:m*c], x[:m*c], dy[:m*c], mean[:c], variance[:c]
	if m == 0 || c == 0 {
		return
	}
	if isFloat32[T]() {
		batchNormTrainGrad32(float32s(dx), float32s(dgamma), float32s(dbeta), float32s(x), float32s(mean), float32s(variance), float32s(gamma), float32s(dy), m, c, float32(eps))
		return
	}
	normGradLoop(dx, dgamma, dbeta, x, mean, variance, gamma, dy, m, eps)
}

func batchNormTrainGrad32(dx, dgamma, dbeta, x, mean, variance, gamma, dy []float32, m, c int, eps float32) {
	p := newPartials(5 * c)
	sums, products := p.data[:c], p.data[c:2*c]
	t := NewTask()
	t.F32[0], t.F32[1], t.F32[2], t.F32[3] = dx, x, dy, mean
	sumRows(sums, products, m, c, t, normGradSumsBlock)
	for j := range c {
		root := 1 / float32(math.Sqrt(float64(variance[j]+eps)))
		dg := products[j] * root
		if dgamma != nil {
			dgamma[j] = dg
		}
		if dbeta != nil {
			dbeta[j] = sums[j]
		}
		a := elementOr(gamma, j, 1) * root
		p.data[2*c+j], p.data[3*c+j], p.data[4*c+j] = a, a*sums[j]/float32(m), a*root*dg/float32(m)
	}
	t.F32[4], t.F32[5], t.F32[6] = p.data[2*c:3*c], p.data[3*c:4*c], p.data[4*c:]
	inRows(m, c, 1, t, normGradBlock)
	t.Free()
	p.free()
}

func normGradSumsBlock(t *Task, lo, hi int, sums []float32) {
	mean := t.F32[3]
	n := len(mean)
	x, dy := t.F32[1][lo*n:hi*n], t.F32[2][lo*n:hi*n]
	if f := vector().normGradSums; f != nil {
		f(&x[0], &dy[0], &mean[0], &sums[0], &sums[n], hi-lo, n)
		return
	}
	clear(sums)
	first, second := sums[:n], sums[n:]
	for i := 0; i < len(x); i += n {
		xr := x[i : i+n]
		for j, d := range dy[i : i+n] {
			first[j] += d
			second[j] += d * (xr[j] - mean[j])
		}
	}
}

func normGradBlock(t *Task, b int) {
	mean, a, s, c := t.F32[3], t.F32[4], t.F32[5], t.F32[6]
	n := len(mean)
	lo, hi := rowsOf(t, b)
	dx, x, dy := t.F32[0][lo*n:hi*n], t.F32[1][lo*n:hi*n], t.F32[2][lo*n:hi*n]
	if f := vector().normGrad; f != nil {
		f(&dx[0], &x[0], &dy[0], &mean[0], &a[0], &s[0], &c[0], hi-lo, n)
		return
	}
	for i := 0; i < len(x); i += n {
		xr, dr := x[i:i+n], dx[i:i+n]
		for j, d := range dy[i : i+n] {
			dr[j] = a[j]*d - s[j] - (xr[j]-mean[j])*c[j]
		}
	}
}

func normGradLoop[T Float](dx, dgamma, dbeta, x, mean, variance, gamma, dy []T, m int, eps T) {
	c := len(mean)
	for j := range c {
		root := 1 / T(math.Sqrt(float64(variance[j]+eps)))
		var sum, product T
		for i := j; i < len(x); i += c {
			sum += dy[i]
			product += dy[i] * (x[i] - mean[j]) * root
		}
		if dgamma != nil {
			dgamma[j] = product
		}
		if dbeta != nil {
			dbeta[j] = sum
		}
		a := elementOr(gamma, j, 1) * root
		for i := j; i < len(x); i += c {
			dx[i] = a * (dy[i] - (sum+(x[i]-mean[j])*root*product)/T(m))
		}
	}
}
