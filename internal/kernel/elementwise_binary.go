package kernel

import "math"

// Zip computes z = op(x, y), all of one length; z may be x or y.
func Zip[T Float](op Binary, z, x, y []T) {
	x, y = x[:len(z)], y[:len(z)]
	if isFloat32[T]() {
		zip32(op, float32s(z), float32s(x), float32s(y))
		return
	}
	zipLoop(op, z, x, y)
}

func zip32(op Binary, z, x, y []float32) {
	size := binaryChunk(op)
	if len(z) < parallelFrom*size {
		zipBlock(op, z, x, y)
		return
	}
	t := NewTask()
	t.F32[0], t.F32[1], t.F32[2], t.N[0], t.N[1] = z, x, y, int(op), size
	inChunks(len(z), size, t, func(t *Task, b int) {
		lo, hi := chunk(b, t.N[1], len(t.F32[0]))
		zipBlock(Binary(t.N[0]), t.F32[0][lo:hi], t.F32[1][lo:hi], t.F32[2][lo:hi])
	})
	t.Free()
}

func binaryChunk(op Binary) int {
	switch op {
	case Power, FloorDivide, Mod, Arctan2:
		return scalarChunk
	}
	return vectorChunk
}

func zipBlock(op Binary, z, x, y []float32) {
	if len(z) == 0 {
		return
	}
	if f := vector().binary[op]; f != nil {
		f(&z[0], &x[0], &y[0], len(z))
		return
	}
	zipLoop(op, z, x, y)
}

func zipLoop[T Float](op Binary, z, x, y []T) {
	switch op {
	case Add:
		for i, v := range x {
			z[i] = v + y[i]
		}
	case Subtract:
		for i, v := range x {
			z[i] = v - y[i]
		}
	case Multiply:
		for i, v := range x {
			z[i] = v * y[i]
		}
	case Divide:
		for i, v := range x {
			z[i] = v / y[i]
		}
	case Maximum:
		for i, v := range x {
			z[i] = max(v, y[i])
		}
	case Minimum:
		for i, v := range x {
			z[i] = min(v, y[i])
		}
	default:
		for i, v := range x {
			z[i] = binaryOf(op, v, y[i])
		}
	}
}

// ZipScalar computes z = op(x, s); z may be x.
func ZipScalar[T Float](op Binary, z, x []T, s T) { zipScalar(op, z, x, s, false) }

// ScalarZip computes z = op(s, x); z may be x.
func ScalarZip[T Float](op Binary, z []T, s T, x []T) { zipScalar(op, z, x, s, true) }

func zipScalar[T Float](op Binary, z, x []T, s T, reversed bool) {
	x = x[:len(z)]
	if isFloat32[T]() {
		zipScalar32(op, float32s(z), float32s(x), float32(s), reversed)
		return
	}
	zipScalarLoop(op, z, x, s, reversed)
}

func zipScalar32(op Binary, z, x []float32, s float32, reversed bool) {
	size := binaryChunk(op)
	if len(z) < parallelFrom*size {
		zipScalarBlock(op, z, x, s, reversed)
		return
	}
	t := NewTask()
	t.F32[0], t.F32[1], t.S[0], t.N[0], t.N[1] = z, x, s, int(op), size
	if reversed {
		t.N[2] = 1
	}
	inChunks(len(z), size, t, func(t *Task, b int) {
		lo, hi := chunk(b, t.N[1], len(t.F32[0]))
		zipScalarBlock(Binary(t.N[0]), t.F32[0][lo:hi], t.F32[1][lo:hi], t.S[0], t.N[2] == 1)
	})
	t.Free()
}

func zipScalarBlock(op Binary, z, x []float32, s float32, reversed bool) {
	if len(z) == 0 {
		return
	}
	f := vector().scalar[op]
	if reversed {
		f = vector().reversed[op]
	}
	if f != nil {
		f(&z[0], &x[0], s, len(z))
		return
	}
	zipScalarLoop(op, z, x, s, reversed)
}

func zipScalarLoop[T Float](op Binary, z, x []T, s T, reversed bool) {
	switch {
	case op == Multiply:
		for i, v := range x {
			z[i] = v * s
		}
	case op == Add:
		for i, v := range x {
			z[i] = v + s
		}
	case reversed:
		for i, v := range x {
			z[i] = binaryOf(op, s, v)
		}
	default:
		for i, v := range x {
			z[i] = binaryOf(op, v, s)
		}
	}
}

