package kernel

import (
	"fmt"
	"math"
	"testing"
)

// naiveLayerNorm follows the definition in float64.
func naiveLayerNorm(x, gamma, beta []float64, n int, eps float64, center bool) []float64 {
	y := make([]float64, len(x))
	for i := 0; i < len(x); i += n {
		var mean, squares float64
		if center {
			for _, v := range x[i : i+n] {
				mean += v / float64(n)
			}
		}
		for _, v := range x[i : i+n] {
			squares += (v - mean) * (v - mean) / float64(n)
		}
		for j, v := range x[i : i+n] {
			y[i+j] = (v-mean)/math.Sqrt(squares+eps)*gamma[j] + beta[j]
		}
	}
	return y
}

func TestLayerNorm(t *testing.T) { everyPath(t, testLayerNorm[float32], testLayerNorm[float64]) }

func TestLayerNormGrad(t *testing.T) { everyPath(t, testLayerNorm[float32], testLayerNorm[float64]) }

func testLayerNorm[T Float](t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 7, 32, 33} {
		for _, center := range []bool{true, false} {
			const m, eps = 5, 0.1
			at := fmt.Sprint(n, center)
			x, gamma, beta, dy := normalSlice[T](m*n, 1), normalSlice[T](n, 2), normalSlice[T](n, 3), normalSlice[T](m*n, 4)
			y, dx, dgamma, dbeta := make([]T, m*n), make([]T, m*n), make([]T, n), normalSlice[T](n, 5)
			LayerNorm(y, x, gamma, beta, m, n, eps, center)
			tol := tolerance[T](64)
			near(t, naiveLayerNorm(as64(x), as64(gamma), as64(beta), n, eps, center), y, tol, at)

			LayerNormGrad(dx, dgamma, dbeta, x, gamma, dy, m, n, eps, center)
			tol = max(4*tol, 1e-7)
			by := func(x, gamma, beta []float64) []float64 { return naiveLayerNorm(x, gamma, beta, n, eps, center) }
			near(t, gradientOf(as64(x), as64(dy), func(x []float64) []float64 { return by(x, as64(gamma), as64(beta)) }), dx, tol, at+": x")
			near(t, gradientOf(as64(gamma), as64(dy), func(g []float64) []float64 { return by(as64(x), g, as64(beta)) }), dgamma, tol, at+": gamma")
			near(t, gradientOf(as64(beta), as64(dy), func(b []float64) []float64 { return by(as64(x), as64(gamma), b) }), dbeta, tol, at+": beta")
		}
	}
}

func TestLayerNormParallel(t *testing.T) {
	const m, n = 6000, 37
	x, gamma, beta, dy := normalSlice[float32](m*n, 1), normalSlice[float32](n, 2), normalSlice[float32](n, 3), normalSlice[float32](m*n, 4)
	y, dx, dgamma, dbeta := make([]float32, m*n), make([]float32, m*n), make([]float32, n), make([]float32, n)
	all := func() {
		LayerNorm(y, x, gamma, beta, m, n, 1e-3, true)
		LayerNormGrad(dx, dgamma, dbeta, x, gamma, dy, m, n, 1e-3, true)
	}
	sameBits(t, func() [][]float32 {
		all()
		return [][]float32{append([]float32(nil), y...), append([]float32(nil), dx...), append([]float32(nil), dgamma...), append([]float32(nil), dbeta...)}
	})
	noAllocations(t, all)
}
