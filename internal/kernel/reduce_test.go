package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var reductions = []Reduction{Sum, Mean, Max, Min, Prod}

// naiveReduce reduces the middle axis in float64.
func naiveReduce(r Reduction, x []float64, outer, n, inner int) []float64 {
	y := make([]float64, outer*inner)
	for o := range outer {
		for j := range inner {
			acc := map[Reduction]float64{Prod: 1, Max: math.Inf(-1), Min: math.Inf(1)}[r]
			for k := range n {
				v := x[(o*n+k)*inner+j]
				switch r {
				case Sum:
					acc += v
				case Mean:
					acc += v / float64(n)
				case Max:
					acc = math.Max(acc, v)
				case Min:
					acc = math.Min(acc, v)
				case Prod:
					acc *= v
				}
			}
			y[o*inner+j] = acc
		}
	}
	return y
}

// shapes are [outer, n, inner].
var shapes = [][3]int{{1, 1, 1}, {3, 7, 1}, {1, 1000, 1}, {2, 17, 5}, {1, 33, 16}, {4, 8, 33}, {1, 700, 130}, {5, 1, 15}, {0, 3, 2}, {3, 4, 0}, {1, 20000, 1}, {2, 300, 1}}

func TestReduce(t *testing.T) { everyPath(t, testReduce[float32], testReduce[float64]) }

func testReduce[T Float](t *testing.T) {
	for _, r := range reductions {
		for _, s := range shapes {
			outer, n, inner := s[0], s[1], s[2]
			x := uniformSlice[T](outer*n*inner, 1, -1.2, 1.3)
			if r == Prod && n > 50 {
				continue
			}
			y := make([]T, outer*inner)
			Reduce(r, y, x, outer, n, inner)
			near(t, naiveReduce(r, as64(x), outer, n, inner), y, tolerance[T](8+4*math.Sqrt(float64(n))), fmt.Sprint(r, s))
		}
		for _, n := range sizes[1:] {
			x, y := normalSlice[T](n, 2), make([]T, 1)
			Reduce(r, y, x, 1, n, 1)
			near(t, naiveReduce(r, as64(x), 1, n, 1), y, tolerance[T](200), fmt.Sprint(r, n))
			for _, i := range []int{0, n / 2, n - 1} {
				x[i] = T(math.NaN())
				Reduce(r, y, x, 1, n, 1)
				require.True(t, y[0] != y[0], "%d %d: NaN at %d", r, n, i)
				x[i] = 0.5
			}
		}
	}
	y := make([]T, 2)
	for r, want := range map[Reduction]float64{Sum: 0, Prod: 1, Mean: math.NaN(), Max: math.Inf(-1), Min: math.Inf(1)} {
		Reduce(r, y, nil, 2, 0, 1)
		near(t, []float64{want, want}, y, 0, "empty axis")
	}
}

// A long sum keeps its digits: a running float32 sum would be off by 1e-3.
func TestReduceLongSum(t *testing.T) {
	everyPath(t, func(t *testing.T) {
		x, y := make([]float32, 1<<22), make([]float32, 4)
		for i := range x {
			x[i] = 0.1
		}
		Reduce(Sum, y[:1], x, 1, len(x), 1)
		assert.InEpsilon(t, float64(len(x))*float64(float32(0.1)), y[0], 1e-6)
		Reduce(Mean, y, x, 1, len(x)/4, 4)
		assert.InEpsilon(t, float64(float32(0.1)), y[3], 1e-5)
	}, func(t *testing.T) {})
}

func TestReduceParallel(t *testing.T) {
	x := normalSlice[float32](400*999, 1)
	y := make([]float32, len(x))
	for _, s := range [][3]int{{400, 999, 1}, {1, 999, 400}, {20, 20, 999}, {1, 400 * 999, 1}} {
		all := func(y []float32) {
			k := s[0] * s[2]
			Reduce(Sum, y[:k], x, s[0], s[1], s[2])
			Reduce(Max, y[k:2*k], x, s[0], s[1], s[2])
		}
		sameBits(t, func() [][]float32 {
			y := make([]float32, 2*s[0]*s[2])
			all(y)
			return [][]float32{y}
		})
		noAllocations(t, func() { all(y) })
	}
}

