package data

import (
	"iter"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func TestZip(t *testing.T) {
	t.Parallel()
	p := Zip(numbers(3), Range(5, 9, 1).AsY(), numbers(10).Enumerate(100)).Batch(2)
	require.Equal(t, 2, p.Len())
	var last []any
	for b, err := range p.Batches(0, 0) {
		require.NoError(t, err)
		last = last[:0]
		for _, a := range b.all(nil) {
			last = append(last, append([]int64(nil), a.Int64s()...))
		}
		assert.Equal(t, groups{3, 3, 0}, groupsOf(b))
	}
	assert.Equal(t, []any{[]int64{2}, []int64{102}, []int64{2}, []int64{20}, []int64{7}, []int64{20}}, last)
	assert.Equal(t, [][]int64{{0, 0}, {2, 20}}, pairs(t, Zip(numbers(9).Shard(2, 0).Take(2))))
	same := Zip(numbers(8).Shuffle(8), numbers(8).Shuffle(8).AsY())
	for _, v := range pairs(t, same) {
		assert.Equal(t, v[0], v[1], "equal shuffles of one iteration go together")
	}
}

// pairs are X and Y of elements with labels.
func pairs(t *testing.T, p Pipeline) (all [][]int64) {
	t.Helper()
	for b, err := range p.Elements(0, 0) {
		require.NoError(t, err)
		all = append(all, []int64{b.X[0].Int64s()[0], b.Y[len(b.Y)-1].Int64s()[0]})
	}
	return all
}

func TestArraysHandedOutAreNobodyElses(t *testing.T) {
	t.Parallel()
	x := tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{1, 2, 3, 4}))
	once := Batch{X: []*tensor.Dense{x}}
	for _, base := range []Pipeline{FromTensorSlices(x, nil), FromTensors(once), FromTensors(once).Cache(), FromTensorSlices(x, nil).Batch(3).Unbatch()} {
		for _, p := range []Pipeline{
			base, base.Batch(2), base.Window(3, WindowOptions{Shift: 1}), base.Shuffle(2), base.PaddedBatch(2), base.Cache(),
			base.Prefetch(2), base.Repeat(2), Zip(base, base), base.Map(func(b Batch) (Batch, error) { return b, nil }, MapOptions{NumParallelCalls: 2}),
		} {
			var first, second []float32
			for b, err := range p.Elements(0, 0) {
				require.NoError(t, err)
				first = append(first, b.X[0].Float32s()...)
				b.X[0].Zero()
			}
			for b, err := range p.Elements(0, 0) {
				require.NoError(t, err)
				second = append(second, b.X[0].Float32s()...)
			}
			require.Equal(t, first, second)
			require.Contains(t, first, float32(4))
		}
	}
	assert.Equal(t, []float32{1, 2, 3, 4}, x.Float32s())
}

func TestMapMayReturnViews(t *testing.T) {
	t.Parallel()
	x := tensor.New(tensor.WithShape(2, 2, 3), tensor.WithBacking(tensor.Range(tensor.Float32, 0, 12)))
	transposed := func(b Batch) (Batch, error) {
		c, err := b.X[0].SafeT()
		return Batch{X: []*tensor.Dense{c}}, err
	}
	for b, err := range FromTensorSlices(x, nil).Map(transposed).Batch(2).Batches(0, 0) {
		require.NoError(t, err)
		assert.Equal(t, tensor.Shape{2, 3, 2}, b.X[0].Shape())
		assert.Equal(t, []float32{0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11}, b.X[0].Float32s())
	}
	sliced := func(b Batch) (Batch, error) {
		v, err := b.X[0].Slice(nil, tensor.S(1, 3))
		return Batch{X: []*tensor.Dense{v.(*tensor.Dense)}}, err
	}
	for b, err := range FromTensorSlices(x, nil).Map(sliced).Shuffle(1).Batch(2).Batches(0, 0) {
		require.NoError(t, err)
		assert.Equal(t, []float32{1, 2, 4, 5, 7, 8, 10, 11}, b.X[0].Float32s())
	}
}

type twice struct{ Pipeline }

func (d twice) Batches(seed uint64, epoch int) iter.Seq2[Batch, error] {
	return d.Pipeline.Batches(seed, epoch+1)
}

func TestFromDataset(t *testing.T) {
	t.Parallel()
	p := numbers(9).Shuffle(9).Batch(2)
	assert.Equal(t, order(t, p, 1, 4), order(t, FromDataset(twice{p}), 1, 3))
	assert.Equal(t, 5, FromDataset(twice{p}).Len())
	assert.Equal(t, order(t, p, 1, 4), order(t, FromDataset(p), 1, 4))
	require.ErrorContains(t, FromDataset(nil).Err(), "got nil")
}

func TestEmptyPipelines(t *testing.T) {
	t.Parallel()
	var none Pipeline
	require.NoError(t, none.Err())
	assert.Zero(t, none.Len())
	for _, p := range []Pipeline{
		none, none.Batch(2), none.Shuffle(3), none.Window(2), none.Cache(), none.Prefetch(2), none.Repeat(3), Zip(none, numbers(2)), none.Unbatch(),
		numbers(3).Take(0), numbers(3).Skip(3).Batch(2), numbers(3).Skip(-1), numbers(3).Batch(4, BatchOptions{DropRemainder: true}), numbers(3).Repeat(0),
		none.Interleave(many(2)), none.Concatenate(none), none.Shard(2, 1),
	} {
		assert.Empty(t, order(t, p, 0, 0))
	}
}

