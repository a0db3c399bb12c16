package layers

import (
	"github.com/gokeras/gokeras/internal/array"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// An Adapter learns from data what it needs before training, such as a vocabulary. What was learned before is forgotten. An adapter must
// not learn while a model that it is in runs.
type Adapter interface {
	Part
	// Adapt learns from an array with the batch as first axis.
	Adapt(x *tensor.Dense) error
	// AdaptDataset learns from the first input of each batch of a data set's first epoch.
	AdaptDataset(d data.Dataset) error
}

// An Applier does outside of a model, such as in a data set's Map, what it does inside of one. It may be used by several goroutines at once.
type Applier interface {
	Part
	Apply(x *tensor.Dense) (*tensor.Dense, error)
}

// eachBatch calls f with the first input of each batch of a data set.
func eachBatch(d data.Dataset, f func(x *tensor.Dense) error) error {
	if d == nil {
		return errors.New("adapt: expected a data set, got nil")
	}
	n := 0
	for b, err := range d.Batches(0, 0) {
		if err == nil && len(b.X) == 0 {
			err = errors.New("expected an input, got a batch without any")
		}
		if err == nil {
			err = f(b.X[0])
		}
		if err != nil {
			return errors.WithMessagef(err, "adapt: batch %d", n)
		}
		n++
	}
	if n == 0 {
		return errors.New("adapt: expected at least one batch, got none")
	}
	return nil
}

// A recipe is what a layer does to arrays of certain shapes in plain Go, in a program or outside of one.
type recipe struct {
	name string
	out  ops.Spec
	run  ops.HostFunction
}

// A cook finds the recipe for inputs, of which sizes may be unknown.
type cook func(in []ops.Spec) (recipe, error)

// prepare records a recipe.
func (b *Builder) prepare(find cook, xs ...ops.Tensor) ops.Tensor {
	specs := make([]ops.Spec, len(xs))
	for i, x := range xs {
		if x.Err() != nil {
			return x
		}
		specs[i] = x.Spec()
	}
	r, err := find(specs)
	if err != nil {
		return b.Errorf("%s", err)
	}
	return ops.Host(r.name, r.out, r.run, xs...)
}

// prepare follows a recipe at once.
func prepare(find cook, xs ...*tensor.Dense) (*tensor.Dense, error) {
	specs := make([]ops.Spec, len(xs))
	for i, x := range xs {
		var err error
		if xs[i], specs[i], err = plainArray(x); err != nil {
			return nil, err
		}
	}
	r, err := find(specs)
	if err != nil {
		return nil, err
	}
	out := newArray(r.out)
	return out, errors.WithMessage(r.run(out, xs), r.name)
}

func newArray(s ops.Spec) *tensor.Dense {
	of := tensor.Float32
	switch s.DType {
	case ops.Int32:
		of = tensor.Int32
	case ops.String:
		of = tensor.String
	}
	if len(s.Shape) == 0 {
		return tensor.New(tensor.Of(of), tensor.WithShape(1))
	}
	return tensor.New(tensor.Of(of), tensor.WithShape(s.Shape...))
}

// plainArray is an array as a recipe takes it: row by row in memory, of float32, int32, int64 or text. The spec calls all integers int32.
func plainArray(x *tensor.Dense) (*tensor.Dense, ops.Spec, error) {
	if x == nil {
		return nil, ops.Spec{}, errors.New("expected an array, got nil")
	}
	shape := []int(x.Shape().Clone())
	backed := func(dtype ops.DType, backing any) (*tensor.Dense, ops.Spec, error) {
		at := shape
		if len(at) == 0 {
			at = []int{1}
		}
		return tensor.New(tensor.WithShape(at...), tensor.WithBacking(backing)), ops.Spec{Shape: shape, DType: dtype}, nil
	}
	switch x.Dtype() {
	case tensor.String:
		return backed(ops.String, array.Pack(x.Strings(), x))
	case tensor.Int32:
		return backed(ops.Int32, array.Pack(x.Int32s(), x))
	case tensor.Int64:
		return backed(ops.Int32, array.Pack(x.Int64s(), x))
	case tensor.Int:
		return backed(ops.Int32, widened(array.Pack(x.Ints(), x)))
	}
	v, _, err := array.Float32s(nil, x)
	if err != nil {
		return nil, ops.Spec{}, err
	}
	if x.Dtype() != tensor.Float32 && x.Dtype() != tensor.Float64 { // the small integers, which float32 holds exactly up to 16 bits
		wide, err := array.Float64s(x)
		if err != nil {
			return nil, ops.Spec{}, err
		}
		return backed(ops.Int32, widened(wide))
	}
	return backed(ops.Float32, v)
}

func widened[T int | float64](v []T) []int64 {
	out := make([]int64, len(v))
	for i, n := range v {
		out[i] = int64(n)
	}
	return out
}

// integers reads whole numbers into scratch, which is returned grown as needed. Fractions are cut off.
func integers(d *tensor.Dense, scratch []int) []int {
	scratch = scratch[:0]
	switch v := d.Data().(type) {
	case []int32:
		for _, n := range v {
			scratch = append(scratch, int(n))
		}
	case []int64:
		for _, n := range v {
			scratch = append(scratch, int(n))
		}
	case []float32:
		for _, n := range v {
			scratch = append(scratch, int(n))
		}
	}
	return scratch
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
