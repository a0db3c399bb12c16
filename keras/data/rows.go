package data

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/array"
)

// rows are elements which are slices of arrays, known by their numbers: steps that only choose and order them need not touch the arrays, and
// Batch copies them to where they are used.
type rows struct {
	columns []array.Rows // X, Y, SampleWeight, one after the other
	groups  groups
	n       int
	order   func(pass) []int // nil: as they are
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
	r, err := newRows(whole)
	if err != nil {
		return Pipeline{}.fail(errors.WithMessage(err, "data: FromArrays"))
	}
	return Pipeline{rows: r, length: r.n, examples: true}
}

func newRows(whole Batch) (*rows, error) {
	if len(whole.X) == 0 {
		return nil, errors.New("expected at least one X, got none")
	}
	r := &rows{groups: groupsOf(whole), n: -1}
	for i, a := range whole.all(nil) {
		name := r.groups.name(i)
		if a == nil || len(a.Shape()) == 0 {
			return nil, errors.Errorf("%s: expected an array with a first axis, got %v", name, a)
		}
		if r.n < 0 {
			r.n = a.Shape()[0]
		}
		if n := a.Shape()[0]; n != r.n {
			return nil, errors.Errorf("%s: expected %d slices as in X[0], got shape %v", name, r.n, a.Shape())
		}
		if size(a.Shape()) == 0 {
			return nil, errors.Errorf("%s: expected elements, got shape %v", name, a.Shape())
		}
		c, err := array.NewRows(a)
		if err != nil {
			return nil, errors.WithMessage(err, name)
		}
		r.columns = append(r.columns, c)
	}
	return r, nil
}

// choose appends a step that changes an order of elements and leaves n of them.
func (p Pipeline) choose(n int, change func(order []int, at pass) []int) Pipeline {
	r := *p.rows
	before := p.rows.numbers
	r.order = func(at pass) []int { return change(before(at), at) }
	r.n = n
	p.rows, p.length = &r, n
	return p
}

// numbers are the elements as they come in an epoch.
func (r *rows) numbers(at pass) []int {
	if r.order != nil {
		return r.order(at)
	}
	order := make([]int, r.n)
	for i := range order {
		order[i] = i
	}
	return order
}

// batches joins each size elements, reusing arrays.
func (r *rows) batches(at pass, size int, drop bool) elements {
	return func(yield func(Batch, error) bool) {
		order := r.numbers(at)
		if drop {
			order = order[:len(order)/size*size]
		}
		if len(order) == 0 {
			return
		}
		gatherers := r.gatherers(min(size, len(order)), len(order)%size)
		arrays := make([]*tensor.Dense, len(gatherers))
		batch := r.groups.batch(arrays)
		for from := 0; from < len(order); from += size {
			chosen := order[from:min(from+size, len(order))]
			for i, g := range gatherers {
				arrays[i] = g.Gather(chosen)
			}
			if !yield(batch, nil) {
				return
			}
		}
	}
}

func (r *rows) gatherers(full, rest int) []array.Gatherer {
	all := make([]array.Gatherer, len(r.columns))
	for i, c := range r.columns {
		all[i] = c.Gatherer(full, rest)
	}
	return all
}

// elements are the rows one by one.
func (r *rows) elements(at pass) elements {
	return func(yield func(Batch, error) bool) {
		order := r.numbers(at)
		if len(order) == 0 {
			return
		}
		gatherers := r.gatherers(1, 0)
		arrays := make([]*tensor.Dense, len(gatherers))
		for i, g := range gatherers {
			a := g.Gather(order[:1])
			arrays[i] = tensor.New(tensor.WithShape(a.Shape()[1:]...), tensor.WithBacking(a.Data()))
		}
		b := r.groups.batch(arrays)
		for i := range order {
			for _, g := range gatherers {
				g.Gather(order[i : i+1])
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}
