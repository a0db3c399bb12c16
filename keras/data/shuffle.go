package data

import (
	"github.com/gokeras/gokeras/internal/shuffle"
)

// ShuffleOptions are Shuffle's.
type ShuffleOptions struct {
	// Seed replaces the iteration's seed. Default: the iteration's.
	Seed *uint64
	// ReshuffleEachIteration draws another order in each epoch and each repetition. Default: true.
	ReshuffleEachIteration *bool
}

// Shuffle draws the elements in random order, another one in each epoch: it keeps a buffer of so many elements, picks one at random
// and puts the next in its place. A buffer as large as the data shuffles evenly; a smaller one only mixes neighbors. Before Batch the elements of
// arrays are shuffled without being copied; elsewhere the buffer holds copies.
func (p Pipeline) Shuffle(buffer int, o ...ShuffleOptions) Pipeline {
	if buffer <= 0 {
		return p.failf("Shuffle: expected a buffer above 0, got %d", buffer)
	}
	options, step := last(o), p.random
	p.random++
	draws := func(at pass) (seed, stream uint64) {
		seed = at.seed
		if options.Seed != nil {
			seed = *options.Seed
		}
		if r := options.ReshuffleEachIteration; r != nil && !*r {
			at.epoch = 0
		}
		return seed, at.stream(step)
	}
	if p.rows != nil && p.err == nil {
		return p.choose(p.length, func(order []int, at pass) []int {
			seed, stream := draws(at)
			shuffle.Window(order, buffer, seed, stream)
			return order
		})
	}
	return p.then(p.length, func(in elements, at pass) elements {
		return func(yield func(Batch, error) bool) {
			w := window{source: shuffle.NewSource(draws(at)), size: buffer}
			w.shuffle(in, yield)
		}
	})
}

// A window is a ring of elements that grows to its size. Drawing one changes it with the first and moves on, so that the order is that of
// [shuffle.Window].
type window struct {
	source shuffle.Source
	size   int
	ring   []*keeper
	first  int
}

func (w *window) shuffle(in elements, yield func(Batch, error) bool) {
	number := 0
	for b, err := range in {
		if err == nil && len(w.ring) < w.size {
			w.ring = append(w.ring, &keeper{})
			_, err = w.ring[len(w.ring)-1].keep(b)
			err = located(err, "Shuffle", number)
			number++
			if err == nil {
				continue
			}
		}
		if err != nil {
			yield(Batch{}, err)
			return
		}
		drawn := w.draw(len(w.ring))
		if !yield(drawn.kept, nil) {
			return
		}
		if _, err := drawn.keep(b); err != nil {
			yield(Batch{}, located(err, "Shuffle", number))
			return
		}
		number++
		w.first = (w.first + 1) % len(w.ring)
	}
	for left := len(w.ring); left > 0; left-- {
		if !yield(w.draw(left).kept, nil) {
			return
		}
		w.first = (w.first + 1) % len(w.ring)
	}
}

// draw picks one of the next n and puts it in front.
func (w *window) draw(n int) *keeper {
	i, j := w.first, (w.first+w.source.Below(n))%len(w.ring)
	w.ring[i], w.ring[j] = w.ring[j], w.ring[i]
	return w.ring[i]
}
