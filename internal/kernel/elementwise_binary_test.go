package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// naiveBinary spells the functions once more.
func naiveBinary(op Binary, x, y float64) float64 {
	nan := math.IsNaN(x) || math.IsNaN(y)
	switch op {
	case Add:
		return x + y
	case Subtract:
		return x - y
	case Multiply:
		return x * y
	case Divide:
		return x / y
	case Maximum:
		if nan {
			return math.NaN()
		}
		return math.Max(x, y)
	case Minimum:
		if nan {
			return math.NaN()
		}
		return math.Min(x, y)
	case Power:
		return math.Pow(x, y)
	case FloorDivide:
		return math.Floor(x / y)
	case Mod:
		return x - y*math.Floor(x/y)
	case SquaredDifference:
		return math.Pow(x-y, 2)
	}
	return math.Atan2(x, y)
}

func TestZip(t *testing.T) { everyPath(t, testZip[float32], testZip[float64]) }

func testZip[T Float](t *testing.T) {
	for op := range binaryCount {
		for _, n := range sizes {
			x, y := normalSlice[T](n, 1), normalSlice[T](n, 2)
			for i := range y {
				if op == Power {
					x[i] = T(math.Abs(float64(x[i])))
				}
				if y[i] > 0 && y[i] < 0.1 || y[i] < 0 && y[i] > -0.1 {
					y[i] = 0.25 // keeps Mod well conditioned
				}
			}
			want := make([]float64, n)
			for i := range want {
				want[i] = naiveBinary(op, float64(x[i]), float64(y[i]))
			}
			z, at := make([]T, n), fmt.Sprint(op, n)
			Zip(op, z, x, y)
			near(t, want, z, tolerance[T](64), at)
			inPlace := append([]T(nil), y...)
			Zip(op, inPlace, x, inPlace)
			assert.Equal(t, z, append([]T{}, inPlace...), at)
			Zip(op, x, x, y)
			assert.Equal(t, z, x, at)
		}
	}
}

// The expectations are those of jnp.mod, jnp.floor_divide, jnp.maximum and jnp.power.
func TestZipSpecialValues(t *testing.T) {
	everyPath(t, testZipSpecial[float32], testZipSpecial[float64])
}

func testZipSpecial[T Float](t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		op         Binary
		x, y, want []float64
	}{
		{Mod, []float64{5, -5, 5, -5, 0, 1, inf, 5}, []float64{3, 3, -3, -3, 3, 0, 2, inf}, []float64{2, 1, -1, -2, 0, nan, nan, 5}},
		{FloorDivide, []float64{5, -5, 5, -5, 0, 1, inf, 5, -1}, []float64{3, 3, -3, -3, 3, 0, 2, inf, 0}, []float64{1, -2, -2, 1, 0, inf, nan, 0, -inf}},
		{Maximum, []float64{nan, 1, nan, 2, -inf}, []float64{1, nan, nan, 1, inf}, []float64{nan, nan, nan, 2, inf}},
		{Minimum, []float64{nan, 1, nan, 2, -inf}, []float64{1, nan, nan, 1, inf}, []float64{nan, nan, nan, 1, -inf}},
		{Power, []float64{-2, -2, 0, 0}, []float64{2, 0.5, 0, -1}, []float64{4, nan, 1, inf}},
	} {
		z, x, y := make([]T, len(c.x)), make([]T, len(c.x)), make([]T, len(c.x))
		for i := range x {
			x[i], y[i] = T(c.x[i]), T(c.y[i])
		}
		Zip(c.op, z, x, y)
		near(t, c.want, z, 0, fmt.Sprint(c.op))
		for i := range x {
			ZipScalar(c.op, z, x, y[i])
			near(t, c.want[i:i+1], z[i:i+1], 0, fmt.Sprint(c.op, "scalar"))
			ScalarZip(c.op, z, x[i], y)
			near(t, c.want[i:i+1], z[i:i+1], 0, fmt.Sprint(c.op, "reversed"))
		}
	}
}

func TestZipScalar(t *testing.T) { everyPath(t, testZipScalar[float32], testZipScalar[float64]) }
func TestScalarZip(t *testing.T) { everyPath(t, testZipScalar[float32], testZipScalar[float64]) }

func testZipScalar[T Float](t *testing.T) {
	const s = 1.75
	for op := range binaryCount {
		for _, n := range sizes {
			x := uniformSlice[T](n, 1, 0.2, 4.9)
			right, left := make([]float64, n), make([]float64, n)
			for i, v := range as64(x) {
				right[i], left[i] = naiveBinary(op, v, s), naiveBinary(op, s, v)
			}
			z, at := make([]T, n), fmt.Sprint(op, n)
			ZipScalar(op, z, x, s)
			near(t, right, z, tolerance[T](64), at)
			ScalarZip(op, z, s, x)
			near(t, left, z, tolerance[T](64), at)
			ScalarZip(op, x, s, x)
			assert.Equal(t, z, x, "in place")
		}
	}
}

func TestZipRow(t *testing.T)    { everyPath(t, testZipRowColumn[float32], testZipRowColumn[float64]) }
func TestZipColumn(t *testing.T) { everyPath(t, testZipRowColumn[float32], testZipRowColumn[float64]) }

func testZipRowColumn[T Float](t *testing.T) {
	for op := range binaryCount {
		for _, n := range sizes[1:] {
			m := 5
			x, row, col := uniformSlice[T](m*n, 1, 0.2, 4.9), uniformSlice[T](n, 2, 1, 2), uniformSlice[T](m, 3, 1, 2)
			byRow, byColumn := make([]float64, m*n), make([]float64, m*n)
			for i, v := range as64(x) {
				byRow[i] = naiveBinary(op, v, float64(row[i%n]))
				byColumn[i] = naiveBinary(op, v, float64(col[i/n]))
			}
			z, at := make([]T, m*n), fmt.Sprint(op, n)
			ZipRow(op, z, x, row)
			near(t, byRow, z, tolerance[T](64), at)
			ZipColumn(op, z, x, col)
			near(t, byColumn, z, tolerance[T](64), at)
		}
	}
	ZipRow(Add, []T{}, nil, nil)
	ZipColumn(Add, []T{}, nil, nil)
}

func TestBinaryParallel(t *testing.T) {
	const m, n = 900, 333
	x, y := normalSlice[float32](m*n, 1), normalSlice[float32](m*n, 2)
	z := make([]float32, m*n)
	all := func() {
		Zip(Divide, z, x, y)
		ZipScalar(Multiply, z, z, 3)
		ScalarZip(Subtract, z, 3, z)
		ZipRow(Maximum, z, z, y[:n])
		ZipColumn(Add, z, z, y[:m])
		Zip(Arctan2, z, z, y)
		Clip(z, z, -1, 1)
		Axpy(z, 0.5, y)
		Scale(z, 0.7, z)
		ActivationApply(Tanh, z)
		ActivationGrad(Tanh, z, z, y)
	}
	sameBits(t, func() [][]float32 { all(); return [][]float32{append([]float32(nil), z...)} })
	noAllocations(t, all)
	var want float64
	i := m*n - 1
	want = float64(x[i])/float64(y[i])*3
	want = math.Max(3-want, float64(y[i%n])) + float64(y[i/n])
	want = math.Min(math.Max(math.Atan2(want, float64(y[i])), -1), 1) + 0.5*float64(y[i])
	want = math.Tanh(0.7 * want)
	want = float64(y[i]) * (1 - want*want)
	require.InDelta(t, want, z[i], 1e-5)
}

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
