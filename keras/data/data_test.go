package data

import (
	"fmt"
	"iter"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func ints(n int) *tensor.Dense {
	v := make([]int32, n)
	for i := range v {
		v[i] = int32(i)
	}
	return tensor.New(tensor.WithShape(n), tensor.WithBacking(v))
}

// epoch returns the first input of every batch, copied.
func epoch(t *testing.T, d Dataset, seed uint64, n int) [][]int32 {
	t.Helper()
	var got [][]int32
	for b, err := range d.Batches(seed, n) {
		require.NoError(t, err)
		require.Equal(t, b.X[0].Shape()[0], len(b.X[0].Int32s()))
		got = append(got, append([]int32(nil), b.X[0].Int32s()...))
	}
	return got
}

func flat(batches [][]int32) []int32 {
	var all []int32
	for _, b := range batches {
		all = append(all, b...)
	}
	return all
}

func TestBatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n, batch int
		want     [][]int32
	}{
		{7, 3, [][]int32{{0, 1, 2}, {3, 4, 5}, {6}}},
		{6, 3, [][]int32{{0, 1, 2}, {3, 4, 5}}},
		{2, 3, [][]int32{{0, 1}}},
		{3, 1, [][]int32{{0}, {1}, {2}}},
	} {
		p := FromTensorSlices(ints(c.n), nil).Batch(c.batch)
		assert.Equal(t, c.want, epoch(t, p, 1, 0))
		assert.Equal(t, len(c.want), p.Len())
	}
}

func TestShuffleIsABuffer(t *testing.T) {
	t.Parallel()
	const n, buffer = 500, 20
	p := FromTensorSlices(ints(n), nil).Shuffle(buffer).Batch(7)
	order := flat(epoch(t, p, 3, 0))
	require.Len(t, order, n)
	late := 0
	for i, v := range order {
		require.Less(t, int(v), i+buffer, "an element cannot come before it entered the buffer")
		if int(v) < i-buffer {
			late++
		}
	}
	assert.Positive(t, late, "an element may stay in the buffer for long")
	sorted := append([]int32(nil), order...)
	assert.ElementsMatch(t, ints(n).Int32s(), sorted, "every element once")

	assert.Equal(t, ints(n).Int32s(), flat(epoch(t, FromTensorSlices(ints(n), nil).Shuffle(1).Batch(7), 3, 0)), "a buffer of one element keeps the order")
}

func TestShuffleIsEvenAndRepeatable(t *testing.T) {
	t.Parallel()
	const n, rounds = 5, 20000
	p := FromTensorSlices(ints(n), nil).Shuffle(100).Batch(n)
	var at [n][n]int // how often element e came at place i
	for e := range rounds {
		for i, v := range epoch(t, p, 9, e)[0] {
			at[v][i]++
		}
	}
	// Five standard deviations of a binomial distribution.
	slack := 5 * math.Sqrt(rounds*(1.0/n)*(1-1.0/n))
	for e := range at {
		for i, count := range at[e] {
			assert.InDelta(t, rounds/n, count, slack, "element %d at place %d", e, i)
		}
	}

	p = FromTensorSlices(ints(50), nil).Shuffle(100).Batch(8)
	first := epoch(t, p, 1, 0)
	assert.Equal(t, first, epoch(t, p, 1, 0))
	assert.NotEqual(t, first, epoch(t, p, 2, 0), "another seed")
	assert.NotEqual(t, first, epoch(t, p, 1, 1), "another epoch")
	twice := FromTensorSlices(ints(50), nil).Shuffle(10).Shuffle(10).Batch(8)
	once := FromTensorSlices(ints(50), nil).Shuffle(10).Batch(8)
	assert.NotEqual(t, epoch(t, once, 1, 0), epoch(t, twice, 1, 0))
}

func TestArraysStayTogether(t *testing.T) {
	t.Parallel()
	const n = 10
	images := make([]uint8, n*2*3)
	for i := range images {
		images[i] = uint8(i)
	}
	words := make([]string, n)
	weights := make([]float32, n)
	for i := range words {
		words[i], weights[i] = fmt.Sprint(i), float32(i)/2
	}
	columns := tensor.New(tensor.WithShape(2, n), tensor.WithBacking(append(ints(n).Int32s(), ints(n).Int32s()...)))
	require.NoError(t, columns.T())
	p := FromArrays(Batch{
		X:            []*tensor.Dense{ints(n), tensor.New(tensor.WithShape(n, 2, 3), tensor.WithBacking(images))},
		Y:            []*tensor.Dense{tensor.New(tensor.WithShape(n), tensor.WithBacking(words)), columns},
		SampleWeight: []*tensor.Dense{tensor.New(tensor.WithShape(n), tensor.WithBacking(weights))},
	}).Shuffle(n).Batch(4)
	require.NoError(t, p.Err())
	seen := 0
	for b, err := range p.Batches(5, 0) {
		require.NoError(t, err)
		require.Len(t, b.X, 2)
		require.Len(t, b.Y, 2)
		require.Len(t, b.SampleWeight, 1)
		size := b.X[0].Shape()[0]
		assert.Equal(t, tensor.Shape{size, 2, 3}, b.X[1].Shape())
		assert.Equal(t, tensor.Shape{size, 2}, b.Y[1].Shape())
		for i, v := range b.X[0].Int32s() {
			seen++
			assert.Equal(t, uint8(6*v+5), b.X[1].Uint8s()[6*i+5])
			assert.Equal(t, fmt.Sprint(v), b.Y[0].Strings()[i])
			assert.Equal(t, []int32{v, v}, b.Y[1].Int32s()[2*i:2*i+2], "an array that is not contiguous")
			assert.Equal(t, float32(v)/2, b.SampleWeight[0].Float32s()[i])
		}
	}
	assert.Equal(t, n, seen)
}

