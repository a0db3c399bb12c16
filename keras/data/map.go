package data

import (
	"math/rand/v2"

	"github.com/gokeras/gokeras/internal/shuffle"
)

// MapOptions are Map's.
type MapOptions struct {
	// NumParallelCalls is how many elements are worked on at once, in goroutines, or [Autotune]. Default: 1, where they are asked for.
	NumParallelCalls int
}

// Map changes each element. f may write to the arrays that it is given and return them; it must not keep them. With several workers f runs
// concurrently, and what it returns must not be memory of its own that it uses again; order and elements are the same. Errors and panics of f end
// the iteration with an error that names the element.
func (p Pipeline) Map(f func(Batch) (Batch, error), o ...MapOptions) Pipeline {
	if f == nil {
		return p.failf("Map: expected a function, got nil")
	}
	return p.mapped(last(o), func(b Batch, _ pass, _ int) (Batch, error) { return f(b) })
}

// MapRandom is Map with a source of random numbers that depends on the iteration's seed, its epoch and the element's number only: what is random
// is the same again with the same seed, with any number of workers.
func (p Pipeline) MapRandom(f func(Batch, *rand.Rand) (Batch, error), o ...MapOptions) Pipeline {
	if f == nil {
		return p.failf("MapRandom: expected a function, got nil")
	}
	step := p.random
	p.random++
	return p.mapped(last(o), func(b Batch, at pass, number int) (Batch, error) {
		seed := shuffle.Mix(at.seed, at.stream(step))
		return f(b, rand.New(rand.NewPCG(seed, shuffle.Mix(seed, uint64(number)))))
	})
}

func (p Pipeline) mapped(o MapOptions, f func(b Batch, at pass, number int) (Batch, error)) Pipeline {
	n := workers(o.NumParallelCalls)
	if n < 0 {
		return p.failf("Map: expected a number of parallel calls or Autotune, got %d", n)
	}
	call := func(b Batch, at pass, number int) (Batch, error) {
		b, err := protected(func() (Batch, error) { return f(b, at, number) })
		return b, located(err, "Map", number)
	}
	return p.then(p.length, func(in elements, at pass) elements {
		return func(yield func(Batch, error) bool) {
			if o.NumParallelCalls != 0 && o.NumParallelCalls != 1 {
				a := ahead{slots: 2 * n, workers: n, work: func(s *slot) (Batch, error) { return call(s.keeper.kept, s.at, s.number) }}
				a.run(in, at, yield)
				return
			}
			number := 0
			for b, err := range in {
				if err == nil {
					b, err = call(b, at, number)
				}
				number++
				if !yield(b, err) || err != nil {
					return
				}
			}
		}
	})
}
