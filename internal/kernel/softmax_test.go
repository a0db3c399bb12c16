package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// naiveSoftmax works in float64, without looking for the largest element.
func naiveSoftmax(x []float64, n int) []float64 {
	y := make([]float64, len(x))
	for i := 0; i < len(x); i += n {
		var sum float64
		for _, v := range x[i : i+n] {
			sum += math.Exp(v)
		}
		for j, v := range x[i : i+n] {
			y[i+j] = math.Exp(v) / sum
		}
	}
	return y
}

func TestSoftmax(t *testing.T) { everyPath(t, testSoftmax[float32], testSoftmax[float64]) }

func testSoftmax[T Float](t *testing.T) {
	for _, n := range sizes[1:] {
		const rows = 3
		x := uniformSlice[T](rows*n, 1, -9, 9)
		y := make([]T, rows*n+1)
		Softmax(y[:rows*n], x, rows, n)
		for i, w := range naiveSoftmax(as64(x), n) {
			require.InEpsilon(t, w, y[i], tolerance[T](64), "%d [%d]", n, i)
		}
		assert.Zero(t, y[rows*n], "beyond the end")
		inPlace := append([]T(nil), x...)
		Softmax(inPlace, inPlace, rows, n)
		assert.Equal(t, y[:rows*n], inPlace)
	}
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct{ x, y []float64 }{ // jax.nn.softmax
		{[]float64{-inf, -inf}, []float64{nan, nan}},
		{[]float64{0, -inf, 0}, []float64{0.5, 0, 0.5}},
		{[]float64{1000, 1000}, []float64{0.5, 0.5}},
		{[]float64{nan, 1}, []float64{nan, nan}},
		{[]float64{1, nan, 3}, []float64{nan, nan, nan}},
		{[]float64{inf, 1}, []float64{nan, 0}},
	} {
		x, y := make([]T, len(c.x)), make([]T, len(c.x))
		for i, v := range c.x {
			x[i] = T(v)
		}
		if c.x[0] == inf {
			c.y[1] = nan // exp(-Inf)/NaN
		}
		Softmax(y, x, 1, len(x))
		near(t, c.y, y, 0, fmt.Sprint(c.x))
	}
	Softmax[T](nil, nil, 0, 4)
}

// gradientOf differentiates Σ dy·f(x) by finite differences in float64.
func gradientOf(x, dy []float64, f func(x []float64) []float64) []float64 {
	const h = 1e-6
	g := make([]float64, len(x))
	for i, old := range x {
		x[i] = old + h
		up := f(x)
		x[i] = old - h
		down := f(x)
		x[i] = old
		for k, d := range dy {
			g[i] += d * (up[k] - down[k]) / (2 * h)
		}
	}
	return g
}

func TestSoftmaxGrad(t *testing.T) {
	everyPath(t, testSoftmaxGrads[float32], testSoftmaxGrads[float64])
}

func TestLogSoftmax(t *testing.T) { everyPath(t, testSoftmaxGrads[float32], testSoftmaxGrads[float64]) }

func TestLogSoftmaxGrad(t *testing.T) {
	everyPath(t, testSoftmaxGrads[float32], testSoftmaxGrads[float64])
}

