package data

import (
	"iter"

	"github.com/gokeras/gokeras/internal/shuffle"
)

// FlatMap yields the elements of the pipelines that f makes of the elements, one pipeline after the other. f must not keep the arrays it is given.
func (p Pipeline) FlatMap(f func(Batch) (Pipeline, error)) Pipeline {
	return p.interleave("FlatMap", f, 1, 1)
}

// InterleaveOptions are Interleave's.
type InterleaveOptions struct {
	// CycleLength is how many pipelines take turns. Default: 4; tf.data's depends on the machine.
	CycleLength int
	// BlockLength is how many elements each yields in its turn. Default: 1.
	BlockLength int
}

// Interleave is FlatMap of several pipelines at a time, which take turns; when one ends, the next element's takes its place.
func (p Pipeline) Interleave(f func(Batch) (Pipeline, error), o ...InterleaveOptions) Pipeline {
	options := last(o)
	if options.CycleLength == 0 {
		options.CycleLength = 4
	}
	if options.BlockLength == 0 {
		options.BlockLength = 1
	}
	if options.CycleLength < 0 || options.BlockLength < 0 {
		return p.failf("Interleave: expected lengths above 0, got cycle %d and block %d", options.CycleLength, options.BlockLength)
	}
	return p.interleave("Interleave", f, options.CycleLength, options.BlockLength)
}

func (p Pipeline) interleave(what string, f func(Batch) (Pipeline, error), cycle, block int) Pipeline {
	if f == nil {
		return p.failf("%s: expected a function, got nil", what)
	}
	step := p.random
	p.random++
	p = p.then(unknown, func(in elements, at pass) elements {
		return func(yield func(Batch, error) bool) {
			l := lanes{what: what, make: f, at: at, step: step, lanes: make([]lane, cycle), block: block}
			defer l.stop()
			if cycle == 1 {
				l.one(in, yield)
				return
			}
			l.run(in, yield)
		}
	})
	p.examples = false
	return p
}

// lanes are the pipelines that take turns.
type lanes struct {
	what   string
	make   func(Batch) (Pipeline, error)
	at     pass
	step   uint64
	lanes  []lane
	block  int
	number int // elements of the outer pipeline so far
}

// A lane is one of them; next is nil where none is open.
type lane struct {
	next func() (Batch, error, bool)
	stop func()
}

func (l *lanes) stop() {
	for _, lane := range l.lanes {
		if lane.next != nil {
			lane.stop()
		}
	}
}

// open starts the pipeline of the next element; what is random in it is another than in the others.
func (l *lanes) open(b Batch) (elements, error) {
	p, err := protected(func() (Pipeline, error) { return l.make(b) })
	if err == nil {
		err = p.err
	}
	if err != nil {
		return nil, located(err, l.what, l.number)
	}
	seed := shuffle.Mix(shuffle.Mix(l.at.seed, l.step), uint64(l.number))
	l.number++
	return p.open(pass{seed, l.at.epoch}), nil
}

// one is run for a single lane, which needs no coroutines.
func (l *lanes) one(in elements, yield func(Batch, error) bool) {
	for b, err := range in {
		var inner elements
		if err == nil {
			inner, err = l.open(b)
		}
		if err != nil {
			yield(Batch{}, err)
			return
		}
		for b, err := range inner {
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}

func (l *lanes) run(in elements, yield func(Batch, error) bool) {
	outer, stop := iter.Pull2(in)
	defer stop()
	open, ended := 0, false
	for turn := 0; open > 0 || !ended; turn = (turn + 1) % len(l.lanes) {
		at := &l.lanes[turn]
		if at.next == nil && !ended {
			b, err, ok := outer()
			var inner elements
			if ok && err == nil {
				inner, err = l.open(b)
			}
			if err != nil {
				yield(Batch{}, err)
				return
			}
			if ended = !ok; ok {
				at.next, at.stop = iter.Pull2(inner)
				open++
			}
		}
		if at.next == nil {
			continue
		}
		more, left := l.turn(at, yield)
		if !more {
			return
		}
		if !left {
			open--
		}
	}
}

// turn yields a block of a lane, and reports whether more is wanted and whether the lane may have more.
func (l *lanes) turn(at *lane, yield func(Batch, error) bool) (more, left bool) {
	for range l.block {
		b, err, ok := at.next()
		if !ok {
			at.stop()
			*at = lane{}
			return true, false
		}
		if !yield(b, err) || err != nil {
			return false, true
		}
	}
	return true, true
}
