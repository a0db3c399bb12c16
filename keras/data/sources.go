package data

import (
	"iter"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// FromGenerator returns a data set of the elements that batches makes; it must answer as [Dataset] says. length is their number, or -1. They may be
// batches, or examples that Batch joins. A panic in batches is yielded as an error.
func FromGenerator(length int, batches func(seed uint64, epoch int) iter.Seq2[Batch, error]) Pipeline {
	if batches == nil {
		return Pipeline{}.failf("FromGenerator: expected a function, got nil")
	}
	return Pipeline{length: max(length, unknown), stream: func(at pass) elements {
		return guarded("FromGenerator", func() elements { return batches(at.seed, at.epoch) })
	}}
}

// FromDataset returns d as a pipeline.
func FromDataset(d Dataset) Pipeline {
	if d == nil {
		return Pipeline{}.failf("FromDataset: expected a data set, got nil")
	}
	if p, ok := d.(Pipeline); ok {
		return p
	}
	return Pipeline{length: max(d.Len(), unknown), stream: func(at pass) elements {
		return guarded("FromDataset", func() elements { return d.Batches(at.seed, at.epoch) })
	}}
}

// FromTensors returns a data set of one element.
func FromTensors(b Batch) Pipeline {
	kept, err := clone(b)
	if err != nil {
		return Pipeline{}.fail(errors.WithMessage(err, "data: FromTensors"))
	}
	return Pipeline{length: 1, stream: func(pass) elements {
		return func(yield func(Batch, error) bool) { yield(clone(kept)) }
	}}
}

// Range returns the numbers from start to before stop in steps, as int64 scalars.
func Range(start, stop, step int64) Pipeline {
	if step == 0 {
		return Pipeline{}.failf("Range: expected a step, got 0")
	}
	n := (stop - start) / step
	if (stop-start)%step != 0 {
		n++
	}
	n = max(n, 0)
	if (stop-start < 0) != (step < 0) {
		n = 0
	}
	return Pipeline{length: int(n), examples: true, stream: func(pass) elements {
		return func(yield func(Batch, error) bool) {
			x := newArray(tensor.Int64, tensor.Shape{})
			b := Batch{X: []*tensor.Dense{x}}
			for i := range n {
				x.Int64s()[0] = start + i*step
				if !yield(b, nil) {
					return
				}
			}
		}
	}}
}

// guarded runs the generator that begin returns and yields its panic as an error. A panic of who takes the elements, which passes through it, goes on.
func guarded(what string, begin func() elements) elements {
	return func(yield func(Batch, error) bool) {
		number, inside, done := 0, true, false
		defer func() {
			if !inside {
				return
			}
			if r := recover(); r != nil && !done {
				yield(Batch{}, errors.Errorf("data: %s: element %d: panic: %v", what, number, r))
			}
		}()
		in := begin()
		if in == nil {
			yield(Batch{}, errors.Errorf("data: %s: expected an iteration, got nil", what))
			return
		}
		in(func(b Batch, err error) bool {
			if done {
				return false
			}
			inside = false
			more := yield(b, err)
			inside = true
			number++
			done = !more || err != nil
			return !done
		})
	}
}

// protected calls f and returns its panic as an error.
func protected[T any](f func() (T, error)) (result T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.Errorf("panic: %v", r)
		}
	}()
	return f()
}
