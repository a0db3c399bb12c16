package data

import (
	"iter"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func square(b Batch) (Batch, error) {
	for i, v := range b.X[0].Int64s() {
		b.X[0].Int64s()[i] = v * v
	}
	return b, nil
}

func TestParallelMapIsMap(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 3, 100} {
		want := order(t, Range(0, int64(n), 1).Map(square), 0, 0)
		for _, workers := range []int{1, 2, 5, Autotune} {
			p := Range(0, int64(n), 1).Map(func(b Batch) (Batch, error) {
				time.Sleep(time.Duration(50-b.X[0].Int64s()[0]) * time.Microsecond) // The first are the slowest.
				return square(b)
			}, MapOptions{NumParallelCalls: workers})
			assert.Equal(t, want, order(t, p, 0, 0), "%d elements, %d workers", n, workers)
			assert.Equal(t, n, p.length)
		}
	}
	var most, now atomic.Int32
	p := Range(0, 40, 1).Map(func(b Batch) (Batch, error) {
		for n := now.Add(1); ; {
			m := most.Load()
			if n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		time.Sleep(time.Millisecond)
		now.Add(-1)
		return b, nil
	}, MapOptions{NumParallelCalls: 3})
	order(t, p, 0, 0)
	assert.LessOrEqual(t, most.Load(), int32(3))
	assert.Greater(t, most.Load(), int32(1), "they do run at the same time")
}

func TestMapRandomDependsOnSeedEpochAndNumber(t *testing.T) {
	t.Parallel()
	draw := func(b Batch, r *rand.Rand) (Batch, error) {
		b.X[0].Int64s()[0] = r.Int64()
		return b, nil
	}
	serial := Range(0, 50, 1).MapRandom(draw)
	parallel := Range(0, 50, 1).MapRandom(draw, MapOptions{NumParallelCalls: 4})
	want := order(t, serial, 1, 2)
	assert.Equal(t, want, order(t, parallel, 1, 2))
	seen := map[int64]bool{}
	for _, other := range [][]int64{
		want, order(t, serial, 2, 2), order(t, serial, 1, 3),
		order(t, Range(0, 50, 1).MapRandom(draw).MapRandom(draw), 1, 2),
	} {
		for _, v := range other {
			assert.False(t, seen[v], "no number twice")
			seen[v] = true
		}
	}
	// In the pipelines of FlatMap too.
	flat := Range(0, 5, 1).FlatMap(func(Batch) (Pipeline, error) { return Range(0, 10, 1).MapRandom(draw), nil })
	for _, v := range order(t, flat, 1, 2) {
		assert.False(t, seen[v])
		seen[v] = true
	}
}

// goroutines waits until no more run than before.
func requireNoMoreGoroutines(t *testing.T, before int) {
	t.Helper()
	for range 200 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before, "goroutines are left")
}

// stages are pipelines with all that starts goroutines.
func stages(base Pipeline) []Pipeline {
	identity := func(b Batch) (Batch, error) { return b, nil }
	inner := func(Batch) (Pipeline, error) { return Range(0, 5, 1).Prefetch(1), nil }
	return []Pipeline{
		base.Prefetch(3),
		base.Prefetch(Autotune).Prefetch(1),
		base.Map(identity, MapOptions{NumParallelCalls: 4}),
		base.Map(identity, MapOptions{NumParallelCalls: 4}).Shuffle(5).Batch(2).Prefetch(2),
		Zip(base.Prefetch(1), base.Map(identity, MapOptions{NumParallelCalls: 2}), base),
		base.Interleave(inner, InterleaveOptions{CycleLength: 3, BlockLength: 2}),
		base.FlatMap(inner).Prefetch(2),
		base.Cache().Prefetch(2),
	}
}

// It does not run beside other tests, whose goroutines it would count.
func TestNoGoroutineIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	failing := Range(0, 100, 1).Map(func(b Batch) (Batch, error) {
		if b.X[0].Int64s()[0] == 20 {
			return b, errors.New("broken")
		}
		return b, nil
	})
	for i, p := range stages(Range(0, 100, 1)) {
		for _, most := range []int{0, 1, 7, 1000} {
			n := 0
			for _, err := range p.Elements(0, 0) {
				require.NoError(t, err)
				if n++; n > most {
					break
				}
			}
			requireNoMoreGoroutines(t, before)
		}
		next, stop := iter.Pull2(p.Elements(0, 0))
		_, _, ok := next()
		require.True(t, ok)
		stop()
		func() {
			defer func() { require.Equal(t, "of the loop", recover(), i) }()
			for range p.Elements(0, 0) {
				panic("of the loop")
			}
		}()
		requireNoMoreGoroutines(t, before)
	}
	for i, p := range stages(failing) {
		var last error
		after := 0
		for _, err := range p.Elements(0, 0) {
			if last != nil {
				after++
			}
			if err != nil {
				last = err
			}
		}
		require.ErrorContains(t, last, "Map: element 20: broken", i)
		require.Zero(t, after, "an error is the last thing")
		requireNoMoreGoroutines(t, before)
	}
}

