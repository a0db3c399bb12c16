package preprocessing

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// OrdinalEncoder turns each feature, of numbers or texts, into the numbers of its categories: 0, 1 and so on.
//
// A missing value, NaN or "", that Fit has seen becomes EncodedMissingValue. Source: scikit-learn's OrdinalEncoder.
type OrdinalEncoder struct {
	Categories          []Categories // The categories of each feature; nil: those that Fit sees, sorted.
	HandleUnknown       string       // What Transform does about a value that is no category: "error" or "use_encoded_value"; "": "error".
	UnknownValue        *float64     // What "use_encoded_value" makes of it, the number of no category; nil: NaN.
	EncodedMissingValue *float64     // What becomes of a missing value, the number of no category; nil: NaN.

	Fitted []Categories // the categories of each feature, in the order of their numbers
}

// Fit takes the categories from x, which is [samples, features].
func (e *OrdinalEncoder) Fit(x *tensor.Dense) error { return fitted("OrdinalEncoder", e, x) }

// Transform returns the numbers of the categories, [samples, features], float32.
func (e *OrdinalEncoder) Transform(x *tensor.Dense) (*tensor.Dense, error) {
	return transformed("OrdinalEncoder", e, x)
}

// InverseTransform returns the categories of these numbers, [samples, features] of strings or float64. Missing and unknown values are NaN or "".
func (e *OrdinalEncoder) InverseTransform(x *tensor.Dense) (*tensor.Dense, error) {
	return inverted("OrdinalEncoder", e, x)
}

// check returns whether unknown values are refused.
func (e *OrdinalEncoder) check() (strict bool, err error) {
	switch e.HandleUnknown {
	case "", "error":
		if e.UnknownValue != nil {
			return false, errors.Errorf(`UnknownValue: expected nil unless HandleUnknown is "use_encoded_value", got %v`, *e.UnknownValue)
		}
		return true, nil
	case "use_encoded_value":
		return false, nil
	}
	return false, errors.Errorf(`HandleUnknown: expected "error" or "use_encoded_value", got %q`, e.HandleUnknown)
}

func (e *OrdinalEncoder) fit(c cells) error {
	strict, err := e.check()
	if err != nil {
		return err
	}
	all, err := settle(e.Categories, c, strict)
	if err != nil {
		return err
	}
	for k, categories := range all {
		n := categories.Len()
		if e.UnknownValue != nil && numbered(*e.UnknownValue, n) {
			return errors.Errorf("UnknownValue: expected the number of no category, got %v, one of the %d of feature %d", *e.UnknownValue, n, k)
		}
		if categories.Missing {
			n--
		}
		if e.EncodedMissingValue != nil && numbered(*e.EncodedMissingValue, n) {
			return errors.Errorf("EncodedMissingValue: expected the number of no category, got %v, one of the %d of feature %d", *e.EncodedMissingValue, n, k)
		}
	}
	e.Fitted = all
	return nil
}

// numbered reports whether v is the number of one of n categories.
func numbered(v float64, n int) bool { return v >= 0 && v < float64(n) && v == math.Trunc(v) }

func orNaN(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// same is equality by which NaN equals itself.
func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func (e *OrdinalEncoder) apply(c cells) (cells, error) {
	strict, err := e.check()
	if err != nil {
		return cells{}, err
	}
	numbers, err := encode(e.Fitted, c, strict)
	if err != nil {
		return cells{}, err
	}
	out := c.like(c.width)
	for at, number := range numbers {
		categories := e.Fitted[at%c.width]
		switch {
		case number < 0:
			out.numbers[at] = orNaN(e.UnknownValue)
		case categories.Missing && number == categories.Len()-1:
			out.numbers[at] = orNaN(e.EncodedMissingValue)
		default:
			out.numbers[at] = float64(number)
		}
	}
	return out, nil
}

func (e *OrdinalEncoder) invert(c cells) (cells, error) {
	strict, err := e.check()
	if err != nil {
		return cells{}, err
	}
	if c.texts != nil {
		return cells{}, errors.New("expected numbers, got texts")
	}
	if err := c.of(len(e.Fitted)); err != nil {
		return cells{}, err
	}
	out := blank(e.Fitted, c.rows)
	for at, v := range c.numbers {
		categories := e.Fitted[at%c.width]
		number := -1
		switch {
		case categories.Missing && same(v, orNaN(e.EncodedMissingValue)):
		case !strict && same(v, orNaN(e.UnknownValue)):
		case numbered(v, categories.Len()):
			number = int(v)
		default:
			return cells{}, errors.Errorf("x[%d, %d]: expected the number of one of %d categories, got %v", at/c.width, at%c.width, categories.Len(), v)
		}
		categories.put(out, at, number)
	}
	return out, nil
}
