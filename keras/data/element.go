package data

import (
	"fmt"
	"reflect"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/array"
)

// groups says how many of an element's arrays are X, Y and SampleWeight.
type groups struct{ x, y, weights int }

func groupsOf(b Batch) groups { return groups{len(b.X), len(b.Y), len(b.SampleWeight)} }

func (g groups) String() string {
	return fmt.Sprintf("%d X, %d Y and %d SampleWeight", g.x, g.y, g.weights)
}

// batch returns arrays, one after the other, as a batch over the same memory.
func (g groups) batch(arrays []*tensor.Dense) Batch {
	return Batch{X: arrays[:g.x:g.x], Y: arrays[g.x : g.x+g.y : g.x+g.y], SampleWeight: arrays[g.x+g.y:]}
}

// name is what array i is called in errors.
func (g groups) name(i int) string {
	switch {
	case i < g.x:
		return fmt.Sprintf("X[%d]", i)
	case i < g.x+g.y:
		return fmt.Sprintf("Y[%d]", i-g.x)
	}
	return fmt.Sprintf("SampleWeight[%d]", i-g.x-g.y)
}

// all appends the arrays of b to dst.
func (b Batch) all(dst []*tensor.Dense) []*tensor.Dense {
	return append(append(append(dst, b.X...), b.Y...), b.SampleWeight...)
}

// A parts is the arrays of elements that come one after the other, checked and contiguous.
type parts struct {
	groups groups
	arrays []*tensor.Dense
}

// set takes b's arrays.
func (p *parts) set(b Batch) error {
	p.groups = groupsOf(b)
	p.arrays = b.all(p.arrays[:0])
	if len(p.arrays) == 0 {
		return errors.New("expected arrays, got an element without any")
	}
	for i, a := range p.arrays {
		if a == nil {
			return errors.Errorf("%s: expected an array, got nil", p.groups.name(i))
		}
		if !movable(a.Dtype()) {
			return errors.Errorf("%s: expected an array of numbers, bools or strings, got one of %v", p.groups.name(i), a.Dtype())
		}
		if array.Contiguous(a) {
			continue
		}
		c, err := array.RowMajor(a)
		if err != nil {
			return errors.WithMessage(err, p.groups.name(i))
		}
		p.arrays[i] = c
	}
	return nil
}

// A keeper holds a copy of one element after the other, in the same memory where type and size allow it.
type keeper struct {
	parts  parts
	arrays []*tensor.Dense
	kept   Batch
}

// keep copies b.
func (k *keeper) keep(b Batch) (Batch, error) {
	if err := k.parts.set(b); err != nil {
		return Batch{}, err
	}
	from := k.parts.arrays
	if len(k.arrays) != len(from) || groupsOf(k.kept) != k.parts.groups {
		k.arrays = make([]*tensor.Dense, len(from))
	}
	for i, a := range from {
		if k.arrays[i] == nil || !same(k.arrays[i], a) {
			k.arrays[i] = newArray(a.Dtype(), a.Shape())
		}
		move(k.arrays[i], 0, a, 0, size(a.Shape()))
	}
	k.kept = k.parts.groups.batch(k.arrays)
	return k.kept, nil
}

// clone copies b into memory of its own.
func clone(b Batch) (Batch, error) { return new(keeper).keep(b) }

// same reports whether two arrays have the same type and shape.
func same(a, b *tensor.Dense) bool { return a.Dtype() == b.Dtype() && equal(a.Shape(), b.Shape()) }

func equal(a, b tensor.Shape) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func newArray(t tensor.Dtype, shape tensor.Shape) *tensor.Dense {
	n := size(shape)
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(reflect.MakeSlice(reflect.SliceOf(t.Type), n, n).Interface()))
}

// movable reports whether move knows the type.
func movable(t tensor.Dtype) bool {
	switch t {
	case tensor.Float32, tensor.Float64, tensor.Int, tensor.Int8, tensor.Int16, tensor.Int32, tensor.Int64,
		tensor.Uint, tensor.Uint8, tensor.Uint16, tensor.Uint32, tensor.Uint64, tensor.Bool, tensor.String:
		return true
	}
	return false
}

// move copies n values of src from place from on to place at of dst; both are contiguous and of one type.
func move(dst *tensor.Dense, at int, src *tensor.Dense, from, n int) {
	switch src.Dtype() {
	case tensor.Float32:
		copy(dst.Float32s()[at:], src.Float32s()[from:from+n])
	case tensor.Float64:
		copy(dst.Float64s()[at:], src.Float64s()[from:from+n])
	case tensor.Int:
		copy(dst.Ints()[at:], src.Ints()[from:from+n])
	case tensor.Int8:
		copy(dst.Int8s()[at:], src.Int8s()[from:from+n])
	case tensor.Int16:
		copy(dst.Int16s()[at:], src.Int16s()[from:from+n])
	case tensor.Int32:
		copy(dst.Int32s()[at:], src.Int32s()[from:from+n])
	case tensor.Int64:
		copy(dst.Int64s()[at:], src.Int64s()[from:from+n])
	case tensor.Uint:
		copy(dst.Uints()[at:], src.Uints()[from:from+n])
	case tensor.Uint8:
		copy(dst.Uint8s()[at:], src.Uint8s()[from:from+n])
	case tensor.Uint16:
		copy(dst.Uint16s()[at:], src.Uint16s()[from:from+n])
	case tensor.Uint32:
		copy(dst.Uint32s()[at:], src.Uint32s()[from:from+n])
	case tensor.Uint64:
		copy(dst.Uint64s()[at:], src.Uint64s()[from:from+n])
	case tensor.Bool:
		copy(dst.Bools()[at:], src.Bools()[from:from+n])
	case tensor.String:
		copy(dst.Strings()[at:], src.Strings()[from:from+n])
	}
}
