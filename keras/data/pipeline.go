package data

import (
	"iter"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/array"
	"github.com/gokeras/gokeras/internal/shuffle"
)

// A Pipeline is a data set over arrays. Its methods return a new pipeline and leave the old one as it is; the first error
// sticks and is yielded by Batches.
type Pipeline struct {
	columns  []array.Rows // X, Y, SampleWeight, one after the other
	x, y     int          // how many of them are X and Y
	elements int
	buffers  []int // of each Shuffle
	batch    int   // 0: not batched yet
	err      error
}

// FromTensorSlices returns a data set whose elements are the slices of x and y along their first axis. y may be nil. The arrays are
// not copied, unless their memory is not contiguous; they keep their element types, which may be any number, bool or string.
func FromTensorSlices(x, y *tensor.Dense) Pipeline {
	whole := Batch{X: []*tensor.Dense{x}}
	if y != nil {
		whole.Y = []*tensor.Dense{y}
	}
	return FromArrays(whole)
}

// FromArrays is FromTensorSlices for several inputs and outputs and sample weights: all arrays have as many slices along their first axis.
func FromArrays(whole Batch) Pipeline {
	p := Pipeline{x: len(whole.X), y: len(whole.Y), elements: -1}
	if p.x == 0 {
		return p.fail(errors.New("data: FromArrays: expected at least one X, got none"))
	}
	for _, group := range []struct {
		name   string
		arrays []*tensor.Dense
	}{{"X", whole.X}, {"Y", whole.Y}, {"SampleWeight", whole.SampleWeight}} {
		for i, a := range group.arrays {
			if a == nil || len(a.Shape()) == 0 {
				return p.fail(errors.Errorf("data: FromArrays: %s[%d]: expected an array with a first axis, got %v", group.name, i, a))
			}
			if p.elements < 0 {
				p.elements = a.Shape()[0]
			}
			if n := a.Shape()[0]; n != p.elements {
				return p.fail(errors.Errorf("data: FromArrays: %s[%d]: expected %d slices as in X[0], got shape %v", group.name, i, p.elements, a.Shape()))
			}
			c, err := array.NewRows(a)
			if err != nil {
				return p.fail(errors.WithMessagef(err, "data: FromArrays: %s[%d]", group.name, i))
			}
			p.columns = append(p.columns, c)
		}
	}
	return p
}

func (p Pipeline) fail(err error) Pipeline {
	if p.err == nil {
		p.err = err
	}
	return p
}

// Shuffle draws the elements in random order, another one in each epoch: it keeps a buffer of so many elements, picks one at random
// and puts the next in its place. A buffer as large as the data shuffles evenly; a smaller one only mixes neighbours.
// It comes before Batch.
func (p Pipeline) Shuffle(buffer int) Pipeline {
	if buffer <= 0 {
		return p.fail(errors.Errorf("data: Shuffle: expected a buffer above 0, got %d", buffer))
	}
	if p.batch != 0 {
		return p.fail(errors.New("data: Shuffle: expected it before Batch: whole batches cannot be shuffled"))
	}
	p.buffers = append(slices.Clip(p.buffers), buffer)
	return p
}

// Batch joins each n elements, the last batch may be smaller.
func (p Pipeline) Batch(n int) Pipeline {
	if n <= 0 {
		return p.fail(errors.Errorf("data: Batch: expected a size above 0, got %d", n))
	}
	if p.batch != 0 {
		return p.fail(errors.New("data: Batch: expected it once, got it twice"))
	}
	p.batch = n
	return p
}

// Err returns the first error of the calls that made p.
func (p Pipeline) Err() error {
	if p.err == nil && p.batch == 0 {
		return errors.New("data: expected Batch(n) at the end of the pipeline, got elements without a batch axis")
	}
	return p.err
}

// Len implements [Dataset].
func (p Pipeline) Len() int {
	if p.Err() != nil {
		return -1
	}
	return (p.elements + p.batch - 1) / p.batch
}

// Batches implements [Dataset].
func (p Pipeline) Batches(seed uint64, epoch int) iter.Seq2[Batch, error] {
	if err := p.Err(); err != nil {
		return failing(err)
	}
	return func(yield func(Batch, error) bool) {
		order := p.order(seed, epoch)
		gatherers := make([]array.Gatherer, len(p.columns))
		for i, c := range p.columns {
			gatherers[i] = c.Gatherer(min(p.batch, p.elements), p.elements%p.batch)
		}
		arrays := make([]*tensor.Dense, len(gatherers))
		batch := Batch{X: arrays[:p.x:p.x], Y: arrays[p.x : p.x+p.y : p.x+p.y], SampleWeight: arrays[p.x+p.y:]}
		for from := 0; from < len(order); from += p.batch {
			rows := order[from:min(from+p.batch, len(order))]
			for i, c := range gatherers {
				arrays[i] = c.Gather(rows)
			}
			if !yield(batch, nil) {
				return
			}
		}
	}
}

// order returns the numbers of the elements as they come in an epoch.
func (p Pipeline) order(seed uint64, epoch int) []int {
	order := make([]int, p.elements)
	for i := range order {
		order[i] = i
	}
	for stage, buffer := range p.buffers {
		shuffle.Window(order, buffer, seed, uint64(epoch)<<8+uint64(stage))
	}
	return order
}
