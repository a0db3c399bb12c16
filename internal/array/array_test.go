package array

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func TestEveryElementType(t *testing.T) {
	t.Parallel()
	for _, backing := range []any{
		[]float32{0, 1, 1, 0, 1, 0},
		[]float64{0, 1, 1, 0, 1, 0},
		[]int{0, 1, 1, 0, 1, 0},
		[]int8{0, 1, 1, 0, 1, 0},
		[]int16{0, 1, 1, 0, 1, 0},
		[]int32{0, 1, 1, 0, 1, 0},
		[]int64{0, 1, 1, 0, 1, 0},
		[]uint{0, 1, 1, 0, 1, 0},
		[]uint8{0, 1, 1, 0, 1, 0},
		[]uint16{0, 1, 1, 0, 1, 0},
		[]uint32{0, 1, 1, 0, 1, 0},
		[]uint64{0, 1, 1, 0, 1, 0},
		[]bool{false, true, true, false, true, false},
	} {
		d := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking(backing))
		got, _, err := Float32s(nil, d)
		require.NoError(t, err)
		assert.Equal(t, []float32{0, 1, 1, 0, 1, 0}, got, "%T", backing)
		wide, err := Float64s(d)
		require.NoError(t, err)
		assert.Equal(t, []float64{0, 1, 1, 0, 1, 0}, wide, "%T", backing)
	}
	_, _, err := Float32s(nil, tensor.New(tensor.WithShape(1), tensor.WithBacking([]string{"a"})))
	require.ErrorContains(t, err, "expected a numeric array, got one of string")
	_, _, err = Float32s(nil, nil)
	require.ErrorContains(t, err, "got nil")
	_, err = Float64s(nil)
	require.ErrorContains(t, err, "got nil")
}

func TestLayouts(t *testing.T) {
	t.Parallel()
	backing := func() []int32 { return []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11} }
	rows := tensor.New(tensor.WithShape(3, 4), tensor.WithBacking(backing()))
	transposed := tensor.New(tensor.WithShape(3, 4), tensor.WithBacking(backing()))
	require.NoError(t, transposed.T())
	column, err := rows.Slice(nil, tensor.S(1))
	require.NoError(t, err)
	block, err := rows.Slice(tensor.S(1, 3), tensor.S(1, 3))
	require.NoError(t, err)
	row, err := rows.Slice(tensor.S(2))
	require.NoError(t, err)
	for _, c := range []struct {
		name string
		d    tensor.Tensor
		want []float32
	}{
		{"rows", rows, []float32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
		{"transposed", transposed, []float32{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}},
		{"column", column, []float32{1, 5, 9}},
		{"block", block, []float32{5, 6, 9, 10}},
		{"row", row, []float32{8, 9, 10, 11}},
		{"scalar", tensor.New(tensor.FromScalar(int32(7))), []float32{7}},
	} {
		got, _, err := Float32s(nil, c.d.(*tensor.Dense))
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, got, c.name)

		ints := Pack(c.d.(*tensor.Dense).Int32s(), c.d.(*tensor.Dense))
		for i, v := range ints {
			assert.EqualValues(t, c.want[i], v, c.name)
		}
		assert.Len(t, ints, len(c.want))
	}
}

func TestOwnMemoryAndReuse(t *testing.T) {
	floats := []float32{1, 2}
	got, scratch, err := Float32s(nil, tensor.New(tensor.WithShape(2), tensor.WithBacking(floats)))
	require.NoError(t, err)
	assert.Same(t, &floats[0], &got[0], "float32 is not copied")
	assert.Nil(t, scratch)

	labels := tensor.New(tensor.WithShape(3), tensor.WithBacking([]uint8{1, 2, 3}))
	_, scratch, err = Float32s(nil, labels)
	require.NoError(t, err)
	assert.Zero(t, testing.AllocsPerRun(10, func() { _, scratch, _ = Float32s(scratch, labels) }))
}

func TestRows(t *testing.T) {
	d := tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]uint8{0, 1, 10, 11, 20, 21, 30, 31}))
	rows, err := NewRows(d)
	require.NoError(t, err)
	g := rows.Gatherer(3, 1)
	full := g.Gather([]int{3, 0, 3})
	assert.Equal(t, tensor.Shape{3, 2}, full.Shape())
	assert.Equal(t, []uint8{30, 31, 0, 1, 30, 31}, full.Uint8s())
	rest := g.Gather([]int{2})
	assert.Equal(t, tensor.Shape{1, 2}, rest.Shape())
	assert.Equal(t, []uint8{20, 21}, rest.Uint8s())
	numbers := []int{1, 2, 3}
	assert.Zero(t, testing.AllocsPerRun(10, func() { g.Gather(numbers) }))
}
