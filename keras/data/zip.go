package data

import (
	"iter"

	"gorgonia.org/tensor"
)

// Zip joins the elements that come at the same place: the X of all, the Y of all and the SampleWeight of all. It ends with the shortest.
// Pipelines that shuffle equally keep in step.
//
//	data.Zip(images, labels.AsY())
func Zip(all ...Pipeline) Pipeline {
	if len(all) == 0 {
		return Pipeline{}.failf("Zip: expected pipelines, got none")
	}
	z := Pipeline{length: endless}
	for _, p := range all {
		if p.err != nil {
			return z.fail(p.err)
		}
		z.examples = z.examples || p.examples
		z.random = max(z.random, p.random)
		z.length = shorter(z.length, p.length)
	}
	z.stream = func(at pass) elements {
		return func(yield func(Batch, error) bool) { zipped(all, at, yield) }
	}
	return z
}

func shorter(a, b int) int {
	switch {
	case a == 0 || b == 0:
		return 0
	case a == endless:
		return b
	case b == endless:
		return a
	case a == unknown || b == unknown:
		return unknown
	}
	return min(a, b)
}

func zipped(all []Pipeline, at pass, yield func(Batch, error) bool) {
	var others []func() (Batch, error, bool)
	for _, p := range all[1:] {
		next, stop := iter.Pull2(p.open(at))
		defer stop()
		others = append(others, next)
	}
	var z Batch
	for b, err := range all[0].open(at) {
		if err != nil {
			yield(Batch{}, err)
			return
		}
		z = Batch{append(z.X[:0], b.X...), append(z.Y[:0], b.Y...), append(z.SampleWeight[:0], b.SampleWeight...)}
		for _, next := range others {
			b, err, ok := next()
			if !ok {
				return
			}
			if err != nil {
				yield(Batch{}, err)
				return
			}
			z = Batch{append(z.X, b.X...), append(z.Y, b.Y...), append(z.SampleWeight, b.SampleWeight...)}
		}
		if !yield(z, nil) {
			return
		}
	}
}

// AsY makes the X of the elements their Y.
func (p Pipeline) AsY() Pipeline {
	return p.then(p.length, func(in elements, _ pass) elements {
		return func(yield func(Batch, error) bool) {
			for b, err := range in {
				if !yield(Batch{Y: b.X, SampleWeight: b.SampleWeight}, err) || err != nil {
					return
				}
			}
		}
	})
}

// Enumerate puts the number of each element, an int64 scalar that counts from start, in front of its X.
func (p Pipeline) Enumerate(start int64) Pipeline {
	return p.then(p.length, func(in elements, _ pass) elements {
		return func(yield func(Batch, error) bool) {
			number := newArray(tensor.Int64, tensor.Shape{})
			var xs []*tensor.Dense
			next := start
			for b, err := range in {
				number.Int64s()[0] = next
				next++
				xs = append(append(xs[:0], number), b.X...)
				b.X = xs
				if !yield(b, err) || err != nil {
					return
				}
			}
		}
	})
}
