package kernel

// Gather copies row index[i] of table[rows, width] to row i of y[len(index), width]. If an index is outside [0, rows) it
// returns the place of the first such index and writes nothing; otherwise -1.
func Gather[T Float | int32](y, table []T, index []int32, rows, width int) (bad int) {
	for i, r := range index {
		if r < 0 || int(r) >= rows {
			return i
		}
	}
	for i, r := range index {
		copy(y[i*width:(i+1)*width], table[int(r)*width:(int(r)+1)*width])
	}
	return -1
}

// ScatterAdd adds row i of dy[len(index), width] to row index[i] of dtable, in the order of index. The indices are in range.
func ScatterAdd[T Float](dtable, dy []T, index []int32, width int) {
	for i, r := range index {
		addScaled(dtable[int(r)*width:(int(r)+1)*width], 1, dy[i*width:(i+1)*width])
	}
}
