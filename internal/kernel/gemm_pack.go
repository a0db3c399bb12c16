package kernel

// matrix is a view of elements at data[row·rows + col·cols].
type matrix struct {
	data     []float32
	row, col int // elements from row to row, from column to column; one of them is 1
}

func (m matrix) from(row, col int) []float32 { return m.data[row*m.row+col*m.col:] }

// packPanel writes n rows of b from row k, columns j to j+cols, as rows of g.width() numbers without a gap.
func (g *geometry) packPanel(dst []float32, b matrix, k, j, n, cols int) {
	if b.col == 1 {
		g.copyPanel(dst, b.from(k, j), b.row, n, cols)
		return
	}
	g.transposePanel(dst, b, k, j, n, cols, g.width())
}

// transposePanel writes n numbers of each of cols rows of the matrix as it is stored as n rows of cols numbers, filled up to
// width without masks.
func (g *geometry) transposePanel(dst []float32, b matrix, k, j, n, cols, width int) {
	switch {
	case g.portable:
		transposePortable(dst, b.from(k, j), width, b.col, n, cols)
	case cols < g.lanes:
		g.transposeFew(dst, b, k, j, n, cols, width)
	default:
		for q := 0; q < cols; q += g.lanes {
			// The last group overlaps the one before: the same numbers are written twice.
			q := min(q, cols-g.lanes)
			g.transposeGroup(dst[q:], b.from(k, j+q), width, b.col, n)
		}
	}
	if !g.masked && cols < width {
		for r := range n {
			clear(dst[r*width+cols:][:width-cols])
		}
	}
}

// transposeFew transposes fewer columns than a vector has lanes by way of a copy that has as many.
func (g *geometry) transposeFew(dst []float32, b matrix, k, j, n, cols, width int) {
	s := getScratch(g.lanes * n)
	defer putScratch(s)
	for q := range cols {
		copy(s.data[q*n:][:n], b.from(k, j+q))
	}
	g.transposeGroup(dst, s.data, width, n, n)
}