func TestPanicsOfFunctionsAreErrors(t *testing.T) {
	t.Parallel()
	base := Range(0, 10, 1)
	at := func(b Batch) {
		if b.X[0].Int64s()[0] == 3 {
			panic("ouch")
		}
	}
	for _, c := range []struct {
		p    Pipeline
		says string
	}{
		{base.Map(func(b Batch) (Batch, error) { at(b); return b, nil }), "data: Map: element 3: panic: ouch"},
		{base.Map(func(b Batch) (Batch, error) { at(b); return b, nil }, MapOptions{NumParallelCalls: 3}), "data: Map: element 3: panic: ouch"},
		{base.MapRandom(func(b Batch, _ *rand.Rand) (Batch, error) { at(b); return b, nil }), "data: Map: element 3: panic: ouch"},
		{base.Filter(func(b Batch) (bool, error) { at(b); return true, nil }), "data: Filter: element 3: panic: ouch"},
		{base.FlatMap(func(b Batch) (Pipeline, error) { at(b); return base, nil }), "data: FlatMap: element 3: panic: ouch"},
		{base.Interleave(func(b Batch) (Pipeline, error) { at(b); return base, nil }), "data: Interleave: element 3: panic: ouch"},
		{FromGenerator(-1, func(uint64, int) iter.Seq2[Batch, error] {
			return func(yield func(Batch, error) bool) {
				for b := range base.Elements(0, 0) {
					at(b)
					if !yield(b, nil) {
						return
					}
				}
			}
		}), "data: FromGenerator: element 3: panic: ouch"},
		{FromGenerator(-1, func(uint64, int) iter.Seq2[Batch, error] { panic("ouch") }), "data: FromGenerator: element 0: panic: ouch"},
		{FromGenerator(-1, func(uint64, int) iter.Seq2[Batch, error] { return nil }), "expected an iteration, got nil"},
		{base.Map(func(Batch) (Batch, error) { return Batch{}, nil }).Batch(2), "data: Batch: element 0: expected arrays"},
		{base.Map(func(Batch) (Batch, error) { return Batch{X: []*tensor.Dense{nil}}, nil }).Shuffle(2), "data: Shuffle: element 0: X[0]: expected an array, got nil"},
		{base.FlatMap(func(Batch) (Pipeline, error) { return base.Batch(0), nil }), "data: FlatMap: element 0: data: Batch: expected a size above 0"},
	} {
		for _, p := range []Pipeline{c.p, c.p.Prefetch(2), c.p.Take(50)} {
			var last error
			for _, err := range p.Elements(0, 0) {
				last = err
			}
			require.ErrorContains(t, last, c.says)
		}
	}
}

func TestAPanicOfTheLoopGoesOn(t *testing.T) {
	t.Parallel()
	p := FromGenerator(1, func(uint64, int) iter.Seq2[Batch, error] {
		return func(yield func(Batch, error) bool) { yield(Batch{X: []*tensor.Dense{scalar(1)}}, nil) }
	})
	assert.PanicsWithValue(t, "mine", func() {
		for range p.Elements(0, 0) {
			panic("mine")
		}
	})
}

func TestPrefetchIsAhead(t *testing.T) {
	t.Parallel()
	var made atomic.Int32
	p := Range(0, 100, 1).Map(func(b Batch) (Batch, error) { made.Add(1); return b, nil }).Prefetch(4)
	n := 0
	for b, err := range p.Elements(0, 0) {
		require.NoError(t, err)
		require.Equal(t, int64(n), b.X[0].Int64s()[0])
		if n++; n == 1 {
			require.Eventually(t, func() bool { return made.Load() >= 5 }, 5*time.Second, time.Millisecond)
			time.Sleep(10 * time.Millisecond)
			// One in use, four ready, one that waits for room.
			assert.LessOrEqual(t, made.Load(), int32(6))
		}
	}
	assert.Equal(t, 100, n)
}

func TestMemoryIsBounded(t *testing.T) {
	const size, count = 4 << 20, 512 // 2 GB in all.
	pixels := make([]uint8, size)
	x := tensor.New(tensor.WithShape(size), tensor.WithBacking(pixels))
	p := FromGenerator(count, func(uint64, int) iter.Seq2[Batch, error] {
		return func(yield func(Batch, error) bool) {
			for range count {
				if !yield(Batch{X: []*tensor.Dense{x}}, nil) {
					return
				}
			}
		}
	}).Shuffle(2).Map(func(b Batch) (Batch, error) { return b, nil }, MapOptions{NumParallelCalls: 2}).Batch(2).Prefetch(1)
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	n := 0
	for _, err := range p.Batches(0, 0) {
		require.NoError(t, err)
		n++
	}
	runtime.ReadMemStats(&now)
	assert.Equal(t, count/2, n)
	// Two in Shuffle, four in Map, a batch of two being made and two batches ahead.
	assert.Less(t, now.TotalAlloc-before.TotalAlloc, uint64(16*size), "memory is used again")
}
