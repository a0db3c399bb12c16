package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// poolCases hold whole, overlapping, padded, skipping and one-sided windows, and channels around the vector widths.
var poolCases = []Pool2D{
	{N: 2, H: 4, W: 6, C: 3, KH: 2, KW: 2, SH: 2, SW: 2, OH: 2, OW: 3},
	{N: 1, H: 5, W: 5, C: 16, KH: 2, KW: 2, SH: 2, SW: 2, OH: 2, OW: 2},
	{N: 2, H: 5, W: 7, C: 17, KH: 3, KW: 3, SH: 2, SW: 2, Top: 1, Left: 1, OH: 3, OW: 4},
	{N: 1, H: 6, W: 6, C: 8, KH: 3, KW: 2, SH: 1, SW: 1, Top: 1, OH: 6, OW: 6},
	{N: 3, H: 1, W: 9, C: 33, KH: 1, KW: 3, SH: 1, SW: 2, Left: 1, OH: 1, OW: 5},
	{N: 1, H: 7, W: 3, C: 1, KH: 5, KW: 5, SH: 2, SW: 2, Top: 2, Left: 2, OH: 4, OW: 2},
	{N: 1, H: 3, W: 3, C: 2, KH: 2, KW: 2, SH: 3, SW: 3, OH: 1, OW: 1},
	{N: 1, H: 2, W: 2, C: 7, KH: 4, KW: 4, SH: 1, SW: 1, Top: 1, Left: 1, OH: 1, OW: 1},
	{N: 9, H: 12, W: 12, C: 64, KH: 2, KW: 2, SH: 2, SW: 2, OH: 6, OW: 6},
	{N: 2, H: 1, W: 7, C: 17, OH: 1, OW: 3, Adaptive: true},
	{N: 2, H: 5, W: 3, C: 5, OH: 3, OW: 4, Adaptive: true},
	{N: 1, H: 6, W: 8, C: 16, OH: 3, OW: 2, Adaptive: true},
	{N: 1, H: 4, W: 1, C: 300, OH: 1, OW: 1, Adaptive: true},
}

// taps are the elements of an axis that a window sees, by the definition.
func taps(adaptive bool, out, windows, stride, before, window, size int) []int {
	lo, hi := out*stride-before, out*stride-before+window
	if adaptive {
		lo, hi = int(math.Floor(float64(out*size)/float64(windows))), int(math.Ceil(float64((out+1)*size)/float64(windows)))
	}
	var at []int
	for i := max(lo, 0); i < min(hi, size); i++ {
		at = append(at, i)
	}
	return at
}

// eachTap visits the elements of x under every window, with the indices of the output's and of x's elements and the place.
func eachTap(p Pool2D, visit func(out, in, place int)) {
	for n := range p.N {
		for oh := range p.OH {
			for ow := range p.OW {
				for _, h := range taps(p.Adaptive, oh, p.OH, p.SH, p.Top, p.KH, p.H) {
					for _, w := range taps(p.Adaptive, ow, p.OW, p.SW, p.Left, p.KW, p.W) {
						for c := range p.C {
							visit(((n*p.OH+oh)*p.OW+ow)*p.C+c, ((n*p.H+h)*p.W+w)*p.C+c, h*p.W+w)
						}
					}
				}
			}
		}
	}
}

func TestMaxPool2D(t *testing.T)     { everyPath(t, testMaxPool[float32], testMaxPool[float64]) }
func TestMaxPool2DGrad(t *testing.T) { everyPath(t, testMaxPool[float32], testMaxPool[float64]) }

