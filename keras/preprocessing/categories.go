package preprocessing

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// Categories are the values that a feature takes, in order: numbers or texts, and last of all the missing value (NaN or "") if it is one of them.
type Categories struct {
	Numbers []float64 // none of them NaN
	Texts   []string  // none of them ""
	Missing bool      // The missing value is a category, the last.
}

// Len returns the number of categories.
func (c Categories) Len() int {
	n := len(c.Numbers) + len(c.Texts)
	if c.Missing {
		n++
	}
	return n
}

// learn returns the categories of every feature, sorted.
func learn(c cells) ([]Categories, error) {
	if c.texts == nil {
		if err := c.numeric(); err != nil {
			return nil, err
		}
	}
	all := make([]Categories, c.width)
	for k := range all {
		if c.texts != nil {
			all[k].Texts, all[k].Missing = distinct(c.texts, k, c.width, func(v string) bool { return v == "" })
		} else {
			all[k].Numbers, all[k].Missing = distinct(c.numbers, k, c.width, math.IsNaN)
		}
	}
	return all, nil
}

// distinct returns the different values of feature k, sorted, and whether some are missing.
func distinct[T float64 | string](values []T, k, width int, missing func(T) bool) (sorted []T, some bool) {
	seen := map[T]bool{}
	for i := k; i < len(values); i += width {
		v := values[i]
		switch {
		case missing(v):
			some = true
		case !seen[v]:
			seen[v] = true
			sorted = append(sorted, v)
		}
	}
	slices.Sort(sorted)
	return sorted, some
}

// check refuses categories that somebody gave and that none could have learned.
func (c Categories) check() error {
	if len(c.Numbers) > 0 && len(c.Texts) > 0 {
		return errors.New("expected numbers or texts, got both")
	}
	for i, v := range c.Numbers {
		if math.IsNaN(v) || math.IsInf(v, 0) || i > 0 && v <= c.Numbers[i-1] {
			return errors.Errorf("expected finite numbers in ascending order, got %v", c.Numbers)
		}
	}
	for i, v := range c.Texts {
		if v == "" || slices.Index(c.Texts, v) < i {
			return errors.Errorf(`expected different texts, none "", got %q`, c.Texts)
		}
	}
	if c.Len() == 0 {
		return errors.New("expected at least one category, got none")
	}
	return nil
}

// codes finds categories by their values.
type codes struct {
	numbers map[float64]int
	texts   map[string]int
	missing int // -1: unknown
}

func (c Categories) codes() codes {
	f := codes{numbers: make(map[float64]int, len(c.Numbers)), texts: make(map[string]int, len(c.Texts)), missing: -1}
	for i, v := range c.Numbers {
		f.numbers[v] = i
	}
	for i, v := range c.Texts {
		f.texts[v] = i
	}
	if c.Missing {
		f.missing = c.Len() - 1
	}
	return f
}

// code returns the number of a value's category, -1 for an unknown value.
func (f codes) code(c cells, at int) int {
	if c.texts != nil {
		return found(f.texts, c.texts[at], c.texts[at] == "", f.missing)
	}
	return found(f.numbers, c.numbers[at], math.IsNaN(c.numbers[at]), f.missing)
}

func found[T float64 | string](known map[T]int, v T, missing bool, ofMissing int) int {
	if missing {
		return ofMissing
	}
	if i, ok := known[v]; ok {
		return i
	}
	return -1
}

// put stores the value of category i; -1 and the last of those with Missing are the missing value.
func (c Categories) put(out cells, at, i int) {
	switch {
	case out.texts != nil && i >= 0 && i < len(c.Texts):
		out.texts[at] = c.Texts[i]
	case out.texts == nil && i >= 0 && i < len(c.Numbers):
		out.numbers[at] = c.Numbers[i]
	case out.texts == nil:
		out.numbers[at] = math.NaN()
	}
}

// value returns a cell for an error message.
func (c cells) value(at int) any {
	if c.texts != nil {
		return c.texts[at]
	}
	return c.numbers[at]
}

// settle returns the categories of c's features: the given ones or, where none are given, those of c. strict refuses values that are none of the given.
func settle(given []Categories, c cells, strict bool) ([]Categories, error) {
	learned, err := learn(c)
	if err != nil || given == nil {
		return learned, err
	}
	if len(given) != c.width {
		return nil, errors.Errorf("Categories: expected those of %d features, got %d", c.width, len(given))
	}
	for k, g := range given {
		if err := g.check(); err != nil {
			return nil, errors.WithMessagef(err, "Categories: feature %d", k)
		}
	}
	_, err = encode(given, c, strict)
	return given, err
}

// encode returns the number of every cell's category, -1 for an unknown one, or an error where these are refused.
func encode(all []Categories, c cells, strict bool) ([]int, error) {
	if err := c.of(len(all)); err != nil {
		return nil, err
	}
	if c.texts == nil {
		if err := c.numeric(); err != nil {
			return nil, err
		}
	}
	numbers := make([]int, c.rows*c.width)
	for k, categories := range all {
		if c.texts != nil && len(categories.Numbers) > 0 || c.texts == nil && len(categories.Texts) > 0 {
			return nil, errors.Errorf("feature %d: expected numbers or texts as in Fit, got the other", k)
		}
		find := categories.codes()
		for at := k; at < len(numbers); at += c.width {
			numbers[at] = find.code(c, at)
			if strict && numbers[at] < 0 {
				return nil, errors.Errorf("x[%d, %d]: expected a category of Fit, got %#v", at/c.width, k, c.value(at))
			}
		}
	}
	return numbers, nil
}

// blank returns cells for the categories' values: texts if some of them are.
func blank(all []Categories, rows int) cells {
	out := cells{rows: rows, width: len(all), exact: true}
	if slices.ContainsFunc(all, func(c Categories) bool { return len(c.Texts) > 0 }) {
		out.texts = make([]string, rows*len(all))
	} else {
		out.numbers = make([]float64, rows*len(all))
	}
	return out
}
