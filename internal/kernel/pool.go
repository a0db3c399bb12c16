package kernel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

const (
	// maxThreads bounds the threads of one parallel loop, the caller's included.
	maxThreads = 64
	// spinRounds of two pauses each are what a worker waits for more work before it parks: some 30 microseconds.
	spinRounds = 1500
	// waitRounds of one pause each are what a caller spins for its workers' last blocks before it sleeps.
	waitRounds = 4000
)

// workers is the pool of the process. It starts at first use.
var workers pool

// pool runs the blocks of one loop at a time. A thread owns a range of blocks, so that it tends to see the same memory in call
// after call, and takes blocks from others when its own are gone; the caller never waits for a worker that has not begun.
type pool struct {
	mu    sync.Mutex // held by the goroutine whose loop runs
	task  *Task
	body  func(*Task, int)
	total int64              // blocks
	slots [maxThreads]worker // slots[0] is the caller's
	live  int                // workers started, the caller's slot included
	_     [56]byte
	using atomic.Int32 // threads that take part in the current loop
	_     [60]byte
	done  atomic.Int64 // blocks finished
	_     [56]byte

	waiting  atomic.Bool // the caller sleeps until finished
	finished chan struct{}

	failed struct {
		sync.Mutex
		block int
		value any
	}
	broken atomic.Bool
}

type worker struct {
	blocks atomic.Uint64 // blocks still to take: first<<32 | end
	parked atomic.Bool
	wake   chan struct{}
	_      [40]byte
}

// Parallel runs body(t, block) for every block in [0, n) and returns when all have finished. Blocks run in any order and on
// any thread; serially, in order, when n is 1, GOMAXPROCS is 1 or another goroutine is inside Parallel. Body must be a static
// function that gets all it needs from t. A panic in body is raised in the caller, after all other blocks if they run in
// parallel.
func Parallel(n int, t *Task, body func(t *Task, block int)) {
	if n > 1 {
		if procs := runtime.GOMAXPROCS(0); procs > 1 && workers.mu.TryLock() {
			defer workers.mu.Unlock()
			workers.run(n, min(procs, n, maxThreads), t, body)
			return
		}
	}
	for b := range n {
		body(t, b)
	}
}

func (p *pool) run(n, threads int, t *Task, body func(*Task, int)) {
	p.start(threads)
	p.task, p.body, p.total = t, body, int64(n)
	p.done.Store(0)
	p.using.Store(int32(threads))
	for i := range threads {
		lo, hi := n*i/threads, n*(i+1)/threads
		p.slots[i].blocks.Store(uint64(lo)<<32 | uint64(hi))
	}
	for i := 1; i < threads; i++ {
		w := &p.slots[i]
		if w.parked.Load() && w.parked.CompareAndSwap(true, false) {
			w.wake <- struct{}{}
		}
	}
	for p.work(0) {
	}
	p.await(int64(n))
	p.task, p.body = nil, nil
	if p.broken.Load() {
		p.raise()
	}
}

// await returns when all blocks have finished.
func (p *pool) await(total int64) {
	for c := 0; p.done.Load() != total; c++ {
		if c < waitRounds {
			pause(1)
			continue
		}
		p.waiting.Store(true)
		if p.done.Load() == total && p.waiting.CompareAndSwap(true, false) {
			return
		}
		<-p.finished
	}
}

// finish counts a block of a loop of total blocks. A thread that is late may wake the caller of the next loop: it looks again.
func (p *pool) finish(total int64) {
	if p.done.Add(1) == total && p.waiting.CompareAndSwap(true, false) {
		p.finished <- struct{}{}
	}
}

// start brings the number of workers to threads; they live as long as the process.
func (p *pool) start(threads int) {
	if p.live == 0 {
		p.live, p.finished = 1, make(chan struct{}, 1)
	}
	for ; p.live < threads; p.live++ {
		w := &p.slots[p.live]
		w.wake = make(chan struct{}, 1)
		go p.serve(w, p.live)
	}
}

// serve is a worker's life: work, spin, park.
func (p *pool) serve(w *worker, id int) {
	for spins := 0; ; {
		if p.work(id) {
			spins = 0
			continue
		}
		if spins++; spins <= spinRounds {
			pause(2)
			continue
		}
		w.parked.Store(true)
		// A loop that began before parked was set did not send: look once more.
		if !p.pending() || !w.parked.CompareAndSwap(true, false) {
			<-w.wake
		}
		spins = 0
	}
}

// pending reports whether a block of the current loop has not been taken.
func (p *pool) pending() bool {
	for i := range int(p.using.Load()) {
		if s := p.slots[i].blocks.Load(); s>>32 < s&0xffffffff {
			return true
		}
	}
	return false
}

// work runs blocks until none is left; it reports whether it ran any. A panic ends it early, with true.
func (p *pool) work(id int) (ran bool) {
	b := p.take(id)
	if b < 0 {
		return false
	}
	total := p.total
	defer func() {
		if v := recover(); v != nil {
			p.fail(b, v)
			p.finish(total)
			ran = true
		}
	}()
	for b >= 0 {
		total = p.total
		p.body(p.task, b)
		p.finish(total)
		b = p.take(id)
	}
	return true
}

// take claims a block: the first of the thread's own, else the last of another's; -1 if there is none. A claim that succeeds
// is a claim on the current loop, however old the word that was read: the loop cannot end before the block has run.
func (p *pool) take(id int) int {
	using := int(p.using.Load())
	for i := range using {
		at := (id + i) % using
		w := &p.slots[at].blocks
		for {
			s := w.Load()
			lo, hi := s>>32, s&0xffffffff
			if lo >= hi {
				break
			}
			if at == id {
				if w.CompareAndSwap(s, s+1<<32) {
					return int(lo)
				}
			} else if w.CompareAndSwap(s, s-1) {
				return int(hi - 1)
			}
		}
	}
	return -1
}

// fail records the panic of a block; of several the first block's counts.
func (p *pool) fail(block int, value any) {
	p.failed.Lock()
	defer p.failed.Unlock()
	if p.broken.Load() && p.failed.block < block {
		return
	}
	p.failed.block, p.failed.value = block, value
	p.broken.Store(true)
}

func (p *pool) raise() {
	v := p.failed.value
	p.failed.value = nil
	p.broken.Store(false)
	panic(v)
}
