//go:build !wasm

package kernel

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// These tests return only if two threads run at the same time, which WebAssembly does not have.

// TestParallelUsesWorkers has blocks that wait for each other.
func TestParallelUsesWorkers(t *testing.T) {
	withThreads(2, func() {
		var both sync.WaitGroup
		both.Add(2)
		task := NewTask()
		task.Arg = &both
		Parallel(2, task, func(t *Task, _ int) {
			both := t.Arg.(*sync.WaitGroup)
			both.Done()
			both.Wait()
		})
		task.Free()
	})
}

func TestParallelRaisesPanicOfWorker(t *testing.T) {
	withThreads(2, func() {
		// Block 0 is the caller's: it waits until the worker has reached block 1, which panics.
		reached := make(chan struct{})
		task := NewTask()
		task.Arg = reached
		assert.PanicsWithValue(t, "worker", func() {
			Parallel(2, task, func(t *Task, block int) {
				reached := t.Arg.(chan struct{})
				if block == 0 {
					<-reached
					return
				}
				close(reached)
				panic("worker")
			})
		})
	})
}
