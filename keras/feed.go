package keras

import (
	"maps"
	"slices"

	"github.com/gokeras/gokeras/internal/array"
	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// specOf is an array's shape and the element type that it has in a program: floats become float32, integers int32.
func specOf(a *tensor.Dense) (ops.Spec, error) {
	if a == nil || a.DataSize() == 0 || slices.Contains(a.Shape(), 0) {
		return ops.Spec{}, errors.New("expected an array with at least one element, got none")
	}
	s := ops.Spec{Shape: slices.Clone([]int(a.Shape())), DType: ops.Int32}
	switch a.Dtype() {
	case tensor.Float32, tensor.Float64:
		s.DType = ops.Float32
	case tensor.Bool:
		s.DType = ops.Bool
	case tensor.String:
		s.DType = ops.String
	case tensor.Complex64, tensor.Complex128, tensor.UnsafePointer, tensor.Uintptr:
		return s, errors.Errorf("expected numbers or text, got an array of %v", a.Dtype())
	}
	return s, nil
}

// fillInput copies a whole array into a program's input.
func fillInput(dst, a *tensor.Dense) error {
	a, err := array.RowMajor(a)
	if err != nil {
		return err
	}
	return fillRows(dst, a, nil, 0, dst.DataSize())
}

// fillRows copies rows of an array, by index or from first on, into a program's input. width is the number of elements in a row.
func fillRows(dst, a *tensor.Dense, index []int, first, width int) error {
	n := dst.DataSize() / width
	if index == nil {
		return fillAt(dst, 0, n*width, a, first*width)
	}
	for i, row := range index[:n] {
		if err := fillAt(dst, i*width, width, a, row*width); err != nil {
			return err
		}
	}
	return nil
}

// fillAt copies n elements, converting them to the input's type.
func fillAt(dst *tensor.Dense, at, n int, a *tensor.Dense, from int) error {
	switch dst.Dtype() {
	case tensor.Float32:
		return ops.CopyFloat32s(dst.Float32s()[at:at+n], a, from)
	case tensor.Int32:
		return ops.CopyInt32s(dst.Int32s()[at:at+n], a, from)
	case tensor.String:
		if a.Dtype() != tensor.String {
			return errors.Errorf("expected text, got an array of %v", a.Dtype())
		}
		copy(dst.Strings()[at:at+n], a.Strings()[from:])
		return nil
	}
	if a.Dtype() != tensor.Bool {
		return errors.Errorf("expected booleans, got an array of %v", a.Dtype())
	}
	copy(dst.Bools()[at:at+n], a.Bools()[from:])
	return nil
}

// checkNumbers refuses arrays that hold NaN, with the first place where they do.
func checkNumbers(what string, a *tensor.Dense) error {
	bad := -1
	switch a.Dtype() {
	case tensor.Float32:
		if v := a.Float32s(); kernel.HasNaN(v) {
			bad = slices.IndexFunc(v, func(x float32) bool { return x != x })
		}
	case tensor.Float64:
		if v := a.Float64s(); kernel.HasNaN(v) {
			bad = slices.IndexFunc(v, func(x float64) bool { return x != x })
		}
	}
	if bad >= 0 {
		return errors.Errorf("%s: element %d is NaN; expected numbers", what, bad)
	}
	return nil
}
