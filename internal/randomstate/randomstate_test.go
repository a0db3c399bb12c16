package randomstate

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestShuffle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n    int
		seed uint32
		want []int // By numpy.random.RandomState(seed).shuffle(numpy.arange(n)).
	}{
		{1, 0, []int{0}},
		{2, 5, []int{0, 1}},
		{13, 4294967295, []int{9, 5, 10, 12, 8, 1, 11, 6, 0, 4, 7, 2, 3}},
		{17, 123, []int{4, 9, 16, 8, 5, 7, 0, 10, 11, 3, 1, 6, 15, 12, 2, 14, 13}},
		{1000, 42, []int{521, 737, 740, 660, 411, 678, 626, 513, 859, 136, 811, 76, 636, 973, 938, 899, 280}},
		{70000, 7, []int{7653, 66274, 9119, 10760, 43166, 24247, 3682, 37283, 69446, 65011, 14890, 61802, 13925, 15539, 37799, 16047, 7649}},
	} {
		v := make([]int, c.n)
		for i := range v {
			v[i] = i
		}
		Shuffle(v, New(c.seed))
		assert.Equal(t, c.want, v[:len(c.want)], "%d elements, seed %d", c.n, c.seed)
	}
}