func TestElementTypesAreKept(t *testing.T) {
	t.Parallel()
	for _, backing := range []any{
		[]float32{1, 0},
		[]float64{1, 0},
		[]int{1, 0},
		[]int8{1, 0},
		[]int16{1, 0},
		[]int32{1, 0},
		[]int64{1, 0},
		[]uint{1, 0},
		[]uint8{1, 0},
		[]uint16{1, 0},
		[]uint32{1, 0},
		[]uint64{1, 0},
		[]bool{true, false},
		[]string{"1", "0"},
	} {
		d := tensor.New(tensor.WithShape(2, 1), tensor.WithBacking(backing))
		for b, err := range FromTensorSlices(d, nil).Batch(2).Batches(0, 0) {
			require.NoError(t, err)
			assert.Equal(t, backing, b.X[0].Data())
			assert.Empty(t, b.Y)
		}
	}
	c := tensor.New(tensor.WithShape(1), tensor.WithBacking([]complex64{1}))
	require.ErrorContains(t, FromTensorSlices(c, nil).Err(), "X[0]: expected an array of numbers, bools or strings, got one of complex64")
}

func TestErrorsStick(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p    Pipeline
		says string
	}{
		{FromTensorSlices(nil, nil).Batch(1), "X[0]: expected an array with a first axis"},
		{FromArrays(Batch{}).Batch(1), "expected at least one X, got none"},
		{FromTensorSlices(ints(3), ints(4)).Shuffle(2).Batch(1), "Y[0]: expected 3 slices as in X[0], got shape (4)"},
		{FromTensorSlices(ints(3), tensor.New(tensor.FromScalar(1))).Batch(2), "Y[0]: expected an array with a first axis"},
		{FromTensorSlices(ints(3), nil).Shuffle(0).Batch(-1), "Shuffle: expected a buffer above 0, got 0"},
		{FromTensorSlices(ints(3), nil).Batch(0), "Batch: expected a size above 0, got 0"},
		{FromTensorSlices(ints(3), nil), "expected Batch(n) at the end"},
	} {
		require.ErrorContains(t, c.p.Err(), c.says)
		assert.Equal(t, -1, c.p.Len())
		n := 0
		for _, err := range c.p.Batches(0, 0) {
			require.ErrorContains(t, err, c.says)
			n++
		}
		assert.Equal(t, 1, n)
	}
}

func TestIterationsAreIndependentAndMayEndEarly(t *testing.T) {
	t.Parallel()
	p := FromTensorSlices(ints(9), nil).Batch(3)
	for a, err := range p.Batches(0, 0) {
		require.NoError(t, err)
		for b, err := range p.Batches(0, 0) {
			require.NoError(t, err)
			require.NotSame(t, a.X[0], b.X[0])
			break
		}
		assert.Equal(t, []int32{0, 1, 2}, a.X[0].Int32s())
		break
	}
}

func TestStepsAllocateNothing(t *testing.T) {
	count := func(n int) float64 {
		p := FromTensorSlices(ints(n), ints(n)).Batch(2)
		return testing.AllocsPerRun(10, func() {
			for _, err := range p.Batches(0, 0) {
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	assert.Equal(t, count(10), count(1000), "allocations of an epoch do not grow with its steps")
}

func TestFromGenerator(t *testing.T) {
	t.Parallel()
	d := FromGenerator(-7, func(seed uint64, epoch int) iter.Seq2[Batch, error] {
		return func(yield func(Batch, error) bool) {
			yield(Batch{X: []*tensor.Dense{tensor.New(tensor.WithShape(2), tensor.WithBacking([]int32{int32(seed), int32(epoch)}))}}, nil)
		}
	})
	assert.Equal(t, [][]int32{{4, 2}}, epoch(t, d, 4, 2))
	assert.Equal(t, -1, d.Len())
	for _, err := range FromGenerator(3, nil).Batches(0, 0) {
		require.ErrorContains(t, err, "expected a function, got nil")
	}
}

func BenchmarkEpoch(b *testing.B) {
	const n, width = 6000, 784
	pixels := make([]float32, n*width)
	for i := range pixels {
		pixels[i] = 1 // Memory that was never written is not read from memory.
	}
	x := tensor.New(tensor.WithShape(n, width), tensor.WithBacking(pixels))
	p := FromTensorSlices(x, nil).Shuffle(n).Batch(32)
	b.SetBytes(4 * n * width)
	for b.Loop() {
		for _, err := range p.Batches(1, 0) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
