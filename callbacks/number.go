package callbacks

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// appendRepr appends v as Python's repr writes it.
func appendRepr(b []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(b, strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(v, 'g', -1, 64), "+"))...)
	}
	if x := exponent(v, -1); x < -4 || x >= 16 {
		return strconv.AppendFloat(b, v, 'e', -1, 64)
	}
	n := len(b)
	b = strconv.AppendFloat(b, v, 'f', -1, 64)
	if !slices.Contains(b[n:], '.') {
		b = append(b, ".0"...)
	}
	return b
}

func repr(v float64) string { return string(appendRepr(nil, v)) }

// exponent is the decimal exponent of a finite v after it was rounded to 1+digits digits; -1: to the fewest that tell it from others.
func exponent(v float64, digits int) int {
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], v, 'e', digits, 64)
	x, err := strconv.Atoi(string(text[slices.Index(text, 'e')+1:]))
	if err != nil {
		return 0
	}
	return x
}

// A number is written to JSON as a number, or as "NaN", "Infinity" or "-Infinity", of which JSON has no numbers.
type number float64

// MarshalJSON implements [json.Marshaler].
func (n number) MarshalJSON() ([]byte, error) {
	switch v := float64(n); {
	case math.IsNaN(v):
		return []byte(`"NaN"`), nil
	case math.IsInf(v, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(v, -1):
		return []byte(`"-Infinity"`), nil
	default:
		return json.Marshal(v)
	}
}

// UnmarshalJSON implements [json.Unmarshaler].
func (n *number) UnmarshalJSON(raw []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(raw), `"`), 64)
	*n = number(v)
	return errors.WithStack(err)
}

// names sorts the names of the logs, reusing the array of into.
func names(into []string, logs Logs) []string {
	into = into[:0]
	for name := range logs {
		into = append(into, name)
	}
	slices.Sort(into)
	return into
}

// A speaker says what a callback does, in Keras's words, to those who want to read it.
type speaker struct {
	callback string
	out      io.Writer
	verbose  int
}

func (s speaker) say(format string, args ...any) error {
	if s.out == nil || s.verbose <= 0 {
		return nil
	}
	_, err := fmt.Fprintf(s.out, format+"\n", args...)
	return errors.Wrapf(err, "callbacks: %s: write to Output", s.callback)
}

// modelOf returns the model of a run for a callback that cannot do without.
func modelOf(callback string, r *Run) (Model, error) {
	if r.Model == nil {
		return nil, errors.Errorf("callbacks: %s: expected a run with a Model, got none", callback)
	}
	return r.Model, nil
}

// as returns the model as T, an interface that not every model has.
func as[T any](callback string, r *Run) (T, error) {
	t, ok := r.Model.(T)
	if !ok {
		return t, errors.Errorf("callbacks: %s: expected a model that implements %s, got %T", callback, interfaceName[T](), r.Model)
	}
	return t, nil
}

func interfaceName[T any]() string {
	return strings.TrimPrefix(fmt.Sprintf("%T", (*T)(nil)), "*")
}
