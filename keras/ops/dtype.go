package ops

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A DType is an element type, by Keras's word for it.
type DType string

// The element types of tensors in a program. Float32 stands for "the program's float type": a program compiled with
// [Options.Float] set to Float64 computes with float64 wherever the record says Float32.
const (
	Float32 DType = "float32"
	Float64 DType = "float64"
	Int32   DType = "int32"
	Bool    DType = "bool"
	String  DType = "string" // text, which only operations of [Host] read
)

// UnmarshalText accepts Keras's words for the types that tensors can have.
func (d *DType) UnmarshalText(text []byte) error {
	switch v := DType(text); v {
	case Float32, Float64, Int32, Bool, String:
		*d = v
		return nil
	default:
		return errors.Errorf("dtype %q: expected float32, int32, bool or string", text)
	}
}

func (d DType) size() int {
	switch d {
	case Float64:
		return 8
	case Bool:
		return 1
	case String:
		return 16
	default:
		return 4
	}
}

func (d DType) tensor() tensor.Dtype {
	switch d {
	case Float64:
		return tensor.Float64
	case Int32:
		return tensor.Int32
	case Bool:
		return tensor.Bool
	case String:
		return tensor.String
	default:
		return tensor.Float32
	}
}

func (d DType) isFloat() bool { return d == Float32 || d == Float64 }
