package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// naiveBatchNorm returns y, mean and variance in float64.
func naiveBatchNorm(x, gamma, beta []float64, c int, eps float64) (y, mean, variance []float64) {
	m := float64(len(x) / c)
	y, mean, variance = make([]float64, len(x)), make([]float64, c), make([]float64, c)
	for i, v := range x {
		mean[i%c] += v / m
	}
	for i, v := range x {
		variance[i%c] += math.Pow(v-mean[i%c], 2) / m
	}
	for i, v := range x {
		y[i] = (v-mean[i%c])/math.Sqrt(variance[i%c]+eps)*gamma[i%c] + beta[i%c]
	}
	return y, mean, variance
}

func TestBatchNormTrain(t *testing.T) { everyPath(t, testBatchNorm[float32], testBatchNorm[float64]) }

func TestBatchNormInfer(t *testing.T) { everyPath(t, testBatchNorm[float32], testBatchNorm[float64]) }

func TestBatchNormTrainGrad(t *testing.T) {
	everyPath(t, testBatchNorm[float32], testBatchNorm[float64])
}

func testBatchNorm[T Float](t *testing.T) {
	t.Helper()
	for _, c := range sizes[1:8] {
		for _, m := range []int{2, 9, 700} {
			checkBatchNorm[T](t, m, c)
		}
	}
	checkBatchNorm[T](t, 3, 1000)
}

func checkBatchNorm[T Float](t *testing.T, m, c int) {
	t.Helper()
	const eps = 1e-3
	at := fmt.Sprint(m, c)
	x, dy := normalSlice[T](m*c, 1), normalSlice[T](m*c, 2)
	for i := range x {
		x[i] = x[i]*1.5 + T(i%c)/4
	}
	gamma, beta := uniformSlice[T](c, 3, 0.5, 2), normalSlice[T](c, 4)
	y, mean, variance := make([]T, m*c), make([]T, c), make([]T, c)
	wantY, wantMean, wantVariance := naiveBatchNorm(as64(x), as64(gamma), as64(beta), c, eps)
	tol := tolerance[T](64 + math.Sqrt(float64(m)))
	BatchNormTrain(y, mean, variance, x, gamma, beta, m, c, eps, Linear)
	near(t, wantMean, mean, tol, at+" mean")
	near(t, wantVariance, variance, tol, at+" variance")
	scale := 1.0 + float64(c)/4
	near(t, wantY, y, tol*scale, at+" y")
	for _, a := range []Activation{ReLU, Sigmoid, Tanh} {
		got := make([]T, m*c)
		BatchNormInfer(got, x, gamma, beta, mean, variance, m, c, eps, a)
		want := append([]T(nil), y...)
		ActivationApply(a, want)
		near(t, as64(want), got, tolerance[T](8), at)
	}
	if m <= 9 {
		checkBatchNormGrad(t, x, dy, mean, variance, gamma, beta, m, c, tol*scale)
	}

	ones, zeros := make([]T, c), make([]T, c)
	for i := range ones {
		ones[i] = 1
	}
	BatchNormInfer(y, x, nil, nil, mean, variance, m, c, eps, Linear)
	got := make([]T, m*c)
	BatchNormInfer(got, x, ones, zeros, mean, variance, m, c, eps, Linear)
	assert.Equal(t, got, y, "nil gamma and beta")
}

func checkBatchNormGrad[T Float](t *testing.T, x, dy, mean, variance, gamma, beta []T, m, c int, tol float64) {
	t.Helper()
	const eps = 1e-3
	at := fmt.Sprint(m, c)
	f := func(x, gamma, beta []float64) []float64 { y, _, _ := naiveBatchNorm(x, gamma, beta, c, eps); return y }
	dx, dgamma, dbeta := make([]T, m*c), make([]T, c), make([]T, c)
	BatchNormTrainGrad(dx, dgamma, dbeta, x, mean, variance, gamma, dy, m, c, eps)
	xs, gs, bs, ds := as64(x), as64(gamma), as64(beta), as64(dy)
	tol = max(tol*8, 1e-7)
	if m*c < 200 {
		near(t, gradientOf(xs, ds, func(x []float64) []float64 { return f(x, gs, bs) }), dx, tol, at+" dx")
	}
	if c < 100 {
		near(t, gradientOf(gs, ds, func(g []float64) []float64 { return f(xs, g, bs) }), dgamma, tol, at+" dgamma")
		near(t, gradientOf(bs, ds, func(b []float64) []float64 { return f(xs, gs, b) }), dbeta, tol, at+" dbeta")
	}
	inPlace := append([]T(nil), dy...)
	BatchNormTrainGrad(inPlace, nil, nil, x, mean, variance, gamma, inPlace, m, c, eps)
	assert.Equal(t, dx, inPlace, "in place, without dgamma and dbeta")
}

// A large mean does not spoil the variance: the one-pass formula would give garbage.
func TestBatchNormTrainLargeMean(t *testing.T) {
	everyPath(t, func(t *testing.T) {
		x := normalSlice[float32](4000, 1)
		for i := range x {
			x[i] = x[i]*0.125 + 4096
		}
		_, _, want := naiveBatchNorm(as64(x), []float64{1, 1}, []float64{0, 0}, 2, 0)
		y, mean, variance := make([]float32, 4000), make([]float32, 2), make([]float32, 2)
		BatchNormTrain(y, mean, variance, x, nil, nil, 2000, 2, 0, Linear)
		assert.InEpsilon(t, want[0], variance[0], 1e-3)
		assert.InEpsilon(t, want[1], variance[1], 1e-3)
	}, func(t *testing.T) {})
}

func TestBatchNormParallel(t *testing.T) {
	const m, c = 5000, 37
	x, dy := normalSlice[float32](m*c, 1), normalSlice[float32](m*c, 2)
	y, dx, mean, variance, dg, db := make([]float32, m*c), make([]float32, m*c), make([]float32, c), make([]float32, c), make([]float32, c), make([]float32, c)
	all := func() {
		BatchNormTrain(y, mean, variance, x, dg, db, m, c, 1e-3, ReLU)
		BatchNormTrainGrad(dx, dg, db, x, mean, variance, nil, dy, m, c, 1e-3)
	}
	sameBits(t, func() [][]float32 {
		clear(dg)
		clear(db)
		all()
		var r [][]float32
		for _, s := range [][]float32{y, dx, mean, variance, dg, db} {
			r = append(r, append([]float32(nil), s...))
		}
		return r
	})
	noAllocations(t, all)
}
