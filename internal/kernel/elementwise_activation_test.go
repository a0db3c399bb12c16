package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestActivationApply(t *testing.T) {
	everyPath(t, testActivations[float32], testActivations[float64])
}

func TestActivationGrad(t *testing.T) {
	everyPath(t, testActivations[float32], testActivations[float64])
}

var activationOps = map[Activation]Unary{ReLU: ReluOp, Sigmoid: SigmoidOp, Tanh: TanhOp}

func testActivations[T Float](t *testing.T) {
	for _, a := range []Activation{Linear, ReLU, Sigmoid, Tanh} {
		for _, n := range sizes {
			x, dy := normalSlice[T](n, 1), normalSlice[T](n, 2)
			f := func(x float64) float64 {
				if a == Linear {
					return x
				}
				return naiveUnary(activationOps[a], x)
			}
			want, slope := make([]float64, n), make([]float64, n)
			for i, v := range as64(x) {
				want[i] = f(v)
				slope[i] = float64(dy[i]) * (f(v+1e-6) - f(v-1e-6)) / 2e-6
			}
			ActivationApply(a, x)
			near(t, want, x, tolerance[T](16), fmt.Sprint(a, n))
			dz := make([]T, n)
			ActivationGrad(a, dz, x, dy)
			near(t, slope, dz, max(tolerance[T](16), 1e-8), fmt.Sprint(a, n))
			ActivationGrad(a, dy, x, dy)
			assert.Equal(t, dz, dy, "in place")
		}
	}
}

func TestActivationGradBias(t *testing.T) {
	everyPath(t, testActivationGradBias[float32], testActivationGradBias[float64])
}

func testActivationGradBias[T Float](t *testing.T) {
	for _, a := range []Activation{Linear, ReLU, Sigmoid, Tanh} {
		for _, n := range sizes[1:] {
			for _, m := range []int{0, 1, 5, 600} {
				y, dy := normalSlice[T](m*n, 1), normalSlice[T](m*n, 2)
				ActivationApply(a, y)
				want, got, db := make([]T, m*n), make([]T, m*n), normalSlice[T](n, 3)
				ActivationGrad(a, want, y, dy)
				sums, scale := make([]float64, n), 1.0
				for i, v := range want {
					sums[i%n] += float64(v)
				}
				ActivationGradBias(a, got, y, dy, db)
				require.Equal(t, want, got, "%d %d %d", a, m, n)
				near(t, sums, db, tolerance[T](16*scale*math.Sqrt(float64(m+1))), fmt.Sprint(a, m, n))
			}
		}
	}
}

func TestActivationGradBiasParallel(t *testing.T) {
	const m, n = 2000, 67
	y, dy, dz, db := normalSlice[float32](m*n, 1), normalSlice[float32](m*n, 2), make([]float32, m*n), make([]float32, n)
	sameBits(t, func() [][]float32 {
		dz, db := make([]float32, m*n), make([]float32, n)
		ActivationGradBias(Tanh, dz, y, dy, db)
		return [][]float32{dz, db}
	})
	noAllocations(t, func() { ActivationGradBias(Tanh, dz, y, dy, db) })
}
