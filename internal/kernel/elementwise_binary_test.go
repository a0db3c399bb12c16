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

func TestZipRow(t *testing.T) { everyPath(t, testZipRowColumn[float32], testZipRowColumn[float64]) }

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
	want = float64(x[i]) / float64(y[i]) * 3
	want = math.Max(3-want, float64(y[i%n])) + float64(y[i/n])
	want = math.Min(math.Max(math.Atan2(want, float64(y[i])), -1), 1) + 0.5*float64(y[i])
	want = math.Tanh(0.7 * want)
	want = float64(y[i]) * (1 - want*want)
	require.InDelta(t, want, z[i], 1e-5)
}