// ZipRow computes z[m, n] = op(x[m, n], row[n]); z may be x.
func ZipRow[T Float](op Binary, z, x, row []T) {
	if len(z) == 0 {
		return
	}
	_ = row[0] // rows of no elements cannot make up z
	x = x[:len(z)]
	if isFloat32[T]() {
		zipRow32(op, float32s(z), float32s(x), float32s(row))
		return
	}
	zipRowBlock(op, z, x, row)
}

func zipRow32(op Binary, z, x, row []float32) {
	n := len(row)
	rows := max(1, binaryChunk(op)/n)
	if len(z) < parallelFrom*rows*n {
		zipRowBlock(op, z, x, row)
		return
	}
	t := NewTask()
	t.F32[0], t.F32[1], t.F32[2], t.N[0], t.N[1] = z, x, row, int(op), rows*n
	inChunks(len(z), rows*n, t, func(t *Task, b int) {
		lo, hi := chunk(b, t.N[1], len(t.F32[0]))
		zipRowBlock(Binary(t.N[0]), t.F32[0][lo:hi], t.F32[1][lo:hi], t.F32[2])
	})
	t.Free()
}

func zipRowBlock[T Float](op Binary, z, x, row []T) {
	n := len(row)
	for i := 0; i < len(z); i += n {
		if isFloat32[T]() {
			zipBlock(op, float32s(z[i:i+n]), float32s(x[i:i+n]), float32s(row))
		} else {
			zipLoop(op, z[i:i+n], x[i:i+n], row)
		}
	}
}

// ZipColumn computes z[m, n] = op(x[m, n], col[m]); z may be x.
func ZipColumn[T Float](op Binary, z, x, col []T) {
	if len(z) == 0 {
		return
	}
	x = x[:len(z)]
	if isFloat32[T]() {
		zipColumn32(op, float32s(z), float32s(x), float32s(col))
		return
	}
	zipColumnBlock(op, z, x, col, len(z)/len(col))
}

func zipColumn32(op Binary, z, x, col []float32) {
	n := len(z) / len(col)
	rows := max(1, binaryChunk(op)/n)
	if len(col) < parallelFrom*rows {
		zipColumnBlock(op, z, x, col, n)
		return
	}
	t := NewTask()
	t.F32[0], t.F32[1], t.F32[2] = z, x, col
	t.N[0], t.N[1], t.N[2] = int(op), rows, n
	inChunks(len(col), rows, t, func(t *Task, b int) {
		lo, hi := chunk(b, t.N[1], len(t.F32[2]))
		n := t.N[2]
		zipColumnBlock(Binary(t.N[0]), t.F32[0][lo*n:hi*n], t.F32[1][lo*n:hi*n], t.F32[2][lo:hi], n)
	})
	t.Free()
}

func zipColumnBlock[T Float](op Binary, z, x, col []T, n int) {
	for i, c := range col {
		zr, xr := z[i*n:(i+1)*n], x[i*n:(i+1)*n]
		if isFloat32[T]() {
			zipScalarBlock(op, float32s(zr), float32s(xr), float32(c), false)
		} else {
			zipScalarLoop(op, zr, xr, c, false)
		}
	}
}

// binaryOf is op on one pair.
func binaryOf[T Float](op Binary, x, y T) T {
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
		return max(x, y)
	case Minimum:
		return min(x, y)
	case SquaredDifference:
		return (x - y) * (x - y)
	}
	return T(slowBinary(op, float64(x), float64(y)))
}

func slowBinary(op Binary, x, y float64) float64 {
	switch op {
	case Power:
		return math.Pow(x, y)
	case FloorDivide:
		return floorDivide(x, y)
	case Mod:
		return mod(x, y)
	}
	return math.Atan2(x, y)
}

// mod is the remainder with the sign of y.
func mod(x, y float64) float64 {
	r := math.Mod(x, y)
	if r != 0 && (r < 0) != (y < 0) {
		r += y
	}
	return r
}

// floorDivide is floor(x/y) computed from the remainder, so that it agrees with mod.
func floorDivide(x, y float64) float64 {
	if y == 0 {
		return x / y
	}
	r := math.Mod(x, y)
	q := (x - r) / y
	if r != 0 && (r < 0) != (y < 0) {
		q--
	}
	return math.RoundToEven(q)
}
