package kernel

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGather(t *testing.T) {
	testGather(t, func(i int) float32 { return float32(i) })
	testGather(t, func(i int) float64 { return float64(i) })
	testGather(t, func(i int) int32 { return int32(i) })
}

func testGather[T Float | int32](t *testing.T, number func(int) T) {
	const rows, width = 5, 3
	table := make([]T, rows*width)
	for i := range table {
		table[i] = number(i)
	}
	y := make([]T, 4*width)
	require.Equal(t, -1, Gather(y, table, []int32{4, 0, 0, 2}, rows, width))
	assert.Equal(t, []T{number(12), number(13), number(14), 0, number(1), number(2), 0, number(1), number(2), number(6), number(7), number(8)}, y)
	before := append([]T(nil), y...)
	assert.Equal(t, 2, Gather(y, table, []int32{1, 1, 5, -1}, rows, width))
	assert.Equal(t, 0, Gather(y, table, []int32{-1, 1, 5, 1}, rows, width))
	assert.Equal(t, before, y, "nothing is written")
	assert.Equal(t, -1, Gather(y, table, nil, rows, width))
}

func TestScatterAdd(t *testing.T) { everyPath(t, testScatterAdd[float32], testScatterAdd[float64]) }

func testScatterAdd[T Float](t *testing.T) {
	for _, width := range sizes[1:] {
		const rows = 6
		index := []int32{5, 0, 5, 5, 2, 0}
		dy, table := normalSlice[T](len(index)*width, 1), normalSlice[T](rows*width, 2)
		want := append([]T(nil), table...)
		for i, r := range index {
			for j := range width {
				want[int(r)*width+j] += dy[i*width+j] // the order is part of the contract
			}
		}
		ScatterAdd(table, dy, index, width)
		require.Equal(t, want, table, "%d", width)
	}
}

func TestGatherAllocatesNothing(t *testing.T) {
	table, y, index := make([]float32, 100), make([]float32, 20), []int32{3, 1}
	noAllocations(t, func() { Gather(y, table, index, 10, 10); ScatterAdd(table, y, index, 10) })
}
