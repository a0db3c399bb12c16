package keras

import (
	"iter"
	"slices"

	"github.com/gokeras/gokeras/internal/array"
	"github.com/gokeras/gokeras/internal/shuffle"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A source yields the batches of an epoch. What it yields is reused.
type source interface {
	steps() int // -1: not known
	batches(seed uint64, epoch int) iter.Seq2[*batch, error]
}

// A batch is rows of arrays: inputs, targets and sample weights, in that order, as a program takes them.
type batch struct {
	arrays []*tensor.Dense
	x, y   int   // how many of the arrays are inputs and targets
	index  []int // the rows; nil: from first on
	first  int
	n      int
	specs  []ops.Spec
}

// inputs are the specs of the inputs.
func (b *batch) inputs() []ops.Spec { return b.specs[:b.x] }

// fill copies the first k arrays of the batch into a program's inputs.
func (b *batch) fill(p *prepared, k int) error {
	for i, a := range b.arrays[:k] {
		if err := fillRows(p.Inputs()[i], a, b.index, b.first, rowWidth(a)); err != nil {
			return errors.Wrapf(err, "keras: %s", b.what(i))
		}
	}
	return nil
}

// what is the name of an array in errors.
func (b *batch) what(i int) string {
	switch {
	case i < b.x:
		return "input " + itoa(i)
	case i < b.x+b.y:
		return "target " + itoa(i-b.x)
	}
	return "sample weight"
}

func rowWidth(a *tensor.Dense) int { return a.DataSize() / a.Shape()[0] }

// weightOf is the place of the weights of a target among the arrays; -1: none.
func (b *batch) weightOf(target int) int {
	first := b.x + b.y
	if len(b.arrays) == first {
		return -1
	}
	return min(first+target, len(b.arrays)-1)
}

// arraySource is whole arrays, cut into batches.
type arraySource struct {
	arrays  []*tensor.Dense
	x, y    int
	rows    []int // the rows that take part; nil: all
	n       int
	size    int
	shuffle bool
	specs   map[int][]ops.Spec // by batch size
}

// newArraySource checks arrays of inputs, targets and perhaps sample weights.
func newArraySource(b data.Batch, size int, shuffle bool) (*arraySource, error) {
	s := &arraySource{x: len(b.X), y: len(b.Y), size: size, shuffle: shuffle, specs: map[int][]ops.Spec{}}
	if s.size < 0 {
		return nil, errors.Errorf("keras: batch size %d: expected 1 or more, or 0 for %d", s.size, defaultBatchSize)
	}
	if s.size == 0 {
		s.size = defaultBatchSize
	}
	if err := checkWeights(b); err != nil {
		return nil, err
	}
	for i, a := range slices.Concat(b.X, b.Y, b.SampleWeight) {
		what := (&batch{x: s.x, y: s.y}).what(i)
		spec, err := specOf(a)
		if err == nil && len(spec.Shape) == 0 {
			err = errors.New("expected the samples as first axis, got a scalar")
		}
		if err == nil {
			a, err = array.RowMajor(a)
		}
		if err != nil {
			return nil, errors.Wrapf(err, "keras: %s", what)
		}
		if i == 0 {
			s.n = a.Shape()[0]
		}
		if got := a.Shape()[0]; got != s.n {
			return nil, errors.Errorf("keras: %s has %d samples, the first input has %d", what, got, s.n)
		}
		if err := checkNumbers(what, a); err != nil {
			return nil, errors.Wrap(err, "keras")
		}
		s.arrays = append(s.arrays, a)
	}
	if len(b.X) == 0 {
		return nil, errors.New("keras: no input arrays")
	}
	return s, nil
}

// divide makes so many batches of the samples, where a number of them is given and their size is not, as Keras does.
func (s *arraySource) divide(size, steps int) {
	if size == 0 && steps > 0 {
		s.size = 1 + (s.n-1)/steps
	}
}

// checkWeights makes sure that there are sample weights for none, for all or for each of the targets.
func checkWeights(b data.Batch) error {
	if n := len(b.SampleWeight); n > 1 && n != len(b.Y) {
		return errors.Errorf("keras: %d arrays of sample weights: expected one for all targets or one for each of %d", n, len(b.Y))
	}
	return nil
}

// part is the source of the samples [from, to).
func (s *arraySource) part(from, to int, shuffle bool) *arraySource {
	p := *s
	p.rows = make([]int, 0, to-from)
	for i := from; i < to; i++ {
		p.rows = append(p.rows, i)
	}
	p.n, p.shuffle = to-from, shuffle
	p.specs = map[int][]ops.Spec{}
	return &p
}

func (s *arraySource) steps() int { return (s.n + s.size - 1) / s.size }

// specsOf are the shapes of a batch of n samples.
func (s *arraySource) specsOf(n int) []ops.Spec {
	if specs, ok := s.specs[n]; ok {
		return specs
	}
	specs := make([]ops.Spec, len(s.arrays))
	for i, a := range s.arrays {
		specs[i], _ = specOf(a)
		specs[i].Shape[0] = n
	}
	s.specs[n] = specs
	return specs
}

func (s *arraySource) batches(seed uint64, epoch int) iter.Seq2[*batch, error] {
	return func(yield func(*batch, error) bool) {
		rows := s.rows
		if s.shuffle {
			rows = shuffled(s.rows, s.n, seed, epoch)
		}
		b := &batch{arrays: s.arrays, x: s.x, y: s.y}
		for first := 0; first < s.n; first += s.size {
			b.n = min(s.size, s.n-first)
			b.specs = s.specsOf(b.n)
			b.first = first
			if rows != nil {
				b.index = rows[first : first+b.n]
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// shuffled is the order of an epoch's samples, a function of seed and epoch.
func shuffled(rows []int, n int, seed uint64, epoch int) []int {
	order := shuffle.Permutation(n, seed, uint64(epoch))
	if rows != nil {
		for i, k := range order {
			order[i] = rows[k]
		}
	}
	return order
}

func notNil(d data.Dataset) error {
	if isNil(d) {
		return errors.New("keras: expected a data set, got nil")
	}
	return nil
}

// datasetSource is a data set, whose batches are taken as they come.
type datasetSource struct{ data.Dataset }

func (s datasetSource) steps() int { return s.Len() }

func (s datasetSource) batches(seed uint64, epoch int) iter.Seq2[*batch, error] {
	return func(yield func(*batch, error) bool) {
		b := &batch{}
		for d, err := range s.Batches(seed, epoch) {
			if err == nil {
				err = b.set(d)
			}
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}

// set makes b a data set's batch.
func (b *batch) set(d data.Batch) error {
	b.arrays = append(append(append(b.arrays[:0], d.X...), d.Y...), d.SampleWeight...)
	b.x, b.y = len(d.X), len(d.Y)
	b.specs = b.specs[:0]
	if len(d.X) == 0 {
		return errors.New("keras: a batch without inputs")
	}
	if err := checkWeights(d); err != nil {
		return err
	}
	for i, a := range b.arrays {
		spec, err := specOf(a)
		if err == nil && len(spec.Shape) == 0 {
			err = errors.New("expected the batch as first axis, got a scalar")
		}
		if err == nil {
			a, err = array.RowMajor(a)
			b.arrays[i] = a
		}
		if err != nil {
			return errors.Wrapf(err, "keras: %s", b.what(i))
		}
		if i == 0 {
			b.n = spec.Shape[0]
		}
		if spec.Shape[0] != b.n {
			return errors.Errorf("keras: %s has %d samples, the first input has %d", b.what(i), spec.Shape[0], b.n)
		}
		if err := checkNumbers(b.what(i), a); err != nil {
			return errors.Wrap(err, "keras")
		}
		b.specs = append(b.specs, spec)
	}
	return nil
}
