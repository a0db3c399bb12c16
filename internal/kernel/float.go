package kernel

import "unsafe"

// Float is the element type of the kernels.
type Float interface{ float32 | float64 }

// isFloat32 reports whether T is float32; the compiler folds it.
func isFloat32[T Float]() bool {
	var z T
	return unsafe.Sizeof(z) == 4
}

// float32s returns x seen as []float32; T must be float32.
func float32s[T Float](x []T) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}
