package hdf5

import (
	"encoding/binary"
	"math"
	"slices"
)

type number interface{ float32 | float64 | int64 }

// decode converts the little-endian elements of raw; dst has room for exactly those.
func decode[T number](dst []T, raw []byte, t datatype) {
	switch t.kind {
	case floatKind:
		decodeFloats(dst, raw, t.size)
	case bfloatKind:
		for i := range dst {
			dst[i] = T(math.Float32frombits(uint32(binary.LittleEndian.Uint16(raw[2*i:])) << 16))
		}
	case intKind:
		decodeInts(dst, raw, t.size)
	case uintKind:
		decodeUints(dst, raw, t.size)
	}
}

func decodeFloats[T number](dst []T, raw []byte, size int) {
	switch size {
	case 2:
		for i := range dst {
			dst[i] = T(float16(binary.LittleEndian.Uint16(raw[2*i:])))
		}
	case 4:
		for i := range dst {
			dst[i] = T(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
		}
	case 8:
		for i := range dst {
			dst[i] = T(math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:])))
		}
	}
}

func decodeInts[T number](dst []T, raw []byte, size int) {
	switch size {
	case 1:
		for i := range dst {
			dst[i] = T(int8(raw[i]))
		}
	case 2:
		for i := range dst {
			dst[i] = T(int16(binary.LittleEndian.Uint16(raw[2*i:])))
		}
	case 4:
		for i := range dst {
			dst[i] = T(int32(binary.LittleEndian.Uint32(raw[4*i:])))
		}
	case 8:
		for i := range dst {
			dst[i] = T(int64(binary.LittleEndian.Uint64(raw[8*i:])))
		}
	}
}

func decodeUints[T number](dst []T, raw []byte, size int) {
	switch size {
	case 1:
		for i := range dst {
			dst[i] = T(raw[i])
		}
	case 2:
		for i := range dst {
			dst[i] = T(binary.LittleEndian.Uint16(raw[2*i:]))
		}
	case 4:
		for i := range dst {
			dst[i] = T(binary.LittleEndian.Uint32(raw[4*i:]))
		}
	case 8:
		for i := range dst {
			dst[i] = T(binary.LittleEndian.Uint64(raw[8*i:]))
		}
	}
}

// float16 is the value of an IEEE half-precision number.
func float16(bits uint16) float32 {
	sign := uint32(bits>>15) << 31
	exponent := uint32(bits>>10) & 31
	mantissa := uint32(bits) & 0x3ff
	switch exponent {
	case 31:
		return math.Float32frombits(sign | 0x7f800000 | mantissa<<13)
	case 0:
		// Subnormal: the mantissa counts units of 2^-24.
		return math.Float32frombits(sign | math.Float32bits(float32(mantissa)/(1<<24)))
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | mantissa<<13)
}

// swapElements turns every element of size bytes around, in place.
func swapElements(raw []byte, size int) {
	for ; len(raw) >= size; raw = raw[size:] {
		slices.Reverse(raw[:size])
	}
}
