package preprocessing

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/array"
)

// cells are the values of [rows, width], row by row: numbers or texts. At least one row and one feature are there. Steps do not change the cells they
// are given.
type cells struct {
	rows, width int
	numbers     []float64
	texts       []string // not nil: the cells are texts
	exact       bool     // the numbers are categories, which float32 might not hold
}

func cellsOf(x *tensor.Dense) (cells, error) {
	switch {
	case x == nil:
		return cells{}, errors.New("expected [samples, features], got nil")
	case x.Dims() != 2 || x.Shape().TotalSize() == 0:
		return cells{}, errors.Errorf("expected [samples, features], got shape %v", x.Shape())
	}
	return flat(x, x.Shape()[0], x.Shape()[1])
}

// flat returns the values of x as [rows, width].
func flat(x *tensor.Dense, rows, width int) (cells, error) {
	c := cells{rows: rows, width: width}
	if x.Dtype() == tensor.String {
		c.texts = array.Pack(x.Strings(), x)
		return c, nil
	}
	var err error
	c.numbers, err = array.Float64s(x)
	return c, err
}

// dense returns new memory: strings, or float32 unless the numbers are exact.
func (c cells) dense() *tensor.Dense {
	var backing any
	switch {
	case c.texts != nil:
		backing = append([]string(nil), c.texts...)
	case c.exact:
		backing = append([]float64(nil), c.numbers...)
	default:
		narrow := make([]float32, len(c.numbers))
		for i, v := range c.numbers {
			narrow[i] = float32(v)
		}
		backing = narrow
	}
	return tensor.New(tensor.WithShape(c.rows, c.width), tensor.WithBacking(backing))
}

// like returns zeroed numbers of c's rows.
func (c cells) like(width int) cells {
	return cells{rows: c.rows, width: width, numbers: make([]float64, c.rows*width)}
}

// of checks that c has the features that Fit has seen.
func (c cells) of(features int) error {
	if c.width != features {
		return errors.Errorf("expected %d features as in Fit, got %d", features, c.width)
	}
	return nil
}

// numeric checks that c is of numbers, none infinite. NaN is a missing value.
func (c cells) numeric() error {
	if c.texts != nil {
		return errors.New("expected numbers, got texts")
	}
	for i, v := range c.numbers {
		if math.IsInf(v, 0) {
			return errors.Errorf("x[%d, %d]: expected a finite number, got %v", i/c.width, i%c.width, v)
		}
	}
	return nil
}

// feature returns the numbers of feature k, missing ones left out.
func (c cells) feature(k int) []float64 {
	values := make([]float64, 0, c.rows)
	for i := range c.rows {
		if v := c.numbers[i*c.width+k]; !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	return values
}

// features calls f with the numbers of each feature, which f may reorder.
func (c cells) features(f func(k int, values []float64)) error {
	if err := c.numeric(); err != nil {
		return err
	}
	for k := range c.width {
		values := c.feature(k)
		if len(values) == 0 {
			return errors.Errorf("feature %d: expected at least one number, got only missing values", k)
		}
		f(k, values)
	}
	return nil
}

// each returns f of each number, given its feature.
func (c cells) each(features int, f func(v float64, k int) float64) (cells, error) {
	if err := c.of(features); err != nil {
		return cells{}, err
	}
	if err := c.numeric(); err != nil {
		return cells{}, err
	}
	out := c.like(c.width)
	for i, v := range c.numbers {
		out.numbers[i] = f(v, i%c.width)
	}
	return out, nil
}
