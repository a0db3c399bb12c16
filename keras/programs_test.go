package keras

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/stretchr/testify/require"
)

// square is a program over n numbers.
func square(t *testing.T, n int) func() (*prepared, error) {
	t.Helper()
	return func() (*prepared, error) {
		x := ops.Placeholder("x", ops.Float32, n)
		p, err := ops.Compile(ops.Options{Inputs: []ops.Tensor{x}, Outputs: []ops.Tensor{ops.Square(x)}})
		return &prepared{Program: p}, err
	}
}

func TestIdleProgramsStayWithinTheBound(t *testing.T) {
	ps := newPrograms()
	ctx := context.Background()
	first, err := ps.take(ctx, "1000", square(t, 1000))
	require.NoError(t, err)
	ps.limit = 3 * first.Bytes()
	ps.give(first)
	for _, n := range []int{1001, 1002, 1003, 1004} {
		p, err := ps.take(ctx, itoa(n), square(t, n))
		require.NoError(t, err)
		ps.give(p)
		require.LessOrEqual(t, ps.bytes, ps.limit)
	}
	require.Nil(t, ps.reuse("1000"), "the longest unused made way")
	latest := ps.reuse("1004")
	require.NotNil(t, latest)
	require.Equal(t, "1004", latest.key)
}

func TestOneOversizedProgramIsKept(t *testing.T) {
	ps := newPrograms()
	ps.limit = 1
	p, err := ps.take(context.Background(), "a", square(t, 1000))
	require.NoError(t, err)
	ps.give(p)
	require.Same(t, p, ps.reuse("a"))
	require.Zero(t, ps.bytes)
}

func TestNoMoreProgramsRunThanThereAreProcessors(t *testing.T) {
	ps := newPrograms()
	var running, most atomic.Int32
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 20 {
				p, err := ps.take(context.Background(), "x", square(t, 8))
				if err != nil {
					t.Error(err)
					return
				}
				n := running.Add(1)
				for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
				}
				runtime.Gosched()
				running.Add(-1)
				ps.give(p)
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, int(most.Load()), max(1, runtime.GOMAXPROCS(0)))
}

func TestWaitingForATurnEndsWithTheContext(t *testing.T) {
	ps := newPrograms()
	for range cap(ps.turns) {
		_, err := ps.take(context.Background(), "x", square(t, 8))
		require.NoError(t, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := ps.take(ctx, "x", square(t, 8))
	require.ErrorIs(t, err, context.Canceled)
}
