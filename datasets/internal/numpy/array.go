package numpy

import (
	"encoding/binary"
	"math"
	"slices"
	"unsafe"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// maxBytes bounds a member of an archive, and a pickle: the largest of Keras's data sets has 184 MB.
const maxBytes = 1 << 28

// maxAxes is NumPy's.
const maxAxes = 64

// objects is the element type of an array whose elements are pickled.
const objects = "|O"

// layout says how the bytes of an array are to be read.
type layout struct {
	kind    string // as in NumPy's descr: "<f4"
	shape   []int
	fortran bool // the first axis moves fastest
}

// size is the number of elements.
func (l layout) size() (int, error) {
	n := 1
	for _, s := range l.shape {
		if s < 0 || s > 0 && n > maxBytes/s {
			return 0, errors.Errorf("expected at most %d elements, got shape %v", maxBytes, l.shape)
		}
		n *= s
	}
	return n, nil
}

// dense reads the elements, which data has to hold exactly. The memory is the array's own.
func (l layout) dense(data []byte) (*tensor.Dense, error) {
	n, err := l.size()
	if err != nil {
		return nil, err
	}
	if n == 0 || len(l.shape) == 0 || len(l.shape) > maxAxes {
		return nil, errors.Errorf("expected an array with elements and 1 to %d axes, got %d axes of shape %v", maxAxes, len(l.shape), l.shape[:min(len(l.shape), maxAxes)])
	}
	var backing any
	switch l.kind {
	case "|u1":
		backing, err = slices.Clone(data), lengthOf(data, n, 1)
	case "<i4":
		backing, err = elements(data, n, func(b []byte) int32 { return int32(binary.LittleEndian.Uint32(b)) })
	case "<i8":
		backing, err = elements(data, n, func(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) })
	case "<f4":
		backing, err = elements(data, n, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) })
	case "<f8":
		backing, err = elements(data, n, func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) })
	default:
		return nil, errors.Errorf("expected elements of type uint8, int32, int64, float32 or float64, little-endian, got %q", l.kind)
	}
	if err != nil {
		return nil, err
	}
	return l.ordered(backing)
}

// ordered puts the elements into an array whose last axis moves fastest.
func (l layout) ordered(backing any) (*tensor.Dense, error) {
	if !l.fortran || len(l.shape) == 1 {
		return tensor.New(tensor.WithShape(l.shape...), tensor.WithBacking(backing)), nil
	}
	reversed := slices.Clone(l.shape)
	slices.Reverse(reversed)
	d := tensor.New(tensor.WithShape(reversed...), tensor.WithBacking(backing))
	if err := d.T(); err != nil {
		return nil, errors.Wrap(err, "transpose")
	}
	return d, errors.Wrap(d.Transpose(), "transpose")
}

// elements reads n elements of little-endian bytes.
func elements[T any](data []byte, n int, read func([]byte) T) ([]T, error) {
	width := int(unsafe.Sizeof(*new(T)))
	if err := lengthOf(data, n, width); err != nil {
		return nil, err
	}
	values := make([]T, n)
	for i := range values {
		values[i] = read(data[i*width:])
	}
	return values, nil
}

// lengthOf checks the number of bytes of n elements.
func lengthOf(data []byte, n, width int) error {
	if len(data) != n*width {
		return errors.Errorf("expected %d bytes for %d elements, got %d", n*width, n, len(data))
	}
	return nil
}
