package data

import (
	"iter"

	"github.com/pkg/errors"
)

// Lengths that are no numbers.
const (
	unknown = -1
	endless = -2
)

// A Pipeline is a data set made in steps. Its methods return a new pipeline and leave the old one as it is; the first error
// sticks and is yielded by Batches. The zero Pipeline has no elements.
type Pipeline struct {
	rows     *rows // what the elements are while they are still slices of arrays
	stream   func(pass) elements
	length   int
	examples bool   // known to have no batch axis
	random   uint64 // random steps so far: each draws from a stream of its own
	err      error
}

// elements are an iteration: an error is the last thing it yields.
type elements = iter.Seq2[Batch, error]

// A pass is what an iteration is a function of.
type pass struct {
	seed  uint64
	epoch int
}

// stream is the random stream of a step.
func (at pass) stream(step uint64) uint64 { return uint64(at.epoch)<<8 + step }

func (p Pipeline) fail(err error) Pipeline {
	if p.err == nil {
		p.err = err
	}
	return p
}

func (p Pipeline) failf(format string, args ...any) Pipeline {
	return p.fail(errors.Errorf("data: "+format, args...))
}

// then appends a step. length is that of the elements that it makes.
func (p Pipeline) then(length int, step func(in elements, at pass) elements) Pipeline {
	in := p.open
	p.rows = nil
	p.length = length
	p.stream = func(at pass) elements { return step(in(at), at) }
	return p
}

// open starts an iteration.
func (p Pipeline) open(at pass) elements {
	if p.err != nil {
		return failing(p.err)
	}
	if p.rows != nil {
		return p.rows.elements(at)
	}
	if p.stream == nil {
		return func(func(Batch, error) bool) {}
	}
	return p.stream(at)
}

// Err returns the first error of the calls that made p.
func (p Pipeline) Err() error {
	if p.err == nil && p.examples {
		return errors.New("data: expected Batch(n) at the end of the pipeline, got elements without a batch axis")
	}
	return p.err
}

// Len implements [Dataset].
func (p Pipeline) Len() int {
	if p.Err() != nil {
		return -1
	}
	return max(p.length, -1)
}

// Batches implements [Dataset]. Where the elements are known to have no batch axis it yields an error.
func (p Pipeline) Batches(seed uint64, epoch int) iter.Seq2[Batch, error] {
	if err := p.Err(); err != nil {
		return failing(err)
	}
	return p.open(pass{seed, epoch})
}

// Elements is Batches for elements that may have no batch axis.
func (p Pipeline) Elements(seed uint64, epoch int) iter.Seq2[Batch, error] {
	return p.open(pass{seed, epoch})
}

// failing returns an iteration that yields nothing but an error.
func failing(err error) elements {
	return func(yield func(Batch, error) bool) { yield(Batch{}, err) }
}

// last returns the last of options, or the zero value.
func last[T any](options []T) (o T) {
	if len(options) > 0 {
		o = options[len(options)-1]
	}
	return o
}

// mapped returns n, changed by f where it is a number.
func mapped(n int, f func(int) int) int {
	if n < 0 {
		return n
	}
	return f(n)
}

// located says in which step and at which element an error came up.
func located(err error, step string, element int) error {
	if err == nil {
		return nil
	}
	return errors.WithMessagef(err, "data: %s: element %d", step, element)
}
