package kernel

// Compare names a comparison. NaN is equal to nothing, as everywhere.
type Compare uint8

// The comparisons.
const (
	Equal Compare = iota
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual
)

// CompareZip computes z = op(x, y), all of one length.
func CompareZip[T Float | int32](op Compare, z []bool, x, y []T) {
	x, y = x[:len(z)], y[:len(z)]
	switch op {
	case Equal:
		for i, v := range x {
			z[i] = v == y[i]
		}
	case NotEqual:
		for i, v := range x {
			z[i] = v != y[i]
		}
	case Less:
		for i, v := range x {
			z[i] = v < y[i]
		}
	case LessEqual:
		for i, v := range x {
			z[i] = v <= y[i]
		}
	case Greater:
		for i, v := range x {
			z[i] = v > y[i]
		}
	case GreaterEqual:
		for i, v := range x {
			z[i] = v >= y[i]
		}
	}
}

// Where computes z = x where c is true, else y, all of one length; z may be x or y.
func Where[T Float | int32](z []T, c []bool, x, y []T) {
	c, x, y = c[:len(z)], x[:len(z)], y[:len(z)]
	for i := range z {
		v := y[i]
		if c[i] {
			v = x[i]
		}
		z[i] = v
	}
}

// Clip computes y = min(max(x, lo), hi); NaN stays NaN; y may be x.
func Clip[T Float](y, x []T, lo, hi T) {
	x = x[:len(y)]
	if isFloat32[T]() {
		clip32(float32s(y), float32s(x), float32(lo), float32(hi))
		return
	}
	clipLoop(y, x, lo, hi)
}

func clip32(y, x []float32, lo, hi float32) {
	if len(y) < parallelFrom*vectorChunk {
		clipBlock(y, x, lo, hi)
		return
	}
	t := NewTask()
	t.F32[0], t.F32[1], t.S[0], t.S[1] = y, x, lo, hi
	inChunks(len(y), vectorChunk, t, func(t *Task, b int) {
		lo, hi := chunk(b, vectorChunk, len(t.F32[0]))
		clipBlock(t.F32[0][lo:hi], t.F32[1][lo:hi], t.S[0], t.S[1])
	})
	t.Free()
}

func clipBlock(y, x []float32, lo, hi float32) {
	if len(y) == 0 {
		return
	}
	if f := vector().clip; f != nil {
		f(&y[0], &x[0], lo, hi, len(y))
		return
	}
	clipLoop(y, x, lo, hi)
}

func clipLoop[T Float](y, x []T, lo, hi T) {
	for i, v := range x {
		y[i] = min(max(v, lo), hi)
	}
}