func testSoftmaxGrads[T Float](t *testing.T) {
	for _, n := range []int{1, 2, 7, 16, 17, 33} {
		const rows = 2
		at := fmt.Sprint(n)
		x, dy := normalSlice[T](rows*n, 1), normalSlice[T](rows*n, 2)
		y, dx := make([]T, rows*n), make([]T, rows*n)
		tol := max(tolerance[T](64), 1e-7)
		Softmax(y, x, rows, n)
		SoftmaxGrad(dx, y, dy, rows, n)
		near(t, gradientOf(as64(x), as64(dy), func(x []float64) []float64 { return naiveSoftmax(x, n) }), dx, tol, at)

		naive := func(x []float64) []float64 {
			y := naiveSoftmax(x, n)
			for i, v := range y {
				y[i] = math.Log(v)
			}
			return y
		}
		LogSoftmax(y, x, rows, n)
		near(t, naive(as64(x)), y, tol, at)
		LogSoftmaxGrad(dx, y, dy, rows, n)
		near(t, gradientOf(as64(x), as64(dy), naive), dx, tol, at)
		LogSoftmaxGrad(dy, y, dy, rows, n)
		assert.Equal(t, dx, dy, "in place")
	}
	y := make([]T, 3)
	LogSoftmax(y, []T{1, T(math.Inf(-1)), 2}, 1, 3)
	near(t, []float64{-1.3132616875182228, math.Inf(-1), -0.31326168751822286}, y, tolerance[T](8), "jax.nn.log_softmax")
}

func TestSoftmaxParallel(t *testing.T) {
	const rows, n = 3000, 37
	x, dy := normalSlice[float32](rows*n, 1), normalSlice[float32](rows*n, 2)
	y, z := make([]float32, rows*n), make([]float32, rows*n)
	all := func() {
		Softmax(y, x, rows, n)
		SoftmaxGrad(y, y, dy, rows, n)
		LogSoftmax(z, x, rows, n)
		LogSoftmaxGrad(z, z, dy, rows, n)
	}
	sameBits(t, func() [][]float32 {
		all()
		return [][]float32{append([]float32(nil), y...), append([]float32(nil), z...)}
	})
	noAllocations(t, all)
}

// naiveCrossEntropy is -Σ target·log softmax(x) for each row.
func naiveCrossEntropy(x, target []float64, n int) []float64 {
	loss := make([]float64, len(x)/n)
	for i, p := range naiveSoftmax(x, n) {
		if target[i] != 0 {
			loss[i/n] -= target[i] * math.Log(p)
		}
	}
	return loss
}

func TestSparseSoftmaxCrossEntropy(t *testing.T) {
	everyPath(t, testSparseCrossEntropy[float32], testSparseCrossEntropy[float64])
}

func TestSparseSoftmaxCrossEntropyGrad(t *testing.T) {
	everyPath(t, testSparseCrossEntropy[float32], testSparseCrossEntropy[float64])
}

func testSparseCrossEntropy[T Float](t *testing.T) {
	tol := max(tolerance[T](64), 1e-7)
	for _, n := range []int{1, 2, 10, 33} {
		const rows = 4
		at := fmt.Sprint(n)
		x, dloss := uniformSlice[T](rows*n, 1, -6, 6), normalSlice[T](rows, 2)
		label, target := make([]int32, rows), make([]float64, rows*n)
		for i := range label {
			label[i] = int32(i * 7 % n)
			target[i*n+int(label[i])] = 1
		}
		loss, prob, dx := make([]T, rows), make([]T, rows*n), make([]T, rows*n)
		require.Equal(t, -1, SparseSoftmaxCrossEntropy(loss, prob, x, label, rows, n))
		near(t, naiveCrossEntropy(as64(x), target, n), loss, tol, at)
		near(t, naiveSoftmax(as64(x), n), prob, tol, at)
		SparseSoftmaxCrossEntropyGrad(dx, prob, label, dloss, rows, n)
		want := gradientOf(as64(x), as64(dloss), func(x []float64) []float64 { return naiveCrossEntropy(x, target, n) })
		near(t, want, dx, tol, at)
		SparseSoftmaxCrossEntropyGrad(prob, prob, label, dloss, rows, n)
		assert.Equal(t, dx, prob, "in place")
	}
	loss, prob := []T{7, 7}, []T{7, 7, 7, 7}
	for _, c := range []struct {
		label []int32
		bad   int
	}{{[]int32{0, 2}, 1}, {[]int32{-1, 5}, 0}} {
		assert.Equal(t, c.bad, SparseSoftmaxCrossEntropy(loss, prob, []T{1, 2, 3, 4}, c.label, 2, 2))
		assert.Equal(t, []T{7, 7}, loss, "nothing is written")
		assert.Equal(t, []T{7, 7, 7, 7}, prob, "nothing is written")
	}
	// Confident rows keep their digits: log(1 + exp(-20)), and 200 where the probability has vanished.
	SparseSoftmaxCrossEntropy(loss, prob, []T{20, 0, 200, 0}, []int32{0, 1}, 2, 2)
	assert.InEpsilon(t, math.Log1p(math.Exp(-20)), float64(loss[0]), tolerance[T](16))
	assert.InEpsilon(t, 200, float64(loss[1]), tolerance[T](16))
}

