package preprocessing

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// element is a type that arrays may have.
type element interface {
	int | int8 | int16 | int32 | int64 | uint | uint8 | uint16 | uint32 | uint64 | float32 | float64 | bool | string
}

// PadOptions are the options of [PadSequences].
type PadOptions[T any] struct {
	MaxLen     int    // The length that all get; 0: that of the longest.
	Padding    string // Where Value is added: "pre" or "post"; "": "pre".
	Truncating string // Where elements beyond MaxLen are cut off: "pre" or "post"; "": "pre".
	Value      T
}

// PadSequences returns sequences of different lengths as one array, [sequences, length], of their element type.
//
// Source: keras.utils.pad_sequences, whose dtype is the type of the elements here.
func PadSequences[T element](sequences [][]T, o PadOptions[T]) (*tensor.Dense, error) {
	pre, err := isPre("Padding", o.Padding)
	if err != nil {
		return nil, err
	}
	cutFirst, err := isPre("Truncating", o.Truncating)
	if err != nil {
		return nil, err
	}
	length, err := lengthOf(sequences, o.MaxLen)
	if err != nil {
		return nil, err
	}
	padded := make([]T, len(sequences)*length)
	for i := range padded {
		padded[i] = o.Value
	}
	for i, s := range sequences {
		if extra := len(s) - length; extra > 0 && cutFirst {
			s = s[extra:]
		}
		s = s[:min(len(s), length)]
		from := i * length
		if pre {
			from += length - len(s)
		}
		copy(padded[from:], s)
	}
	return tensor.New(tensor.WithShape(len(sequences), length), tensor.WithBacking(padded)), nil
}

func lengthOf[T any](sequences [][]T, maxLen int) (int, error) {
	if maxLen < 0 {
		return 0, errors.Errorf("preprocessing: PadSequences: MaxLen: expected 0 or more, got %d", maxLen)
	}
	length := maxLen
	if length == 0 {
		for _, s := range sequences {
			length = max(length, len(s))
		}
	}
	if length == 0 {
		return 0, errors.New("preprocessing: PadSequences: expected at least one sequence with elements, got none")
	}
	if len(sequences) == 0 || length > most/len(sequences) {
		return 0, errors.Errorf("preprocessing: PadSequences: expected 1 to %d elements, got %d sequences of length %d", most, len(sequences), length)
	}
	return length, nil
}

// isPre reports whether an option says "pre".
func isPre(option, word string) (bool, error) {
	switch word {
	case "", "pre":
		return true, nil
	case "post":
		return false, nil
	}
	return false, errors.Errorf(`preprocessing: PadSequences: %s: expected "pre" or "post", got %q`, option, word)
}