func testMaxPool[T Float](t *testing.T) {
	for _, p := range poolCases {
		x, dy := normalSlice[T](p.N*p.H*p.W*p.C, 1), normalSlice[T](p.N*p.OH*p.OW*p.C, 2)
		for i := range x {
			x[i] = T(math.Round(float64(x[i]) * 2)) // makes equals
		}
		x[0] = T(math.Inf(-1))
		want, places := make([]float64, len(dy)), make([]int32, len(dy))
		for i := range want {
			want[i], places[i] = math.Inf(-1), -1
		}
		source := make([]int, len(dy))
		eachTap(p, func(out, in, place int) {
			if v := float64(x[in]); v > want[out] || places[out] < 0 {
				want[out], places[out], source[out] = v, int32(place), in
			}
		})
		y, arg := make([]T, len(dy)), make([]int32, len(dy))
		MaxPool2D(p, y, arg, x)
		near(t, want, y, 0, fmt.Sprint(p))
		require.Equal(t, places, arg, "%v", p)
		clear(y)
		MaxPool2D(p, y, nil, x)
		near(t, want, y, 0, fmt.Sprint(p))

		wantDx, dx := make([]float64, len(x)), normalSlice[T](len(x), 3)
		for i, d := range dy {
			wantDx[source[i]] += float64(d)
		}
		MaxPool2DGrad(p, dx, arg, dy)
		near(t, wantDx, dx, tolerance[T](32), fmt.Sprint(p))

		for i := range x {
			if i%5 == 0 {
				x[i] = T(math.NaN())
			}
		}
		nan := make([]bool, len(dy))
		eachTap(p, func(out, in, _ int) { nan[out] = nan[out] || x[in] != x[in] })
		MaxPool2D(p, y, arg, x)
		for i, v := range y {
			require.Equal(t, nan[i], v != v, "%v: NaN wins [%d]", p, i)
		}
	}
}

// A window that sees padding only.
func TestMaxPool2DOutside(t *testing.T) {
	everyPath(t, testMaxPoolOutside[float32], testMaxPoolOutside[float64])
}

func testMaxPoolOutside[T Float](t *testing.T) {
	p := Pool2D{N: 1, H: 1, W: 1, C: 1, KH: 1, KW: 1, SH: 1, SW: 1, OH: 1, OW: 2}
	y, arg, dx := make([]T, 2), make([]int32, 2), make([]T, 1)
	MaxPool2D(p, y, arg, []T{3})
	near(t, []float64{3, math.Inf(-1)}, y, 0, "")
	assert.Equal(t, []int32{0, -1}, arg)
	MaxPool2DGrad(p, dx, arg, []T{5, 7})
	assert.Equal(t, []T{5}, dx)
}

func TestAveragePool2D(t *testing.T) {
	everyPath(t, testAveragePool[float32], testAveragePool[float64])
}

func TestAveragePool2DGrad(t *testing.T) {
	everyPath(t, testAveragePool[float32], testAveragePool[float64])
}

func testAveragePool[T Float](t *testing.T) {
	for _, p := range poolCases {
		x, dy := normalSlice[T](p.N*p.H*p.W*p.C, 1), normalSlice[T](p.N*p.OH*p.OW*p.C, 2)
		count, want, wantDx := make([]float64, len(dy)), make([]float64, len(dy)), make([]float64, len(x))
		eachTap(p, func(out, _, _ int) { count[out]++ })
		eachTap(p, func(out, in, _ int) {
			want[out] += float64(x[in]) / count[out]
			wantDx[in] += float64(dy[out]) / count[out]
		})
		y, dx := normalSlice[T](len(dy), 3), normalSlice[T](len(x), 4)
		AveragePool2D(p, y, x)
		near(t, want, y, tolerance[T](32), fmt.Sprint(p))
		AveragePool2DGrad(p, dx, dy)
		near(t, wantDx, dx, tolerance[T](32), fmt.Sprint(p))
	}
}

func TestPool2DParallel(t *testing.T) {
	p := Pool2D{N: 40, H: 12, W: 12, C: 33, KH: 3, KW: 3, SH: 2, SW: 2, Top: 1, OH: 6, OW: 5}
	x, dy := normalSlice[float32](p.N*p.H*p.W*p.C, 1), normalSlice[float32](p.N*p.OH*p.OW*p.C, 2)
	y, z, arg := make([]float32, len(dy)), make([]float32, len(dy)), make([]int32, len(dy))
	dx, dz := make([]float32, len(x)), make([]float32, len(x))
	all := func() {
		MaxPool2D(p, y, arg, x)
		MaxPool2DGrad(p, dx, arg, dy)
		AveragePool2D(p, z, x)
		AveragePool2DGrad(p, dz, dy)
	}
	sameBits(t, func() [][]float32 {
		all()
		var r [][]float32
		for _, s := range [][]float32{y, z, dx, dz} {
			r = append(r, append([]float32(nil), s...))
		}
		return r
	})
	noAllocations(t, all)
}
