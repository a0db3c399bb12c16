// Package array reads *tensor.Dense of any numeric element type and memory layout.
package array

import (
	"slices"
	"unsafe"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A Number is an element type that converts to float32 and float64.
type Number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// Float32s returns d's elements in row-major order: d's own memory where that is contiguous float32, else a copy in scratch, which is
// returned grown as needed for the next call. A bool reads as 0 or 1; an element type that is no number is an error.
func Float32s(scratch []float32, d *tensor.Dense) (values, grown []float32, err error) {
	if d == nil {
		return nil, scratch, errors.New("expected an array, got nil")
	}
	if d.Dtype() == tensor.Float32 && Contiguous(d) {
		return d.Float32s(), scratch, nil
	}
	n := d.Shape().TotalSize()
	if cap(scratch) < n {
		scratch = make([]float32, n)
	}
	scratch = scratch[:n]
	return scratch, scratch, read(scratch, d)
}

// Float64s returns a copy of d's elements in row-major order.
func Float64s(d *tensor.Dense) ([]float64, error) {
	if d == nil {
		return nil, errors.New("expected an array, got nil")
	}
	dst := make([]float64, d.Shape().TotalSize())
	return dst, read(dst, d)
}

// Contiguous reports whether d's elements lie in memory in row-major order without gaps.
func Contiguous(d *tensor.Dense) bool {
	shape, strides := d.Shape(), d.Strides()
	want := 1
	for i, s := range slices.Backward(shape) {
		if i >= len(strides) || s != 1 && strides[i] != want {
			return len(strides) == 0 && want == 1 && shape.TotalSize() == 1
		}
		want *= s
	}
	return true
}

func read[F float32 | float64](dst []F, d *tensor.Dense) error {
	switch d.Dtype() {
	case tensor.Float32:
		walk(dst, d.Float32s(), d)
	case tensor.Float64:
		walk(dst, d.Float64s(), d)
	case tensor.Int:
		walk(dst, d.Ints(), d)
	case tensor.Int8:
		walk(dst, d.Int8s(), d)
	case tensor.Int16:
		walk(dst, d.Int16s(), d)
	case tensor.Int32:
		walk(dst, d.Int32s(), d)
	case tensor.Int64:
		walk(dst, d.Int64s(), d)
	case tensor.Uint:
		walk(dst, d.Uints(), d)
	case tensor.Uint8:
		walk(dst, d.Uint8s(), d)
	case tensor.Uint16:
		walk(dst, d.Uint16s(), d)
	case tensor.Uint32:
		walk(dst, d.Uint32s(), d)
	case tensor.Uint64:
		walk(dst, d.Uint64s(), d)
	case tensor.Bool:
		// Go keeps a bool as one byte, 0 or 1.
		bools := d.Bools()
		walk(dst, unsafe.Slice((*uint8)(unsafe.Pointer(unsafe.SliceData(bools))), len(bools)), d)
	default:
		return errors.Errorf("expected a numeric array, got one of %v", d.Dtype())
	}
	return nil
}

// walk converts src, laid out as d says, into dst.
func walk[F float32 | float64, T Number](dst []F, src []T, d *tensor.Dense) {
	if Contiguous(d) {
		for i := range dst {
			dst[i] = F(src[i])
		}
		return
	}
	each(d, func(i, at int) { dst[i] = F(src[at]) })
}

// Pack returns the elements of d in row-major order, where src is d's memory: src itself where it is contiguous, else a copy.
func Pack[T any](src []T, d *tensor.Dense) []T {
	n := d.Shape().TotalSize()
	if Contiguous(d) {
		return src[:n]
	}
	dst := make([]T, n)
	each(d, func(i, at int) { dst[i] = src[at] })
	return dst
}

// each calls visit with the row-major number i of every element and its place in memory.
func each(d *tensor.Dense, visit func(i, at int)) {
	shape, strides := d.Shape(), d.Strides()
	index := make([]int, len(shape))
	at := 0
	for i := range shape.TotalSize() {
		visit(i, at)
		for axis := len(shape) - 1; axis >= 0; axis-- {
			index[axis]++
			at += strides[axis]
			if index[axis] < shape[axis] {
				break
			}
			at -= index[axis] * strides[axis]
			index[axis] = 0
		}
	}
}
