package data

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// order is the first X of every element, which are numbers.
func order(t *testing.T, p Pipeline, seed uint64, n int) []int64 {
	t.Helper()
	got := []int64{}
	for b, err := range p.Elements(seed, n) {
		require.NoError(t, err)
		got = append(got, b.X[0].Int64s()...)
	}
	return got
}

func TestShuffleOfAStreamIsThatOfArrays(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 9, 60} {
		for _, buffer := range []int{1, 2, 7, 59, 60, 100} {
			rows := numbers(n).Shuffle(buffer).Shuffle(3)
			stream := numbers(n).asStream().Shuffle(buffer).Shuffle(3)
			for e := range 3 {
				want := order(t, rows, 5, e)
				assert.Equal(t, want, order(t, stream, 5, e), "%d elements, buffer %d", n, buffer)
				assert.Len(t, want, n)
			}
		}
	}
}

func TestShuffleOfAStreamIsABuffer(t *testing.T) {
	t.Parallel()
	const n, buffer = 300, 11
	got := order(t, Range(0, n, 1).Shuffle(buffer), 2, 0)
	for i, v := range got {
		require.LessOrEqual(t, int(v), i+buffer-1)
	}
	assert.ElementsMatch(t, order(t, Range(0, n, 1), 0, 0), got)
	assert.NotEqual(t, got, order(t, Range(0, n, 1).Shuffle(buffer), 3, 0), "another seed")
	assert.NotEqual(t, got, order(t, Range(0, n, 1).Shuffle(buffer), 2, 1), "another epoch")
}

func TestShuffleOptions(t *testing.T) {
	t.Parallel()
	for _, base := range []Pipeline{numbers(50), numbers(50).asStream()} {
		once := base.Shuffle(50, ShuffleOptions{ReshuffleEachIteration: new(false)})
		assert.Equal(t, order(t, once, 1, 0), order(t, once, 1, 7))
		assert.NotEqual(t, order(t, once, 1, 0), order(t, once, 2, 0))
		seeded := base.Shuffle(50, ShuffleOptions{Seed: new(uint64(9))})
		assert.Equal(t, order(t, seeded, 1, 3), order(t, seeded, 2, 3))
		assert.NotEqual(t, order(t, seeded, 1, 3), order(t, seeded, 1, 4))
		assert.Equal(t, order(t, seeded, 0, 3), order(t, base.Shuffle(50), 9, 3))
	}
}

func TestRepeatIsAnEpochEach(t *testing.T) {
	t.Parallel()
	p := numbers(20).Shuffle(20)
	got := order(t, p.Repeat(3), 4, 1)
	require.Len(t, got, 60)
	for i := range 3 {
		assert.Equal(t, order(t, p, 4, 3+i), got[20*i:20*i+20])
	}
	forever := p.Repeat(-1)
	assert.Equal(t, -1, forever.Batch(2).Len())
	assert.Equal(t, 7, forever.Batch(2).Take(7).Len())
	long := order(t, forever.Take(50), 4, 0)
	assert.Equal(t, order(t, p, 4, 1), long[20:40])
	assert.NotEqual(t, long, order(t, forever.Take(50), 4, 1), "another epoch")
	assert.Empty(t, order(t, numbers(0).Repeat(-1), 0, 0), "nothing without end")
	assert.Equal(t, 10, Zip(forever, numbers(10)).length)
	assert.Equal(t, endless, numbers(3).Concatenate(forever).length)
}

func TestBatchesOfBatches(t *testing.T) {
	t.Parallel()
	n := 0
	for b, err := range numbers(12).Batch(3).Shuffle(4).Batch(2).Batches(1, 0) {
		require.NoError(t, err)
		assert.Equal(t, tensor.Shape{2, 3}, b.X[0].Shape())
		for i := range 2 {
			v := b.X[0].Int64s()[3*i : 3*i+3]
			assert.Equal(t, []int64{v[0], v[0] + 1, v[0] + 2}, v)
			assert.Equal(t, 10*v[0], b.Y[0].Int64s()[3*i])
		}
		n++
	}
	assert.Equal(t, 2, n)
}
