package data

import (
	"runtime"
	"sync"
)

// An ahead takes elements in a goroutine while others are used, and has workers change them. Elements keep their order. As many are on the way as
// there are slots, whose memory is used again and again.
type ahead struct {
	slots   int
	workers int                          // 0: elements are only fetched
	work    func(s *slot) (Batch, error) // must not panic
}

// A slot is an element on the way.
type slot struct {
	keeper keeper
	number int
	at     pass
	result Batch
	err    error
	ready  chan struct{}
}

func workers(n int) int {
	if n == Autotune {
		return runtime.GOMAXPROCS(0)
	}
	return n
}

// run yields the elements. When it returns all its goroutines have ended.
func (a ahead) run(in elements, at pass, yield func(Batch, error) bool) {
	free, todo, queue := make(chan *slot, a.slots), make(chan *slot, a.slots), make(chan *slot, a.slots)
	for range a.slots {
		free <- &slot{at: at, ready: make(chan struct{}, 1)}
	}
	quit := make(chan struct{})
	var running sync.WaitGroup
	defer running.Wait()
	defer close(quit)
	running.Go(func() {
		defer close(queue)
		defer close(todo)
		a.fetch(in, free, todo, queue, quit)
	})
	for range a.workers {
		running.Go(func() {
			a.serve(todo, quit)
		})
	}
	for s := range queue {
		<-s.ready
		if !yield(s.result, s.err) || s.err != nil {
			return
		}
		free <- s
	}
}

// serve works on elements; those that nobody waits for any more are left as they are.
func (a ahead) serve(todo <-chan *slot, quit <-chan struct{}) {
	for s := range todo {
		select {
		case <-quit:
			continue
		default:
		}
		s.result, s.err = a.work(s)
		s.ready <- struct{}{}
	}
}

// fetch copies elements into free slots.
func (a ahead) fetch(in elements, free <-chan *slot, todo, queue chan<- *slot, quit <-chan struct{}) {
	number := 0
	for b, err := range in {
		var s *slot
		select {
		case <-quit:
			return
		case s = <-free:
		}
		s.number = number
		number++
		if err == nil {
			s.result, err = s.keeper.keep(b)
		}
		s.err = err
		queue <- s // There is room: no more slots are on the way than fit.
		if err == nil && a.workers > 0 {
			todo <- s
			continue
		}
		s.ready <- struct{}{}
		if err != nil {
			return
		}
	}
}

// Prefetch keeps up to n elements ready, which a goroutine fetches while others are used. n may be [Autotune].
func (p Pipeline) Prefetch(n int) Pipeline {
	if n == Autotune {
		n = 2
	}
	if n < 0 {
		return p.failf("Prefetch: expected a number of elements or Autotune, got %d", n)
	}
	if n == 0 {
		return p
	}
	return p.then(p.length, func(in elements, at pass) elements {
		return func(yield func(Batch, error) bool) {
			ahead{slots: n + 1}.run(in, at, yield) // One is in use.
		}
	})
}
