package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sizes straddle the vector widths, and one is larger than a vector loop's unrolling.
var sizes = []int{0, 1, 7, 8, 15, 16, 17, 33, 1000}

// everyPath runs body on each path that this CPU has, and on float64 with float64 as the last name.
func everyPath(t *testing.T, float32s func(t *testing.T), float64s func(t *testing.T)) {
	t.Helper()
	for _, p := range []Path{AVX512, AVX2, Portable} {
		restore, err := Use(p)
		if err != nil {
			t.Logf("path %s: %v", p, err)
			continue
		}
		t.Run(string(p), float32s)
		restore()
	}
	t.Run("float64", float64s)
}

// normalSlice is filled with numbers around 0, the same for the same seed.
func normalSlice[T Float](n int, seed uint64) []T {
	r := rand.New(rand.NewPCG(seed, 7))
	x := make([]T, n)
	for i := range x {
		x[i] = T(r.NormFloat64())
	}
	return x
}

// uniformSlice is filled with numbers of [lo, hi).
func uniformSlice[T Float](n int, seed uint64, lo, hi float64) []T {
	r := rand.New(rand.NewPCG(seed, 11))
	x := make([]T, n)
	for i := range x {
		x[i] = T(lo + (hi-lo)*r.Float64())
	}
	return x
}

// tolerance is a few roundings of T, times more for sums.
func tolerance[T Float](roundings float64) float64 {
	if isFloat32[T]() {
		return roundings * 0x1p-24
	}
	return roundings * 0x1p-52
}

// near checks got against want, relative to the larger of 1 and want's magnitude.
func near[T Float](t *testing.T, want []float64, got []T, tol float64, at string) {
	t.Helper()
	require.Len(t, got, len(want), at)
	for i, w := range want {
		g := float64(got[i])
		if math.IsNaN(w) || math.IsInf(w, 0) || math.IsNaN(g) {
			if w == g || math.IsNaN(w) && math.IsNaN(g) {
				continue
			}
		} else if math.Abs(g-w) <= tol*math.Max(1, math.Abs(w)) {
			continue
		}
		require.Failf(t, "too far", "%s [%d]: want %v, got %v", at, i, w, g)
	}
}

func as64[T Float](x []T) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// onPaths runs f on each path that this CPU has.
func onPaths(t *testing.T, f func(p Path)) {
	t.Helper()
	for _, p := range []Path{AVX512, AVX2, Portable} {
		if restore, err := Use(p); err == nil {
			f(p)
			restore()
		}
	}
}

// sameBits runs f, which returns its results, on every path under several GOMAXPROCS and demands the same bits of a path.
func sameBits(t *testing.T, f func() [][]float32) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	onPaths(t, func(p Path) {
		runtime.GOMAXPROCS(1)
		want := f()
		for _, procs := range []int{2, 4} {
			runtime.GOMAXPROCS(procs)
			for i, x := range f() {
				requireSameBits(t, want[i], x, fmt.Sprintf("%s: result %d on %d threads", p, i, procs))
			}
		}
	})
}

func requireSameBits(t *testing.T, want, got []float32, at string) {
	t.Helper()
	require.Len(t, got, len(want), at)
	for i, w := range want {
		if math.Float32bits(w) != math.Float32bits(got[i]) {
			require.Failf(t, "other bits", "%s [%d]: want %v, got %v", at, i, w, got[i])
		}
	}
}

// noAllocations demands that f, once it has run, allocates nothing on any path.
func noAllocations(t *testing.T, f func()) {
	t.Helper()
	onPaths(t, func(p Path) {
		f()
		assert.Zero(t, testing.AllocsPerRun(5, f), p)
	})
}
