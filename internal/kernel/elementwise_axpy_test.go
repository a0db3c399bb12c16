package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAxpy(t *testing.T)  { everyPath(t, testAxpyScale[float32], testAxpyScale[float64]) }
func TestScale(t *testing.T) { everyPath(t, testAxpyScale[float32], testAxpyScale[float64]) }

func testAxpyScale[T Float](t *testing.T) {
	for _, n := range sizes {
		x, y := normalSlice[T](n, 1), normalSlice[T](n, 2)
		sum, scaled := make([]float64, n), make([]float64, n)
		for i := range x {
			sum[i] = float64(y[i]) + 0.3*float64(x[i])
			scaled[i] = -0.3 * float64(x[i])
		}
		Axpy(y, 0.3, x)
		near(t, sum, y, tolerance[T](4), fmt.Sprint(n))
		Scale(y, -0.3, x)
		near(t, scaled, y, tolerance[T](4), fmt.Sprint(n))
	}
}

func TestAddN(t *testing.T) { everyPath(t, testAddN[float32], testAddN[float64]) }

func testAddN[T Float](t *testing.T) {
	for _, n := range append([]int{5000}, sizes...) {
		xs := [][]T{normalSlice[T](n, 1), normalSlice[T](n, 2), normalSlice[T](n, 3), normalSlice[T](n, 4)}
		for count := range len(xs) + 1 {
			// Adding in order is part of the contract: the expectation is in T.
			want := make([]T, n)
			for i := range want {
				for k, x := range xs[:count] {
					if k == 0 {
						want[i] = x[i]
					} else {
						want[i] += x[i]
					}
				}
			}
			y := normalSlice[T](n, 9)
			AddN(y, xs[:count]...)
			assert.Equal(t, want, y, "%d of %d", count, n)
		}
		want := make([]T, n)
		for i := range want {
			want[i] = (xs[0][i] + xs[1][i]) + xs[2][i]
		}
		AddN(xs[0], xs[0], xs[1], xs[2])
		assert.Equal(t, want, xs[0], "in place")
	}
}

func TestHasNaN(t *testing.T) { everyPath(t, testHasNaN[float32], testHasNaN[float64]) }

func testHasNaN[T Float](t *testing.T) {
	for _, n := range sizes {
		x := normalSlice[T](n, 1)
		if n > 2 {
			x[1], x[2] = T(math.Inf(1)), T(math.Inf(-1))
		}
		require.False(t, HasNaN(x), n)
		for i := range x {
			old := x[i]
			x[i] = T(math.NaN())
			require.True(t, HasNaN(x), "%d of %d", i, n)
			x[i] = old
		}
		// What lies beyond the end is nobody's business.
		require.False(t, HasNaN(append(x, T(math.NaN()))[:n]))
	}
}
