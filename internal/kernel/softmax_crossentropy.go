package kernel

import "math"

// SparseSoftmaxCrossEntropy computes loss[rows] = -log softmax(x)[label] and prob[rows, n] = softmax(x) from the logits
// x[rows, n]. If a label is outside [0, n) it returns the row of the first such label and writes nothing; otherwise -1.
func SparseSoftmaxCrossEntropy[T Float](loss, prob, x []T, label []int32, rows, n int) (bad int) {
	loss, x, label = loss[:rows], x[:rows*n], label[:rows]
	for i, l := range label {
		if l < 0 || int(l) >= n {
			return i
		}
	}
	Softmax(prob, x, rows, n)
	for i, l := range label {
		loss[i] = rowLogProbability(prob[i*n:(i+1)*n], x[i*n:(i+1)*n], int(l))
	}
	return -1
}

// rowLogProbability is -log p[at] for p = softmax(x): from the probability, near 1 from what is missing to 1, and where it is
// tiny from the logits, so that the result has all its digits.
func rowLogProbability[T Float](p, x []T, at int) T {
	switch q := p[at]; {
	case q >= 0.5:
		return T(-math.Log1p(-float64(sumOf(p[:at]) + sumOf(p[at+1:]))))
	case q > 1e-30:
		return T(-math.Log(float64(q)))
	}
	return logSumAbove(x, at)
}

func sumOf[T Float](x []T) T {
	if len(x) == 0 {
		return 0
	}
	if isFloat32[T]() {
		return T(sumRow(float32s(x)))
	}
	return reduceOne(Sum, x, 0, len(x), 1)
}

// logSumAbove is log Σ exp(x - x[at]), to full precision.
func logSumAbove[T Float](x []T, at int) T {
	top := rowMax(x)
	var rest float64 // Σ without the largest element, whose term is 1
	seen := false
	for _, v := range x {
		if v == top && !seen {
			seen = true
			continue
		}
		rest += float64(expOf(v - top))
	}
	return T(math.Log1p(rest) + (float64(top) - float64(x[at])))
}

// SparseSoftmaxCrossEntropyGrad computes dx[rows, n] = (prob - onehot(label))·dloss; dx may be prob. The labels are in range.
func SparseSoftmaxCrossEntropyGrad[T Float](dx, prob []T, label []int32, dloss []T, rows, n int) {
	dx, prob, label, dloss = dx[:rows*n], prob[:rows*n], label[:rows], dloss[:rows]
	for i, l := range label {
		// The label's element is prob - 1 first: near 1 that is exact, prob·dloss - dloss is not.
		row, at := prob[i*n:(i+1)*n], int(l)
		hit := (row[at] - 1) * dloss[i]
		if isFloat32[T]() {
			zipScalarBlock(Multiply, float32s(dx[i*n:(i+1)*n]), float32s(row), float32(dloss[i]), false)
		} else {
			zipScalarLoop(Multiply, dx[i*n:(i+1)*n], row, dloss[i], false)
		}
		dx[i*n+at] = hit
	}
}

// SoftmaxCrossEntropy computes loss[rows] = -Σ target·log softmax(x) and prob[rows, n] = softmax(x) from the logits x[rows, n].
// A row of targets need not sum to 1.
func SoftmaxCrossEntropy[T Float](loss, prob, x, target []T, rows, n int) {
	loss, x, target = loss[:rows], x[:rows*n], target[:rows*n]
	Softmax(prob, x, rows, n)
	for i := range loss {
		xr, tr := x[i*n:(i+1)*n], target[i*n:(i+1)*n]
		var dot, sum, top float64
		at := 0
		for j, v := range xr {
			if v > xr[at] {
				at = j
			}
		}
		top = float64(xr[at])
		for j, t := range tr {
			if t != 0 {
				dot += float64(t) * (top - float64(xr[j]))
				sum += float64(t)
			}
		}
		loss[i] = T(dot + sum*float64(rowLogProbability(prob[i*n:(i+1)*n], xr, at)))
	}
}

// SoftmaxCrossEntropyGrad computes dx[rows, n] = (prob·Σ target - target)·dloss; dx may be prob.
func SoftmaxCrossEntropyGrad[T Float](dx, prob, target, dloss []T, rows, n int) {
	dx, prob, target, dloss = dx[:rows*n], prob[:rows*n], target[:rows*n], dloss[:rows]
	for i, d := range dloss {
		dr, pr, tr := dx[i*n:(i+1)*n], prob[i*n:(i+1)*n], target[i*n:(i+1)*n]
		var sum T
		for _, t := range tr {
			sum += t
		}
		for j, p := range pr {
			dr[j] = (p*sum - tr[j]) * d
		}
	}
}
