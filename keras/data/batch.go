package data

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// BatchOptions are Batch's.
type BatchOptions struct {
	// DropRemainder leaves out a last batch that is smaller than the others. Default: it is kept.
	DropRemainder bool
}

// Batch joins each n elements, whose arrays get a new first axis; the last batch may be smaller. The elements of a batch have the same shapes.
func (p Pipeline) Batch(n int, o ...BatchOptions) Pipeline {
	if n <= 0 {
		return p.failf("Batch: expected a size above 0, got %d", n)
	}
	drop := last(o).DropRemainder
	length := batches(p.length, n, drop)
	if r := p.rows; r != nil && p.err == nil {
		p.rows, p.length, p.examples = nil, length, false
		p.stream = func(at pass) elements { return r.batches(at, n, drop) }
		return p
	}
	p = p.then(length, func(in elements, _ pass) elements {
		return joined("Batch", in, n, drop, func() joiner { return &stacker{size: n} })
	})
	p.examples = false
	return p
}

func batches(length, n int, drop bool) int {
	return mapped(length, func(length int) int {
		if drop {
			return length / n
		}
		return length/n + min(length%n, 1)
	})
}

// A joiner makes one element of several.
type joiner interface {
	// add takes element number i of a batch.
	add(i int, e *parts) error
	// join returns the batch of the n elements that were added; add begins the next one.
	join(n int) (Batch, error)
}

// joined hands each n elements to a joiner.
func joined(what string, in elements, n int, drop bool, newJoiner func() joiner) elements {
	return func(yield func(Batch, error) bool) {
		var e parts
		j := newJoiner()
		count, number := 0, 0
		for b, err := range in {
			if err == nil {
				err = located(e.set(b), what, number)
			}
			if err == nil {
				err = located(j.add(count, &e), what, number)
			}
			if err != nil {
				yield(Batch{}, err)
				return
			}
			number++
			if count++; count < n {
				continue
			}
			count = 0
			if out, err := j.join(n); !yield(out, err) || err != nil {
				return
			}
		}
		if count > 0 && !drop {
			yield(j.join(count))
		}
	}
}

// A stacker joins elements of equal shapes in arrays that it uses again.
type stacker struct {
	size   int
	groups groups
	room   int             // elements that arrays hold, size at most: a size beyond the data takes no memory
	arrays []*tensor.Dense // [room, ...]
	first  []*tensor.Dense // what the elements look like
}

func (s *stacker) add(i int, e *parts) error {
	if i == 0 && !s.fits(e) {
		s.begin(e)
	}
	if e.groups != s.groups {
		return errors.Errorf("expected %v as in the first of the batch, got %v", s.groups, e.groups)
	}
	if i == s.room {
		s.resize(min(2*s.room, s.size), i)
	}
	for k, a := range e.arrays {
		if !same(a, s.first[k]) {
			return errors.Errorf("%s: expected %v of shape %v as in the first of the batch, got %v of shape %v; PaddedBatch joins different sizes",
				e.groups.name(k), s.first[k].Dtype(), s.first[k].Shape(), a.Dtype(), a.Shape())
		}
		n := size(a.Shape())
		move(s.arrays[k], i*n, a, 0, n)
	}
	return nil
}

func (s *stacker) fits(e *parts) bool {
	if e.groups != s.groups || s.arrays == nil {
		return false
	}
	for k, a := range e.arrays {
		if !same(a, s.first[k]) {
			return false
		}
	}
	return true
}

func (s *stacker) begin(e *parts) {
	s.groups = e.groups
	s.arrays, s.first = make([]*tensor.Dense, len(e.arrays)), make([]*tensor.Dense, len(e.arrays))
	for k, a := range e.arrays {
		s.first[k] = newArray(a.Dtype(), a.Shape())
	}
	s.resize(min(s.size, 256), 0)
}

// resize makes room for n elements and keeps the first ones.
func (s *stacker) resize(n, kept int) {
	s.room = n
	for k, a := range s.first {
		grown := newArray(a.Dtype(), withFirst(n, a.Shape()))
		if kept > 0 {
			move(grown, 0, s.arrays[k], 0, kept*size(a.Shape()))
		}
		s.arrays[k] = grown
	}
}

func withFirst(n int, shape tensor.Shape) tensor.Shape {
	return append(tensor.Shape{n}, shape...)
}

func (s *stacker) join(n int) (Batch, error) {
	if n == s.size {
		return s.groups.batch(s.arrays), nil
	}
	short := make([]*tensor.Dense, len(s.arrays))
	for k, a := range s.arrays {
		short[k] = newArray(a.Dtype(), withFirst(n, s.first[k].Shape()))
		move(short[k], 0, a, 0, size(short[k].Shape()))
	}
	return s.groups.batch(short), nil
}

// Unbatch takes batches apart again: the slices of all arrays along their first axis are elements.
func (p Pipeline) Unbatch() Pipeline {
	p = p.then(unknown, func(in elements, _ pass) elements {
		return func(yield func(Batch, error) bool) {
			var e parts
			number := 0
			for b, err := range in {
				if err == nil {
					err = located(e.set(b), "Unbatch", number)
				}
				if err == nil {
					err = located(e.checkFirst(), "Unbatch", number)
				}
				if err != nil {
					yield(Batch{}, err)
					return
				}
				number++
				if !e.eachSlice(yield) {
					return
				}
			}
		}
	})
	p.examples = true
	return p
}

// checkFirst makes sure that all arrays have the same first axis.
func (e *parts) checkFirst() error {
	for i, a := range e.arrays {
		if len(a.Shape()) == 0 {
			return errors.Errorf("%s: expected an array with a first axis, got a scalar", e.groups.name(i))
		}
		if n := e.arrays[0].Shape()[0]; a.Shape()[0] != n {
			return errors.Errorf("%s: expected %d slices as in the first array, got shape %v", e.groups.name(i), n, a.Shape())
		}
	}
	return nil
}

// eachSlice yields the slices along the first axis and reports whether more is wanted.
func (e *parts) eachSlice(yield func(Batch, error) bool) bool {
	slices := make([]*tensor.Dense, len(e.arrays))
	for i, a := range e.arrays {
		slices[i] = newArray(a.Dtype(), a.Shape()[1:])
	}
	b := e.groups.batch(slices)
	for k := range e.arrays[0].Shape()[0] {
		for i, a := range e.arrays {
			n := size(slices[i].Shape())
			move(slices[i], 0, a, k*n, n)
		}
		if !yield(b, nil) {
			return false
		}
	}
	return true
}