func TestReduceGrad(t *testing.T) { everyPath(t, testReduceGrad[float32], testReduceGrad[float64]) }

func testReduceGrad[T Float](t *testing.T) {
	const h = 1e-6
	for _, r := range reductions {
		for _, s := range [][3]int{{1, 1, 1}, {3, 7, 1}, {2, 5, 4}, {1, 6, 3}} {
			outer, n, inner := s[0], s[1], s[2]
			x, dy, y := uniformSlice[T](outer*n*inner, 1, -1.5, 1.5), normalSlice[T](outer*inner, 2), make([]T, outer*inner)
			x[0] = 0
			Reduce(r, y, x, outer, n, inner)
			want, wide := make([]float64, len(x)), as64(x)
			for i := range want {
				old := wide[i]
				wide[i] = old + h
				up := naiveReduce(r, wide, outer, n, inner)
				wide[i] = old - h
				down := naiveReduce(r, wide, outer, n, inner)
				wide[i] = old
				for k, d := range dy {
					want[i] += float64(d) * (up[k] - down[k]) / (2 * h)
				}
			}
			dx := make([]T, len(x))
			ReduceGrad(r, dx, x, y, dy, outer, n, inner)
			near(t, want, dx, max(tolerance[T](64), 1e-8), fmt.Sprint(r, s))
		}
	}
	// jax.grad of max at [1, 3, 3, 2] is [0, .5, .5, 0], of prod at [1, 0, 3, 2] is [0, 6, 0, 0]; of max with a NaN all NaN.
	dx := make([]T, 4)
	ReduceGrad(Max, dx, []T{1, 3, 3, 2}, []T{3}, []T{1}, 1, 4, 1)
	assert.Equal(t, []T{0, 0.5, 0.5, 0}, dx)
	ReduceGrad(Prod, dx, []T{1, 0, 3, 2}, []T{0}, []T{1}, 1, 4, 1)
	assert.Equal(t, []T{0, 6, 0, 0}, dx)
	nan := T(math.NaN())
	ReduceGrad(Max, dx, []T{1, nan, 3, 2}, []T{nan}, []T{1}, 1, 4, 1)
	for _, v := range dx {
		assert.True(t, v != v)
	}
}

func TestArgReduce(t *testing.T) {
	testArgReduce[float32](t)
	testArgReduce[float64](t)
}

func testArgReduce[T Float](t *testing.T) {
	nan := T(math.NaN())
	for _, c := range []struct {
		x        []T
		max, min int32
	}{
		{[]T{1, 3, 3, 2}, 1, 0},
		{[]T{2, 2, 2}, 0, 0},
		{[]T{5}, 0, 0},
		{[]T{1, nan, 3, nan}, 1, 1},
		{[]T{nan, 1}, 0, 0},
		{[]T{T(math.Inf(-1)), T(math.Inf(-1))}, 0, 0},
	} {
		y := []int32{-1}
		ArgReduce(true, y, c.x, 1, len(c.x), 1)
		assert.Equal(t, c.max, y[0], "max of %v", c.x)
		ArgReduce(false, y, c.x, 1, len(c.x), 1)
		assert.Equal(t, c.min, y[0], "min of %v", c.x)
	}
	x := []T{0, 9, 4, 5, 2, 7, 8, 1, 3, 6, 0, 0} // [2, 3, 2]
	y := make([]int32, 4)
	ArgReduce(true, y, x, 2, 3, 2)
	assert.Equal(t, []int32{1, 0, 0, 1}, y)
}

func TestCumSum(t *testing.T) {
	testCumSum[float32](t)
	testCumSum[float64](t)
}

func testCumSum[T Float](t *testing.T) {
	x := []T{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12} // [2, 3, 2]
	y := make([]T, 12)
	CumSum(y, x, 2, 3, 2, false)
	assert.Equal(t, []T{1, 2, 4, 6, 9, 12, 7, 8, 16, 18, 27, 30}, y)
	CumSum(y, x, 2, 3, 2, true)
	assert.Equal(t, []T{9, 12, 8, 10, 5, 6, 27, 30, 20, 22, 11, 12}, y)
	CumSum(x, x, 1, 12, 1, false)
	assert.Equal(t, T(78), x[11], "in place")
	CumSum[T](nil, nil, 2, 0, 3, true)
}
