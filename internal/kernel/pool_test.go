package kernel

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// countBlock adds 1 to the block's own number.
func countBlock(t *Task, block int) { t.I32[0][block]++ }

func TestParallelRunsEveryBlockOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 4, 3, 1, 2} {
		withThreads(threads, func() {
			for _, n := range []int{0, 1, 2, 3, 7, 64, 1000} {
				task := NewTask()
				task.I32[0] = make([]int32, n)
				Parallel(n, task, countBlock)
				for b, count := range task.I32[0] {
					require.EqualValues(t, 1, count, "block %d of %d on %d threads", b, n, threads)
				}
				task.Free()
			}
		})
	}
}

func TestParallelAfterWorkersPark(t *testing.T) {
	withThreads(3, func() {
		for range 20 {
			task := NewTask()
			task.I32[0] = make([]int32, 30)
			Parallel(30, task, countBlock)
			assert.NotContains(t, task.I32[0], int32(0))
			task.Free()
			time.Sleep(time.Millisecond) // longer than a worker spins
		}
	})
}

// TestParallelWaitsForSlowWorkers has blocks that take longer than the caller spins.
func TestParallelWaitsForSlowWorkers(t *testing.T) {
	withThreads(3, func() {
		for range 20 {
			task := NewTask()
			task.I32[0] = make([]int32, 3)
			Parallel(3, task, func(t *Task, block int) {
				if block > 0 {
					time.Sleep(2 * time.Millisecond)
				}
				countBlock(t, block)
			})
			assert.Equal(t, []int32{1, 1, 1}, task.I32[0])
			task.Free()
		}
	})
}

func TestParallelInsideParallelIsSerial(t *testing.T) {
	withThreads(2, func() {
		var total atomic.Int64
		task := NewTask()
		task.Arg = &total
		Parallel(4, task, func(t *Task, _ int) {
			inner := NewTask()
			inner.I32[0] = make([]int32, 5)
			Parallel(5, inner, countBlock)
			for _, v := range inner.I32[0] {
				t.Arg.(*atomic.Int64).Add(int64(v))
			}
			inner.Free()
		})
		assert.EqualValues(t, 20, total.Load())
		task.Free()
	})
}

func TestParallelRaisesPanicInCaller(t *testing.T) {
	for _, threads := range []int{1, 2, 4} {
		withThreads(threads, func() {
			var ran atomic.Int64
			task := NewTask()
			task.Arg = &ran
			assert.PanicsWithValue(t, "block 3", func() {
				Parallel(40, task, func(t *Task, block int) {
					if block == 3 {
						panic("block 3")
					}
					t.Arg.(*atomic.Int64).Add(1)
				})
			})
			if runtime.GOMAXPROCS(0) > 1 { // serially, the panic ends the loop
				assert.EqualValues(t, 39, ran.Load(), "the other blocks finish")
			}
			// The pool is whole afterwards.
			counts := NewTask()
			counts.I32[0] = make([]int32, 40)
			Parallel(40, counts, countBlock)
			assert.NotContains(t, counts.I32[0], int32(0))
		})
	}
}

func TestParallelRaisesFirstBlocksPanic(t *testing.T) {
	withThreads(2, func() {
		for range 20 {
			task := NewTask()
			assert.PanicsWithValue(t, 1, func() {
				Parallel(9, task, func(_ *Task, block int) {
					if block%2 == 1 {
						panic(block)
					}
				})
			})
			task.Free()
		}
	})
}

func TestParallelConcurrentCallers(t *testing.T) {
	withThreads(4, func() {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 100 {
					task := NewTask()
					task.I32[0] = make([]int32, 17)
					Parallel(17, task, countBlock)
					assert.NotContains(t, task.I32[0], int32(0))
					task.Free()
				}
			})
		}
		wg.Wait()
	})
}

func TestParallelAllocatesNothing(t *testing.T) {
	counts := make([]int32, 16)
	assert.Zero(t, testing.AllocsPerRun(50, func() {
		task := NewTask()
		task.I32[0] = counts
		Parallel(16, task, countBlock)
		task.Free()
	}))
}

func TestTaskFreeForgets(t *testing.T) {
	task := NewTask()
	task.F32[2], task.N[3], task.S[1], task.Arg = make([]float32, 4), 5, 6, t
	task.Free()
	task.next = nil
	assert.Equal(t, Task{}, *task)
}

func TestScratch(t *testing.T) {
	for _, n := range []int{0, 1, 1024, 1025, 5000, 1 << 16} {
		s := getScratch(n)
		assert.GreaterOrEqual(t, len(s.data), n)
		assert.Zero(t, uintptr(place(s.data, 0))%64, "scratch of %d begins on a cache line", n)
		putScratch(s)
		again := getScratch(n)
		assert.Same(t, s, again, "a scratch of %d is used again", n)
		putScratch(again)
	}
}

func BenchmarkParallel(b *testing.B) {
	counts := make([]int32, runtime.GOMAXPROCS(0))
	for b.Loop() {
		task := NewTask()
		task.I32[0] = counts
		Parallel(len(counts), task, countBlock)
		task.Free()
	}
}
