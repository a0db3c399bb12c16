package ops

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Int32s is a copy of an array of numbers as int32. A number that int32 cannot hold, or that is not whole, is an error.
func Int32s(a *tensor.Dense) ([]int32, error) {
	dst := make([]int32, a.DataSize())
	return dst, CopyInt32s(dst, a, 0)
}

// CopyInt32s fills dst with the elements of a from element offset on. Numbers must be whole and fit into int32.
func CopyInt32s(dst []int32, a *tensor.Dense, offset int) error {
	switch a.Dtype() {
	case tensor.Int32:
		copy(dst, a.Int32s()[offset:])
		return nil
	case tensor.Uint8:
		return convertInts(dst, a.Uint8s(), offset)
	case tensor.Int:
		return convertInts(dst, a.Ints(), offset)
	case tensor.Int64:
		return convertInts(dst, a.Int64s(), offset)
	case tensor.Int16:
		return convertInts(dst, a.Int16s(), offset)
	case tensor.Int8:
		return convertInts(dst, a.Int8s(), offset)
	case tensor.Uint:
		return convertInts(dst, a.Uints(), offset)
	case tensor.Uint16:
		return convertInts(dst, a.Uint16s(), offset)
	case tensor.Uint32:
		return convertInts(dst, a.Uint32s(), offset)
	case tensor.Uint64:
		return convertInts(dst, a.Uint64s(), offset)
	case tensor.Float32:
		return convertInts(dst, a.Float32s(), offset)
	case tensor.Float64:
		return convertInts(dst, a.Float64s(), offset)
	case tensor.Bool:
		for i, v := range a.Bools()[offset : offset+len(dst)] {
			dst[i] = 0
			if v {
				dst[i] = 1
			}
		}
		return nil
	}
	return errors.Errorf("expected numbers, got an array of %v", a.Dtype())
}

// CopyFloat32s fills dst with the elements of a from element offset on, as float32.
func CopyFloat32s(dst []float32, a *tensor.Dense, offset int) error {
	switch a.Dtype() {
	case tensor.Float32:
		copy(dst, a.Float32s()[offset:])
	case tensor.Float64:
		convertFloats(dst, a.Float64s()[offset:])
	case tensor.Uint8:
		convertFloats(dst, a.Uint8s()[offset:])
	case tensor.Int:
		convertFloats(dst, a.Ints()[offset:])
	case tensor.Int64:
		convertFloats(dst, a.Int64s()[offset:])
	case tensor.Int32:
		convertFloats(dst, a.Int32s()[offset:])
	case tensor.Int16:
		convertFloats(dst, a.Int16s()[offset:])
	case tensor.Int8:
		convertFloats(dst, a.Int8s()[offset:])
	case tensor.Uint:
		convertFloats(dst, a.Uints()[offset:])
	case tensor.Uint16:
		convertFloats(dst, a.Uint16s()[offset:])
	case tensor.Uint32:
		convertFloats(dst, a.Uint32s()[offset:])
	case tensor.Uint64:
		convertFloats(dst, a.Uint64s()[offset:])
	case tensor.Bool:
		for i, v := range a.Bools()[offset : offset+len(dst)] {
			dst[i] = 0
			if v {
				dst[i] = 1
			}
		}
	default:
		return errors.Errorf("expected numbers, got an array of %v", a.Dtype())
	}
	return nil
}

type number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

func convertInts[N number](dst []int32, src []N, offset int) error {
	for i := range dst {
		v := src[offset+i]
		f := float64(v)
		if !(f >= math.MinInt32 && f <= math.MaxInt32) || f != math.Trunc(f) {
			return errors.Errorf("element %d is %v: expected a whole number between %d and %d", offset+i, v, math.MinInt32, math.MaxInt32)
		}
		dst[i] = int32(v)
	}
	return nil
}

func convertFloats[N number](dst []float32, src []N) {
	for i := range dst {
		dst[i] = float32(src[i])
	}
}
