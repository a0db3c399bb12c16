package kernel

// partials is memory for partial results.
type partials struct{ data []float32 }

var partialsFree freeList[partials]

func newPartials(n int) *partials {
	p := partialsFree.get()
	if cap(p.data) < n {
		p.data = make([]float32, n)
	}
	p.data = p.data[:n]
	return p
}

func (p *partials) free() { partialsFree.put(p) }

// Of a matrix whose columns are summed, a block is some 8192 elements, but neither few nor so many rows that a running sum
// loses digits.
const (
	rowBlock    = 1 << 13
	minRowBlock = 16
	maxRowBlock = 256
)

// rowsPerBlock depends on the shape alone: so do the blocks, and the tree in which their sums are joined.
func rowsPerBlock(n int) int { return min(max(minRowBlock, rowBlock/n), maxRowBlock) }

// rowSums writes to sums what rows [lo, hi) add to each column.
type rowSums func(t *Task, lo, hi int, sums []float32)

// blockTask is what sumRows needs beside the caller's arguments.
const (
	taskRows = 15 // of Task.N: rows of a block
	taskM    = 14
	taskWide = 13 // columns of the partial sums
	taskSums = 7  // of Task.F32
)

// sumRows joins, in pairs, what body finds for the blocks of m rows; first[n] and second[n] (or nil) receive the sums. Body
// may do other work on its rows. It uses the last fields of t.
func sumRows(first, second []float32, m, n int, t *Task, body rowSums) {
	wide := n
	if second != nil {
		wide = 2 * n
	}
	if m == 0 {
		clear(first)
		clear(second)
		return
	}
	rows := rowsPerBlock(n)
	blocks := (m + rows - 1) / rows
	if blocks == 1 && second == nil {
		body(t, 0, m, first[:n])
		return
	}
	p := newPartials(blocks * wide)
	t.Arg, t.F32[taskSums] = body, p.data
	t.N[taskRows], t.N[taskM], t.N[taskWide] = rows, m, wide
	if m*n < parallelFrom*vectorChunk/2 {
		for b := range blocks {
			sumRowsBlock(t, b)
		}
	} else {
		Parallel(blocks, t, sumRowsBlock)
	}
	for step := 1; step < blocks; step *= 2 {
		for b := 0; b+step < blocks; b += 2 * step {
			sum, other := p.data[b*wide:(b+1)*wide], p.data[(b+step)*wide:(b+step+1)*wide]
			zipBlock(Add, sum, sum, other)
		}
	}
	sum := p.data[:wide]
	copy(first, sum[:n])
	copy(second, sum[n:])
	p.free()
}

func sumRowsBlock(t *Task, b int) {
	lo, hi := chunk(b, t.N[taskRows], t.N[taskM])
	wide := t.N[taskWide]
	t.Arg.(rowSums)(t, lo, hi, t.F32[taskSums][b*wide:(b+1)*wide])
}

// columnSumLoop writes y[n] = Σ over rows of x[m, n].
func columnSumLoop[T Float](y, x []T, m, n int) {
	clear(y[:n])
	for i := range m {
		for j, v := range x[i*n : (i+1)*n] {
			y[j] += v
		}
	}
}
