package numpy

import (
	"bytes"
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A Value is a thing in a pickle.
type Value struct {
	integer int64 // where thing is an integral
	thing   any   // nil (None), integral, float64, bool, text, name, tuple, *list, *dictionary, *kind or *array
}

type (
	integral struct{}
	text     []byte // text and bytes alike; Python 2 made no difference
	name     string
	tuple    []Value
)

type list struct{ values []Value }

// A dictionary has texts as keys, which other than Python's are in their order.
type dictionary struct{ keys, values []Value }

// kind is a dtype: the name it was made with and the order of its bytes.
type kind struct {
	name  string
	order string
}

// array is an ndarray.
type array struct {
	built  bool
	layout layout
	data   text    // of numbers
	values []Value // of objects
}

func ofInt(i int64) Value { return Value{integer: i, thing: integral{}} }

// describe names what a value is, for errors.
func (v Value) describe() string {
	switch t := v.thing.(type) {
	case nil:
		return "None"
	case integral:
		return "an integer"
	case float64:
		return "a float"
	case bool:
		return "a boolean"
	case text:
		return "a text"
	case name:
		return string(t)
	case tuple:
		return "a tuple"
	case *list:
		return "a list"
	case *dictionary:
		return "a dictionary"
	case *kind:
		return "a dtype"
	case *array:
		return "an array"
	}
	return "something else"
}

// truth returns a boolean, which may be written as an integer.
func (v Value) truth() (value, ok bool) {
	switch t := v.thing.(type) {
	case bool:
		return t, true
	case integral:
		return v.integer != 0, true
	}
	return false, false
}

// Entry returns what a dictionary holds under a key.
func (v Value) Entry(key string) (Value, error) {
	d, ok := v.thing.(*dictionary)
	if !ok {
		return Value{}, errors.Errorf("pickle: expected a dictionary with the key %q, got %s", key, v.describe())
	}
	// The last one counts, as in Python.
	for i, k := range slices.Backward(d.keys) {
		if k, ok := k.thing.(text); ok && bytes.Equal(k, []byte(key)) {
			return d.values[i], nil
		}
	}
	return Value{}, errors.Errorf("pickle: expected the key %q in a dictionary of %d keys", key, len(d.keys))
}

// Dense returns an array of numbers.
func (v Value) Dense() (*tensor.Dense, error) {
	a, ok := v.thing.(*array)
	if !ok || !a.built {
		return nil, errors.Errorf("pickle: expected an array, got %s", v.describe())
	}
	d, err := a.layout.dense(a.data)
	return d, errors.WithMessage(err, "pickle: array")
}

// Int32s returns the integers of a list or a tuple, each of which has to fit.
func (v Value) Int32s() ([]int32, error) {
	values, err := v.elements()
	if err != nil {
		return nil, err
	}
	return integers(values)
}

// Strings returns the texts of a list or a tuple.
func (v Value) Strings() ([]string, error) {
	values, err := v.elements()
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(values))
	for i, v := range values {
		t, ok := v.thing.(text)
		if !ok {
			return nil, errors.Errorf("pickle: element %d: expected a text, got %s", i, v.describe())
		}
		texts[i] = string(t)
	}
	return texts, nil
}

// Sequences returns the elements of an array of objects: the lists of one with one axis, the rows of one with two.
func (v Value) Sequences() ([][]int32, error) {
	a, ok := v.thing.(*array)
	if !ok || !a.built || a.layout.kind != objects {
		return nil, errors.Errorf("pickle: expected an array of objects, got %s", v.describe())
	}
	switch axes := len(a.layout.shape); {
	case axes == 1:
		return ragged(a.values)
	case axes == 2 && !a.layout.fortran && len(a.values) > 0: // Rows of nothing could be any number.
		return regular(a.values, a.layout.shape)
	default:
		return nil, errors.Errorf("pickle: expected an array of lists with elements, got an array of shape %v", a.layout.shape)
	}
}

func ragged(values []Value) ([][]int32, error) {
	rows := make([][]int32, len(values))
	for i, v := range values {
		row, err := v.Int32s()
		if err != nil {
			return nil, errors.WithMessagef(err, "row %d", i)
		}
		rows[i] = row
	}
	return rows, nil
}

func regular(values []Value, shape []int) ([][]int32, error) {
	rows := make([][]int32, shape[0])
	for i := range rows {
		row, err := integers(values[i*shape[1] : (i+1)*shape[1]])
		if err != nil {
			return nil, errors.WithMessagef(err, "row %d", i)
		}
		rows[i] = row
	}
	return rows, nil
}

// elements returns what a list or a tuple holds.
func (v Value) elements() ([]Value, error) {
	switch t := v.thing.(type) {
	case *list:
		return t.values, nil
	case tuple:
		return t, nil
	}
	return nil, errors.Errorf("pickle: expected a list, got %s", v.describe())
}

func integers(values []Value) ([]int32, error) {
	ints := make([]int32, len(values))
	for i, v := range values {
		if _, ok := v.thing.(integral); !ok || v.integer < math.MinInt32 || v.integer > math.MaxInt32 {
			return nil, errors.Errorf("pickle: element %d: expected an integer of 32 bits, got %s %d", i, v.describe(), v.integer)
		}
		ints[i] = int32(v.integer)
	}
	return ints, nil
}
