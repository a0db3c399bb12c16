package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestClip(t *testing.T) { everyPath(t, testClip[float32], testClip[float64]) }

func testClip[T Float](t *testing.T) {
	for _, n := range sizes {
		x := normalSlice[T](n, 1)
		want := make([]float64, n)
		for i := range x {
			if i == 3 {
				x[i] = T(math.NaN())
				want[i] = math.NaN()
				continue
			}
			want[i] = math.Min(math.Max(float64(x[i]), -0.5), 0.75)
		}
		y := make([]T, n)
		Clip(y, x, -0.5, 0.75)
		near(t, want, y, 0, fmt.Sprint(n))
	}
}

func TestCompareZip(t *testing.T) {
	testCompare[float32](t, func(i int) float32 { return float32(i % 5) })
	testCompare[float64](t, func(i int) float64 { return float64(i % 5) })
	testCompare[int32](t, func(i int) int32 { return int32(i % 5) })
	nan := []float64{math.NaN()}
	for op, want := range map[Compare]bool{Equal: false, NotEqual: true, Less: false, GreaterEqual: false} {
		z := []bool{!want}
		CompareZip(op, z, nan, nan)
		assert.Equal(t, want, z[0], op)
	}
}

func testCompare[T Float | int32](t *testing.T, number func(int) T) {
	x, y := make([]T, 33), make([]T, 33)
	for i := range x {
		x[i], y[i] = number(i), number(i*i+2)
	}
	for op, f := range map[Compare]func(x, y T) bool{
		Equal:        func(x, y T) bool { return !(x < y) && !(y < x) },
		NotEqual:     func(x, y T) bool { return x < y || y < x },
		Less:         func(x, y T) bool { return y > x },
		LessEqual:    func(x, y T) bool { return !(x > y) },
		Greater:      func(x, y T) bool { return y < x },
		GreaterEqual: func(x, y T) bool { return !(x < y) },
	} {
		z := make([]bool, len(x))
		CompareZip(op, z, x, y)
		for i := range z {
			require.Equal(t, f(x[i], y[i]), z[i], "%d: %v %v", op, x[i], y[i])
		}
	}
}

func TestWhere(t *testing.T) {
	testWhere(t, []float32{1, 2, 3}, []float32{4, 5, 6}, []float32{1, 5, 3})
	testWhere(t, []float64{1, 2, 3}, []float64{4, 5, 6}, []float64{1, 5, 3})
	testWhere(t, []int32{1, 2, 3}, []int32{4, 5, 6}, []int32{1, 5, 3})
}

func testWhere[T Float | int32](t *testing.T, x, y, want []T) {
	z := make([]T, 3)
	Where(z, []bool{true, false, true}, x, y)
	assert.Equal(t, want, z)
	Where(y, []bool{true, false, true}, x, y)
	assert.Equal(t, want, y, "in place")
}