func TestSoftmaxCrossEntropy(t *testing.T) {
	everyPath(t, testCrossEntropy[float32], testCrossEntropy[float64])
}

func TestSoftmaxCrossEntropyGrad(t *testing.T) {
	everyPath(t, testCrossEntropy[float32], testCrossEntropy[float64])
}

func testCrossEntropy[T Float](t *testing.T) {
	tol := max(tolerance[T](128), 1e-7)
	for _, n := range []int{1, 2, 10, 33} {
		const rows = 4
		at := fmt.Sprint(n)
		x, dloss, target := uniformSlice[T](rows*n, 1, -6, 6), normalSlice[T](rows, 2), uniformSlice[T](rows*n, 3, 0, 1)
		target[0] = 0
		loss, prob, dx := make([]T, rows), make([]T, rows*n), make([]T, rows*n)
		SoftmaxCrossEntropy(loss, prob, x, target, rows, n)
		near(t, naiveCrossEntropy(as64(x), as64(target), n), loss, tol, at)
		SoftmaxCrossEntropyGrad(dx, prob, target, dloss, rows, n)
		want := gradientOf(as64(x), as64(dloss), func(x []float64) []float64 { return naiveCrossEntropy(x, as64(target), n) })
		near(t, want, dx, tol, at)
		SoftmaxCrossEntropyGrad(prob, prob, target, dloss, rows, n)
		assert.Equal(t, dx, prob, "in place")
	}
}

func TestSigmoidCrossEntropy(t *testing.T) {
	everyPath(t, testSigmoidCrossEntropy[float32], testSigmoidCrossEntropy[float64])
}

func TestSigmoidCrossEntropyGrad(t *testing.T) {
	everyPath(t, testSigmoidCrossEntropy[float32], testSigmoidCrossEntropy[float64])
}

func testSigmoidCrossEntropy[T Float](t *testing.T) {
	for _, n := range sizes {
		x, target, dloss := uniformSlice[T](n, 1, -8, 8), uniformSlice[T](n, 2, 0, 1), normalSlice[T](n, 3)
		f := func(x, t float64) float64 {
			p := 1 / (1 + math.Exp(-x))
			return -t*math.Log(p) - (1-t)*math.Log1p(-p)
		}
		want, slope := make([]float64, n), make([]float64, n)
		for i := range want {
			v, y := float64(x[i]), float64(target[i])
			want[i] = f(v, y)
			slope[i] = float64(dloss[i]) * (f(v+1e-5, y) - f(v-1e-5, y)) / 2e-5
		}
		loss, dx := make([]T, n), make([]T, n)
		SigmoidCrossEntropy(loss, x, target)
		near(t, want, loss, max(tolerance[T](16), 1e-10), fmt.Sprint(n))
		SigmoidCrossEntropyGrad(dx, x, target, dloss)
		near(t, slope, dx, max(tolerance[T](16), 1e-7), fmt.Sprint(n))
	}
	loss := make([]T, 3)
	SigmoidCrossEntropy(loss, []T{200, -200, 0}, []T{0, 1, 0.5})
	near(t, []float64{200, 200, math.Ln2}, loss, tolerance[T](4), "large logits")
}
