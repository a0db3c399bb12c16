package kernel

import "math"

// Reduction names a way to reduce an axis.
type Reduction uint8

// The reductions. Max and Min are NaN where an element is.
const (
	Sum Reduction = iota
	Mean
	Max
	Min
	Prod
)

// How many elements are added one after another, in the lanes of vectors or of Go, before sums are joined pairwise.
const (
	vectorSumLeaf = 4096
	scalarSumLeaf = 512
)

// Reduce reduces the middle axis of x[outer, n, inner] into y[outer, inner]. An empty axis sums to 0, multiplies to 1, and has
// the mean NaN, the maximum -Inf and the minimum +Inf.
func Reduce[T Float](r Reduction, y, x []T, outer, n, inner int) {
	y, x = y[:outer*inner], x[:outer*n*inner]
	if isFloat32[T]() {
		reduce32(r, float32s(y), float32s(x), outer, n, inner)
		return
	}
	reduceLoop(r, y, x, n, inner)
}

func reduce32(r Reduction, y, x []float32, outer, n, inner int) {
	if outer == 1 && inner > 1 && r <= Mean && n > 1 {
		reduceColumns(r, y, x, n, inner)
		return
	}
	each := max(1, n*inner)
	group := max(1, vectorChunk/each)
	if outer < 2 || outer*each < parallelFrom*vectorChunk {
		reduceBlock(r, y, x, n, inner)
		return
	}
	t := NewTask()
	t.F32[0], t.F32[1] = y, x
	t.N[0], t.N[1], t.N[2], t.N[3], t.N[4] = int(r), n, inner, group, outer
	inChunks(outer, group, t, func(t *Task, b int) {
		n, inner := t.N[1], t.N[2]
		lo, hi := chunk(b, t.N[3], t.N[4])
		reduceBlock(Reduction(t.N[0]), t.F32[0][lo*inner:hi*inner], t.F32[1][lo*n*inner:hi*n*inner], n, inner)
	})
	t.Free()
}

// reduceColumns sums a matrix's rows by blocks.
func reduceColumns(r Reduction, y, x []float32, m, n int) {
	t := NewTask()
	t.F32[0] = x
	sumRows(y, nil, m, n, t, func(t *Task, lo, hi int, sums []float32) {
		n := len(sums)
		columnSum(sums, t.F32[0][lo*n:hi*n], hi-lo, n)
	})
	t.Free()
	if r == Mean {
		Scale(y, 1/float32(m), y)
	}
}

// columnSum writes y[n] = Σ over rows of x[m, n], m and n >= 1.
func columnSum(y, x []float32, m, n int) {
	if f := vector().columnSum; f != nil {
		f(&x[0], &y[0], m, n)
		return
	}
	columnSumLoop(y, x, m, n)
}

// reduceBlock reduces whole outer elements in float32.
func reduceBlock(r Reduction, y, x []float32, n, inner int) {
	if len(y) == 0 {
		return
	}
	if n == 0 || r == Prod {
		reduceLoop(r, y, x, n, inner)
		return
	}
	each := n * inner
	for o := 0; o*inner < len(y); o++ {
		yo, xo := y[o*inner:(o+1)*inner], x[o*each:(o+1)*each]
		if inner == 1 {
			yo[0] = reduceRow(r, xo)
			continue
		}
		reducePlane(r, yo, xo, n)
	}
}

// reducePlane reduces the rows of x[n, len(y)].
func reducePlane(r Reduction, y, x []float32, n int) {
	inner := len(y)
	switch r {
	case Sum, Mean:
		columnSum(y, x, n, inner)
		if r == Mean {
			zipScalarBlock(Multiply, y, y, 1/float32(n), false)
		}
		return
	}
	op := Maximum
	if r == Min {
		op = Minimum
	}
	copy(y, x)
	for i := 1; i < n; i++ {
		zipBlock(op, y, y, x[i*inner:(i+1)*inner])
	}
}

// reduceRow reduces x, which is not empty.
func reduceRow(r Reduction, x []float32) float32 {
	switch r {
	case Mean:
		return sumRow(x) / float32(len(x))
	case Max:
		if f := vector().reduceRow[1]; f != nil {
			return f(&x[0], len(x))
		}
	case Min:
		if f := vector().reduceRow[2]; f != nil {
			return f(&x[0], len(x))
		}
	default:
		return sumRow(x)
	}
	return float32(reduceOne(r, x, 0, len(x), 1))
}

// sumRow adds pairwise above a leaf, so that the error does not grow with the length.
func sumRow(x []float32) float32 {
	f, leaf := vector().reduceRow[0], vectorSumLeaf
	if f == nil {
		leaf = scalarSumLeaf
	}
	if len(x) > leaf {
		half := (len(x)/2 + leaf - 1) / leaf * leaf
		return sumRow(x[:half]) + sumRow(x[half:])
	}
	if f != nil {
		return f(&x[0], len(x))
	}
	return sumLanes(x)
}

// sumLanes adds in eight lanes.
func sumLanes(x []float32) float32 {
	var s [8]float32
	for len(x) >= 8 {
		for j, v := range x[:8] {
			s[j] += v
		}
		x = x[8:]
	}
	for j, v := range x {
		s[j] += v
	}
	return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
}

// reduceLoop is the reference.
func reduceLoop[T Float](r Reduction, y, x []T, n, inner int) {
	for i := range y {
		y[i] = reduceOne(r, x, i/inner*n*inner+i%inner, n, inner)
	}
}

// reduceOne reduces the n elements of x that begin at start and stand stride apart.
func reduceOne[T Float](r Reduction, x []T, start, n, stride int) T {
	var acc T
	switch r {
	case Prod:
		acc = 1
	case Max:
		acc = T(math.Inf(-1))
	case Min:
		acc = T(math.Inf(1))
	}
	for i := range n {
		v := x[start+i*stride]
		switch r {
		case Sum, Mean:
			acc += v
		case Prod:
			acc *= v
		case Max:
			acc = max(acc, v)
		case Min:
			acc = min(acc, v)
		}
	}
	if r == Mean {
		acc /= T(n)
	}
	return acc
}

// CumSum writes the running sums along the middle axis of x[outer, n, inner]; from the end if reverse.
func CumSum[T Float](y, x []T, outer, n, inner int, reverse bool) {
	y, x = y[:outer*n*inner], x[:outer*n*inner]
	for o := range outer {
		for j := range inner {
			var acc T
			at, step := o*n*inner+j, inner
			if reverse {
				at, step = at+(n-1)*inner, -inner
			}
			for range n {
				acc += x[at]
				y[at] = acc
				at += step
			}
		}
	}
}

// ArgReduce writes the index along the middle axis of x[outer, n, inner], n >= 1, of its largest (or smallest) element: of
// equals the first, and the first NaN before all.
func ArgReduce[T Float](largest bool, y []int32, x []T, outer, n, inner int) {
	x = x[:outer*n*inner]
	for i := range y[:outer*inner] {
		at := i/inner*n*inner + i%inner
		best, arg := x[at], 0
		for k := 1; k < n && best == best; k++ {
			v := x[at+k*inner]
			if v != v || largest && v > best || !largest && v < best {
				best, arg = v, k
			}
		}
		y[i] = int32(arg)
	}
}
