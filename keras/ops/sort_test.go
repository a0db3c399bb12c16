package ops

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTopKOfLongRows(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const rows, n = 5, 300
	v := make([]float32, rows*n)
	for i := range v {
		v[i] = float32(r.IntN(60)) // with many equal elements
	}
	x := Array(dense(v, rows, n))
	for _, k := range []int{1, 2, 7, 36, 37, 38, 200, n} {
		values, indices := TopK(x, k)
		got, err := Evaluate(values)
		require.NoError(t, err)
		at, err := Evaluate(indices)
		require.NoError(t, err)
		for row := range rows {
			part := v[row*n : (row+1)*n]
			want := make([]int32, n)
			for i := range want {
				want[i] = int32(i)
			}
			slices.SortStableFunc(want, func(i, j int32) int { return int(part[j]) - int(part[i]) })
			require.Equal(t, want[:k], at.Int32s()[row*k:(row+1)*k], "row %d, k %d", row, k)
			for i, p := range want[:k] {
				require.Equal(t, part[p], got.Float32s()[row*k+i])
			}
		}
	}
}
