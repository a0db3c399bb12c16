package kernel

import "math"

// LayerNorm normalizes each row of x[m, n], n >= 1: y = (x - mean)/sqrt(variance + eps)·gamma + beta, where mean and (biased) variance are the
// row's own (Ba et al. 2016). Without center the mean is taken for 0 (Zhang and Sennrich 2019). Gamma and beta are [n]; y may be x.
func LayerNorm[T Float](y, x, gamma, beta []T, m, n int, eps T, center bool) {
	y, x, gamma, beta = y[:m*n], x[:m*n], gamma[:n], beta[:n]
	if !isFloat32[T]() {
		for i := 0; i < m*n; i += n {
			layerNormRow(y[i:i+n], x[i:i+n], gamma, beta, eps, center)
		}
		return
	}
	t := NewTask()
	t.F32[0], t.F32[1], t.F32[2], t.F32[3] = float32s(y), float32s(x), float32s(gamma), float32s(beta)
	t.N[0], t.S[0] = n, float32(eps)
	if center {
		t.N[1] = 1
	}
	inRows(m, n, layerNormCost, t, layerNormBlock)
	t.Free()
}

// layerNormCost is how many elements of vector work an element costs.
const layerNormCost = 16

func layerNormBlock(t *Task, b int) {
	n := t.N[0]
	lo, hi := rowsOf(t, b)
	for i := lo * n; i < hi*n; i += n {
		layerNormRow(t.F32[0][i:i+n], t.F32[1][i:i+n], t.F32[2], t.F32[3], t.S[0], t.N[1] == 1)
	}
}

func layerNormRow[T Float](y, x, gamma, beta []T, eps T, center bool) {
	mean, scale := rowMoments(x, eps, center)
	y, gamma, beta = y[:len(x)], gamma[:len(x)], beta[:len(x)]
	for j, v := range x {
		y[j] = (v-mean)*scale*gamma[j] + beta[j]
	}
}

// rowMoments are a row's mean, 0 without center, and the reciprocal root of its mean square distance from that, plus eps. Four running sums are
// faster than one, and the order in which they are joined is always the same.
func rowMoments[T Float](x []T, eps T, center bool) (mean, scale T) {
	n := T(len(x))
	if center {
		var a, b, c, d T
		i := 0
		for ; i+4 <= len(x); i += 4 {
			x := x[i : i+4 : i+4]
			a, b, c, d = a+x[0], b+x[1], c+x[2], d+x[3]
		}
		for _, v := range x[i:] {
			a += v
		}
		mean = ((a + b) + (c + d)) / n
	}
	var a, b, c, d T
	i := 0
	for ; i+4 <= len(x); i += 4 {
		x := x[i : i+4 : i+4]
		p, q, r, s := x[0]-mean, x[1]-mean, x[2]-mean, x[3]-mean
		a, b, c, d = a+p*p, b+q*q, c+r*r, d+s*s
	}
	for _, v := range x[i:] {
		a += (v - mean) * (v - mean)
	}
	return mean, T(1 / math.Sqrt(float64(((a+b)+(c+d))/n+eps)))
}

// LayerNormGrad computes the gradients of [LayerNorm] from x and that of its result: dx[m, n], which may be dy, and those of gamma and beta [n].
func LayerNormGrad[T Float](dx, dgamma, dbeta, x, gamma, dy []T, m, n int, eps T, center bool) {
	dx, x, dy, gamma, dgamma, dbeta = dx[:m*n], x[:m*n], dy[:m*n], gamma[:n], dgamma[:n], dbeta[:n]
	if !isFloat32[T]() {
		clear(dgamma)
		clear(dbeta)
		for i := 0; i < m*n; i += n {
			layerNormGradRow(dx[i:i+n], dgamma, dbeta, x[i:i+n], gamma, dy[i:i+n], eps, center)
		}
		return
	}
	t := NewTask()
	t.F32[0], t.F32[1], t.F32[2], t.F32[3] = float32s(dx), float32s(x), float32s(gamma), float32s(dy)
	t.N[0], t.S[0] = n, float32(eps)
	if center {
		t.N[1] = 1
	}
	sumRows(float32s(dgamma), float32s(dbeta), m, n, t, layerNormGradBlock)
	t.Free()
}

func layerNormGradBlock(t *Task, lo, hi int, sums []float32) {
	n := t.N[0]
	clear(sums)
	for i := lo * n; i < hi*n; i += n {
		layerNormGradRow(t.F32[0][i:i+n], sums[:n], sums[n:], t.F32[1][i:i+n], t.F32[2], t.F32[3][i:i+n], t.S[0], t.N[1] == 1)
	}
}

// layerNormGradRow adds the row's part to the gradients of gamma and beta.
func layerNormGradRow[T Float](dx, dgamma, dbeta, x, gamma, dy []T, eps T, center bool) {
	mean, scale := rowMoments(x, eps, center)
	dx, dgamma, dbeta, gamma, dy = dx[:len(x)], dgamma[:len(x)], dbeta[:len(x)], gamma[:len(x)], dy[:len(x)]
	var even, along, even2, along2 T // two sums each, so that one need not wait for the other
	j := 0
	for ; j+2 <= len(x); j += 2 {
		z, d := (x[j]-mean)*scale, dy[j]
		z2, d2 := (x[j+1]-mean)*scale, dy[j+1]
		g, g2 := d*gamma[j], d2*gamma[j+1]
		dgamma[j], dgamma[j+1] = dgamma[j]+d*z, dgamma[j+1]+d2*z2
		dbeta[j], dbeta[j+1] = dbeta[j]+d, dbeta[j+1]+d2
		even, even2 = even+g, even2+g2
		along, along2 = along+g*z, along2+g2*z2
	}
	if j < len(x) {
		z, d := (x[j]-mean)*scale, dy[j]
		dgamma[j] += d * z
		dbeta[j] += d
		even += d * gamma[j]
		along += d * gamma[j] * z
	}
	n := T(len(x))
	even, along = (even+even2)/n, (along+along2)/n
	if !center {
		even = 0
	}
	for j, v := range x {
		dx[j] = scale * (dy[j]*gamma[j] - even - (v-mean)*scale*along)
	}
}
