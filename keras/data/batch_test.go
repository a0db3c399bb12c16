package data_test

import (
	"math"
	"testing"

	"github.com/gokeras/gokeras/keras/data"
	"github.com/stretchr/testify/require"
)

// A batch of more elements than there are, which is how all are had at once, takes no memory for those that never come.
func TestBatchBeyondTheData(t *testing.T) {
	same := func(b data.Batch) (data.Batch, error) { return b, nil }
	for _, n := range []int{1, 255, 256, 257, 1000} {
		for _, size := range []int{256, 300, 512, math.MaxInt} {
			var got []int64
			for b, err := range data.Range(0, int64(n), 1).Map(same).Batch(size).Batches(1, 0) {
				require.NoError(t, err)
				require.LessOrEqual(t, b.X[0].Shape()[0], size)
				got = append(got, b.X[0].Int64s()...)
			}
			require.Len(t, got, n)
			for i, v := range got {
				require.Equal(t, int64(i), v)
			}
		}
	}
}
