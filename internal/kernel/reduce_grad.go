package kernel

// ReduceGrad computes dx[outer, n, inner] from dy[outer, inner], given x and y = Reduce(x). The gradient of Max and Min is
// shared equally between ties, as JAX does; that of Prod is right also where elements are zero.
func ReduceGrad[T Float](r Reduction, dx, x, y, dy []T, outer, n, inner int) {
	size := outer * n * inner
	dx, dy = dx[:size], dy[:outer*inner]
	if r > Mean {
		x, y = x[:size], y[:outer*inner]
	}
	switch r {
	case Sum, Mean:
		spread(r, dx, dy, n, inner)
	case Prod:
		prodGrad(dx, x, dy, n, inner)
	default:
		shareTies(dx, x, y, dy, n, inner)
	}
}

// spread hands every element of dx its dy, divided by n for the mean.
func spread[T Float](r Reduction, dx, dy []T, n, inner int) {
	scale := T(1)
	if r == Mean && n > 0 {
		scale = 1 / T(n)
	}
	if inner == 1 {
		for o, d := range dy {
			row := dx[o*n : (o+1)*n]
			for i := range row {
				row[i] = d * scale
			}
		}
		return
	}
	for o := 0; o*inner < len(dy) && n > 0; o++ {
		plane := dx[o*n*inner : (o+1)*n*inner]
		for j, d := range dy[o*inner : (o+1)*inner] {
			plane[j] = d * scale
		}
		for i := 1; i < n; i++ {
			copy(plane[i*inner:(i+1)*inner], plane[:inner])
		}
	}
}

func shareTies[T Float](dx, x, y, dy []T, n, inner int) {
	for i, d := range dy {
		at := i/inner*n*inner + i%inner
		var ties T
		for k := range n {
			if x[at+k*inner] == y[i] {
				ties++
			}
		}
		share := d / ties
		if ties == 0 {
			share = y[i] // NaN, as in JAX
		}
		for k := range n {
			v := share
			if x[at+k*inner] != y[i] && ties > 0 {
				v = 0
			}
			dx[at+k*inner] = v
		}
	}
}

// prodGrad multiplies what stands before an element with what stands behind it: no division.
func prodGrad[T Float](dx, x, dy []T, n, inner int) {
	for i, d := range dy {
		at := i/inner*n*inner + i%inner
		before := d
		for k := range n {
			dx[at+k*inner] = before
			before *= x[at+k*inner]
		}
		after := T(1)
		for k := n - 1; k >= 0; k-- {
			dx[at+k*inner] *= after
			after *= x[at+k*inner]
		}
	}
}
