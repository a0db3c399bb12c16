package data

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// PaddedBatchOptions are PaddedBatch's.
type PaddedBatchOptions struct {
	// PaddedShapes are the sizes that the arrays get, X first, then Y and SampleWeight; -1: that of the largest in the batch. Default: all -1.
	PaddedShapes [][]int
	// PaddingValues are what is put behind the arrays, in the same order. Default: 0, false or "", which is the only value for strings.
	PaddingValues []float64
	// DropRemainder leaves out a last batch that is smaller than the others. Default: it is kept.
	DropRemainder bool
}

// PaddedBatch is Batch for elements of different sizes: smaller arrays are filled up at the ends of their axes.
func (p Pipeline) PaddedBatch(n int, o ...PaddedBatchOptions) Pipeline {
	if n <= 0 {
		return p.failf("PaddedBatch: expected a size above 0, got %d", n)
	}
	options := last(o)
	p = p.then(batches(p.length, n, options.DropRemainder), func(in elements, _ pass) elements {
		return joined("PaddedBatch", in, n, options.DropRemainder, func() joiner { return &padder{size: n, options: options} })
	})
	p.examples = false
	return p
}

// A padder keeps the elements of a batch until all their sizes are known.
type padder struct {
	size    int
	options PaddedBatchOptions
	kept    []*keeper
}

func (p *padder) add(i int, e *parts) error {
	if i == len(p.kept) {
		p.kept = append(p.kept, &keeper{})
	}
	_, err := p.kept[i].keep(e.groups.batch(e.arrays))
	if err != nil {
		return err
	}
	first := p.kept[0]
	if groupsOf(first.kept) != e.groups {
		return errors.Errorf("expected %v as in the first of the batch, got %v", groupsOf(first.kept), e.groups)
	}
	if s := p.options.PaddedShapes; s != nil && len(s) != len(e.arrays) {
		return errors.Errorf("expected a padded shape for each of %d arrays, got %d", len(e.arrays), len(s))
	}
	for k, a := range e.arrays {
		b := first.arrays[k]
		if a.Dtype() != b.Dtype() || a.Dims() != b.Dims() {
			return errors.Errorf("%s: expected %v of %d axes as in the first of the batch, got %v of shape %v", e.groups.name(k), b.Dtype(), b.Dims(), a.Dtype(), a.Shape())
		}
	}
	return nil
}

func (p *padder) join(n int) (Batch, error) {
	groups := groupsOf(p.kept[0].kept)
	out := make([]*tensor.Dense, len(p.kept[0].arrays))
	for k := range out {
		shape, err := p.shape(k, n)
		if err != nil {
			return Batch{}, errors.WithMessagef(err, "data: PaddedBatch: %s", groups.name(k))
		}
		out[k] = newArray(p.kept[0].arrays[k].Dtype(), withFirst(n, shape))
		if k < len(p.options.PaddingValues) {
			if err := fill(out[k], p.options.PaddingValues[k]); err != nil {
				return Batch{}, errors.WithMessagef(err, "data: PaddedBatch: %s", groups.name(k))
			}
		}
		for i := range n {
			place(out[k], i*size(shape), shape, p.kept[i].arrays[k])
		}
	}
	return groups.batch(out), nil
}

// shape is the size of array k in a batch of the first n elements.
func (p *padder) shape(k, n int) (tensor.Shape, error) {
	shape := p.kept[0].arrays[k].Shape().Clone()
	for _, e := range p.kept[:n] {
		for axis, s := range e.arrays[k].Shape() {
			shape[axis] = max(shape[axis], s)
		}
	}
	if p.options.PaddedShapes == nil {
		return shape, nil
	}
	wanted := p.options.PaddedShapes[k]
	if len(wanted) != len(shape) {
		return nil, errors.Errorf("expected a padded shape of %d axes, got %v", len(shape), wanted)
	}
	for axis, w := range wanted {
		if w >= 0 && w < shape[axis] {
			return nil, errors.Errorf("expected no element larger than the padded shape %v, got a size of %d in axis %d", wanted, shape[axis], axis)
		}
		if w >= 0 {
			shape[axis] = w
		}
	}
	return shape, nil
}

// place copies src to the beginning of the part of dst that begins at and has the given shape.
func place(dst *tensor.Dense, at int, shape tensor.Shape, src *tensor.Dense) {
	from := src.Shape()
	if len(shape) == 0 {
		move(dst, at, src, 0, 1)
		return
	}
	index := make([]int, len(shape)-1) // of a line along the last axis
	line := from[len(from)-1]
	for read := 0; read < size(from); read += line {
		offset := 0
		for axis, i := range index {
			offset = (offset + i) * shape[axis+1]
		}
		move(dst, at+offset, src, read, line)
		for axis := range slices.Backward(index) {
			if index[axis]++; index[axis] < from[axis] {
				break
			}
			index[axis] = 0
		}
	}
}

// size is the number of elements, 1 for a scalar.
func size(shape tensor.Shape) int {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return n
}

func fill(d *tensor.Dense, v float64) error {
	switch data := d.Data().(type) {
	case []float32:
		fillWith(data, float32(v))
	case []float64:
		fillWith(data, v)
	case []int:
		fillWith(data, int(v))
	case []int8:
		fillWith(data, int8(v))
	case []int16:
		fillWith(data, int16(v))
	case []int32:
		fillWith(data, int32(v))
	case []int64:
		fillWith(data, int64(v))
	case []uint:
		fillWith(data, uint(v))
	case []uint8:
		fillWith(data, uint8(v))
	case []uint16:
		fillWith(data, uint16(v))
	case []uint32:
		fillWith(data, uint32(v))
	case []uint64:
		fillWith(data, uint64(v))
	case []bool:
		fillWith(data, v != 0)
	default:
		if v != 0 {
			return errors.Errorf(`expected 0, which stands for "", as the padding of strings, got %v`, v)
		}
	}
	return nil
}

func fillWith[T any](dst []T, v T) {
	for i := range dst {
		dst[i] = v
	}
}
