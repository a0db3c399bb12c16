package array

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Rows is an array seen as its slices along the first axis.
type Rows interface {
	// Gatherer returns a buffer for up to full rows, and arrays over it of full and of rest rows.
	Gatherer(full, rest int) Gatherer
}

// A Gatherer copies rows into its buffer. The array it returns is one of two, which hold the rows until the next call.
type Gatherer interface {
	// Gather takes full or rest rows by their numbers.
	Gather(rows []int) *tensor.Dense
}

// NewRows returns the rows of d, which has a first axis. The rows keep d's element type and, where it is contiguous, its memory.
func NewRows(d *tensor.Dense) (Rows, error) {
	switch d.Dtype() {
	case tensor.Float32:
		return rowsOf(d.Float32s(), d), nil
	case tensor.Float64:
		return rowsOf(d.Float64s(), d), nil
	case tensor.Int:
		return rowsOf(d.Ints(), d), nil
	case tensor.Int8:
		return rowsOf(d.Int8s(), d), nil
	case tensor.Int16:
		return rowsOf(d.Int16s(), d), nil
	case tensor.Int32:
		return rowsOf(d.Int32s(), d), nil
	case tensor.Int64:
		return rowsOf(d.Int64s(), d), nil
	case tensor.Uint:
		return rowsOf(d.Uints(), d), nil
	case tensor.Uint8:
		return rowsOf(d.Uint8s(), d), nil
	case tensor.Uint16:
		return rowsOf(d.Uint16s(), d), nil
	case tensor.Uint32:
		return rowsOf(d.Uint32s(), d), nil
	case tensor.Uint64:
		return rowsOf(d.Uint64s(), d), nil
	case tensor.Bool:
		return rowsOf(d.Bools(), d), nil
	case tensor.String:
		return rowsOf(d.Strings(), d), nil
	}
	return nil, errors.Errorf("expected an array of numbers, bools or strings, got one of %v", d.Dtype())
}

// RowMajor returns d where its elements lie in memory in row-major order without gaps, else a copy in which they do.
func RowMajor(d *tensor.Dense) (*tensor.Dense, error) {
	if d == nil || Contiguous(d) {
		return d, nil
	}
	rows, err := NewRows(d)
	if err != nil {
		return nil, err
	}
	all := make([]int, d.Shape()[0])
	for i := range all {
		all[i] = i
	}
	return rows.Gatherer(len(all), 0).Gather(all), nil
}

type typedRows[T any] struct {
	data  []T
	shape tensor.Shape
	width int // elements of T per row
}

func rowsOf[T any](src []T, d *tensor.Dense) Rows {
	shape := d.Shape().Clone()
	return typedRows[T]{Pack(src, d), shape, shape.TotalSize() / shape[0]}
}

func (r typedRows[T]) Gatherer(full, rest int) Gatherer {
	g := &gatherer[T]{typedRows: r, buffer: make([]T, full*r.width)}
	g.full = g.header(full)
	if rest != 0 {
		g.rest = g.header(rest)
	}
	return g
}

type gatherer[T any] struct {
	typedRows[T]
	buffer     []T
	full, rest *tensor.Dense // over the same buffer
}

func (g *gatherer[T]) header(rows int) *tensor.Dense {
	shape := g.shape.Clone()
	shape[0] = rows
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(g.buffer[:rows*g.width]))
}

func (g *gatherer[T]) Gather(rows []int) *tensor.Dense {
	w := g.width
	for i, r := range rows {
		copy(g.buffer[i*w:(i+1)*w], g.data[r*w:(r+1)*w])
	}
	if len(rows)*w == len(g.buffer) {
		return g.full
	}
	return g.rest
}
