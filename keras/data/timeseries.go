package data

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/array"
	"github.com/gokeras/gokeras/internal/randomstate"
	"github.com/gokeras/gokeras/internal/shuffle"
)

// TimeseriesOptions are those of keras.utils.timeseries_dataset_from_array.
type TimeseriesOptions struct {
	// SequenceLength is the number of steps in a sequence; it is needed.
	SequenceLength int
	// SequenceStride is how far a sequence begins after the one before. Default: 1.
	SequenceStride int
	// SamplingRate is how far the steps of a sequence are apart. Default: 1.
	SamplingRate int
	// BatchSize is the number of sequences in a batch. Default: 128; -1: they are not batched.
	BatchSize int
	// Shuffle draws the sequences in random order. Default: false, in the order of time.
	Shuffle bool
	// Seed is that of the order which Shuffle begins with, the one that NumPy gives; each epoch shuffles it further. Default: 0; Keras draws one.
	Seed uint32
	// StartIndex is the first row that is used. Default: 0.
	StartIndex int
	// EndIndex is the row before which the last one that is used lies. Default: 0, which is all.
	EndIndex int
}

// TimeseriesDatasetFromArray returns sequences of the rows of data, whose first axis is time: X is [sequence, ...]. Row i of targets, which may be
// nil, is the Y of the sequence that begins at row i.
func TimeseriesDatasetFromArray(data, targets *tensor.Dense, o TimeseriesOptions) Pipeline {
	s, err := newSequences(data, targets, o)
	if err != nil {
		return Pipeline{}.fail(errors.WithMessage(err, "data: TimeseriesDatasetFromArray"))
	}
	single := o.BatchSize == -1
	size := s.options.BatchSize
	p := Pipeline{length: batches(len(s.starts), size, false), stream: func(at pass) elements { return s.batches(at, size) }, random: 1}
	if single {
		return p.Unbatch().withLength(len(s.starts))
	}
	return p
}

func (p Pipeline) withLength(n int) Pipeline {
	p.length = n
	return p
}

// sequences are what is known of them before an iteration.
type sequences struct {
	options TimeseriesOptions
	data    array.Rows
	targets array.Rows // nil: none
	shape   tensor.Shape
	starts  []int // rows of data
	buffer  int   // of the shuffle in each epoch
}

func newSequences(data, targets *tensor.Dense, o TimeseriesOptions) (*sequences, error) {
	if o.SequenceStride == 0 {
		o.SequenceStride = 1
	}
	if o.SamplingRate == 0 {
		o.SamplingRate = 1
	}
	buffer := 8 * o.BatchSize
	switch o.BatchSize {
	case -1:
		o.BatchSize, buffer = 1, 1024
	case 0:
		o.BatchSize, buffer = 128, 8*128
	}
	r, err := newRows(Batch{X: []*tensor.Dense{data}})
	if err != nil {
		return nil, err
	}
	if err := o.check(r.n); err != nil {
		return nil, err
	}
	end := r.n
	if o.EndIndex != 0 {
		end = o.EndIndex
	}
	s := &sequences{options: o, buffer: buffer, data: r.columns[0], shape: data.Shape().Clone()}
	n := end - o.StartIndex - (o.SequenceLength-1)*o.SamplingRate
	if targets != nil {
		t, err := newRows(Batch{X: []*tensor.Dense{targets}})
		if err != nil {
			return nil, errors.WithMessage(err, "targets")
		}
		s.targets = t.columns[0]
		if n = min(n, t.n); n > 0 && o.StartIndex+(n-1)/o.SequenceStride*o.SequenceStride >= t.n {
			return nil, errors.Errorf("expected a target for each sequence from row %d on, got %d targets", o.StartIndex, t.n)
		}
	}
	for i := 0; i < n; i += o.SequenceStride {
		s.starts = append(s.starts, o.StartIndex+i)
	}
	if o.Shuffle {
		randomstate.Shuffle(s.starts, randomstate.New(o.Seed))
	}
	return s, nil
}

func (o TimeseriesOptions) check(rows int) error {
	switch {
	case o.SequenceLength <= 0:
		return errors.Errorf("sequence length: expected a number above 0, got %d", o.SequenceLength)
	case o.BatchSize < 0:
		return errors.Errorf("batch size: expected a number above 0, or -1 for no batches, got %d", o.BatchSize)
	case o.StartIndex < 0 || o.StartIndex >= rows:
		return errors.Errorf("start index: expected one of %d rows, got %d", rows, o.StartIndex)
	case o.EndIndex < 0 || o.EndIndex >= rows:
		return errors.Errorf("end index: expected a row above 0 and below %d, or 0 for all, got %d", rows, o.EndIndex)
	case o.EndIndex != 0 && o.EndIndex <= o.StartIndex:
		return errors.Errorf("end index: expected one above the start index %d, got %d", o.StartIndex, o.EndIndex)
	case o.SamplingRate <= 0 || o.SamplingRate >= rows:
		return errors.Errorf("sampling rate: expected a number above 0 and below %d, got %d", rows, o.SamplingRate)
	case o.SequenceStride <= 0 || o.SequenceStride >= rows:
		return errors.Errorf("sequence stride: expected a number above 0 and below %d, got %d", rows, o.SequenceStride)
	}
	return nil
}

// batches joins each size sequences, reusing arrays.
func (s *sequences) batches(at pass, size int) elements {
	return func(yield func(Batch, error) bool) {
		if len(s.starts) == 0 {
			return
		}
		order := append([]int(nil), s.starts...)
		if s.options.Shuffle {
			shuffle.Window(order, s.buffer, at.seed, at.stream(0))
		}
		full, rest := min(size, len(order)), len(order)%size
		xs := s.data.Gatherer(full*s.options.SequenceLength, rest*s.options.SequenceLength)
		b := Batch{X: make([]*tensor.Dense, 1)}
		var ys array.Gatherer
		if s.targets != nil {
			ys = s.targets.Gatherer(full, rest)
			b.Y = make([]*tensor.Dense, 1)
		}
		var steps []int
		for from := 0; from < len(order); from += size {
			starts := order[from:min(from+size, len(order))]
			steps = s.steps(steps[:0], starts)
			x := xs.Gather(steps)
			if from == 0 || len(starts) != full {
				shape := append(tensor.Shape{len(starts), s.options.SequenceLength}, s.shape[1:]...)
				b.X[0] = tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x.Data()))
			}
			if ys != nil {
				b.Y[0] = ys.Gather(starts)
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// steps appends the rows of the sequences that begin at starts.
func (s *sequences) steps(dst, starts []int) []int {
	for _, from := range starts {
		for k := range s.options.SequenceLength {
			dst = append(dst, from+k*s.options.SamplingRate)
		}
	}
	return dst
}