func TestStepErrors(t *testing.T) {
	t.Parallel()
	base := Range(0, 5, 1)
	grow := func(b Batch) (Batch, error) {
		return Batch{X: []*tensor.Dense{newArray(tensor.Int64, tensor.Shape{int(b.X[0].Int64s()[0]) + 1})}}, nil
	}
	change := func(b Batch) (Batch, error) {
		if b.X[0].Int64s()[0] == 2 {
			b.Y = b.X
		}
		return b, nil
	}
	for _, c := range []struct {
		p    Pipeline
		says string
	}{
		{base.Map(grow).Batch(2), "data: Batch: element 1: X[0]: expected int64 of shape (1) as in the first of the batch, got int64 of shape (2)"},
		{base.Map(change).Batch(4), "element 2: expected 1 X, 0 Y and 0 SampleWeight as in the first of the batch, got 1 X, 1 Y and 0 SampleWeight"},
		{base.Map(change).PaddedBatch(4), "data: PaddedBatch: element 2: expected 1 X, 0 Y"},
		{base.Map(grow).PaddedBatch(3, PaddedBatchOptions{PaddedShapes: [][]int{{2}}}), "X[0]: expected no element larger than the padded shape [2], got a size of 3"},
		{base.Map(grow).PaddedBatch(3, PaddedBatchOptions{PaddedShapes: [][]int{{2, 3}}}), "expected a padded shape of 1 axes"},
		{base.Map(grow).PaddedBatch(3, PaddedBatchOptions{PaddedShapes: [][]int{{2}, {3}}}), "for each of 1 arrays, got 2"},
		{base.Map(grow).Window(2), "data: Window: X[0]: expected int64 of shape (1)"},
		{base.Unbatch(), "data: Unbatch: element 0: X[0]: expected an array with a first axis, got a scalar"},
		{Zip(base.Batch(2), base.Batch(3)).Unbatch(), "X[1]: expected 2 slices as in the first array, got shape (3)"},
		{base.Shuffle(0), "Shuffle: expected a buffer above 0"},
		{base.Batch(-1), "Batch: expected a size above 0"},
		{base.PaddedBatch(0), "PaddedBatch: expected a size above 0"},
		{base.Window(0), "Window: expected a size"},
		{base.Window(2, WindowOptions{Shift: -1}), "Window: expected a size"},
		{base.Shard(2, 2), "Shard: expected"},
		{base.Shard(0, 0), "Shard: expected"},
		{base.Prefetch(-2), "Prefetch: expected"},
		{base.Interleave(many(1), InterleaveOptions{CycleLength: -1}), "Interleave: expected"},
		{base.Map(nil), "Map: expected a function"},
		{base.Map(grow, MapOptions{NumParallelCalls: -3}), "Map: expected a number of parallel calls"},
		{base.MapRandom(nil), "MapRandom: expected a function"},
		{base.Filter(nil), "Filter: expected a function"},
		{base.FlatMap(nil), "FlatMap: expected a function"},
		{base.Repeat(-1).Cache(), "Cache: expected elements that end"},
		{Range(0, 1, 0), "Range: expected a step"},
		{Zip(), "Zip: expected pipelines"},
		{Zip(base, base.Batch(0)), "Batch: expected a size"},
		{base.Concatenate(base.Batch(0)), "Batch: expected a size"},
		{FromTensors(Batch{}), "FromTensors: expected arrays"},
		{FromTensorSlices(tensor.New(tensor.WithShape(0, 2), tensor.Of(tensor.Float32)), nil), "X[0]: expected elements, got shape (0, 2)"},
		{FromTensors(Batch{X: []*tensor.Dense{tensor.New(tensor.WithShape(1), tensor.WithBacking([]complex64{1}))}}), "got one of complex64"},
	} {
		for _, p := range []Pipeline{c.p, c.p.Prefetch(1), c.p.Take(3), c.p.Cache(), c.p.Repeat(2)} {
			var last error
			n := 0
			for _, err := range p.Elements(0, 0) {
				require.NoError(t, last)
				last = err
				n++
			}
			require.ErrorContains(t, last, c.says)
		}
	}
}

func TestPaddedTexts(t *testing.T) {
	t.Parallel()
	words := FromTensorSlices(tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]string{"a", "b"})), nil)
	longer := FromTensors(Batch{X: []*tensor.Dense{tensor.New(tensor.WithShape(2), tensor.WithBacking([]string{"c", "d"}))}})
	for b, err := range words.Concatenate(longer).PaddedBatch(3).Batches(0, 0) {
		require.NoError(t, err)
		assert.Equal(t, []string{"a", "", "b", "", "c", "d"}, b.X[0].Strings())
	}
	var last error
	for _, err := range words.PaddedBatch(3, PaddedBatchOptions{PaddingValues: []float64{1}}).Batches(0, 0) {
		last = err
	}
	require.ErrorContains(t, last, "padding of strings, got 1")
}

func TestStreamsAllocateNothingPerStep(t *testing.T) {
	count := func(n int) float64 {
		p := numbers(n).asStream().Shuffle(5).Batch(2).Window(2).Skip(1).Shard(1, 0).Prefetch(2)
		return testing.AllocsPerRun(5, func() {
			for _, err := range p.Batches(0, 0) {
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	small, large := count(100), count(4000)
	assert.Less(t, large-small, 100.0, "975 more windows allocate next to nothing")
}
