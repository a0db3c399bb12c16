package preprocessing

import (
	"reflect"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Transformer learns from one array how to change it and others of its kind. Arrays are [samples, features], of numbers or of strings.
//
// The transformers of this package compute in float64 and return float32; a [Pipeline] rounds only its last step's result. Transform may be called by
// several goroutines at once. A Fit that fails changes nothing.
type Transformer interface {
	// Fit learns from x what Transform needs. What an earlier Fit has learned is forgotten.
	Fit(x *tensor.Dense) error
	// Transform returns a new array with the samples of x, which has the features that Fit has seen.
	Transform(x *tensor.Dense) (*tensor.Dense, error)
}

// Inverter is a [Transformer] whose changes can be undone.
type Inverter interface {
	Transformer
	// InverseTransform returns a new array with the samples from which Transform made x.
	InverseTransform(x *tensor.Dense) (*tensor.Dense, error)
}

// FitTransform fits t to x and returns x transformed.
func FitTransform(t Transformer, x *tensor.Dense) (*tensor.Dense, error) {
	s, err := stepOf(t)
	if err != nil {
		return nil, errors.WithMessage(err, "preprocessing: FitTransform")
	}
	c, err := cellsOf(x)
	if err != nil {
		return nil, errors.WithMessagef(err, "preprocessing: %T: Fit", t)
	}
	if err := s.fit(c); err != nil {
		return nil, errors.WithMessagef(err, "preprocessing: %T: Fit", t)
	}
	if c, err = s.apply(c); err != nil {
		return nil, errors.WithMessagef(err, "preprocessing: %T: Transform", t)
	}
	return c.dense(), nil
}

// step is what a transformer of this package does, on cells.
type step interface {
	fit(c cells) error
	apply(c cells) (cells, error)
}

// inverter is a step that can be undone.
type inverter interface {
	invert(c cells) (cells, error)
}

// stepOf returns t as a step. nil lets everything through as it is.
func stepOf(t Transformer) (step, error) {
	if t == nil {
		return through{}, nil
	}
	if v := reflect.ValueOf(t); v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, errors.Errorf("expected a transformer, got a nil %T", t)
	}
	if s, ok := t.(step); ok {
		return s, nil
	}
	return foreign{t}, nil
}

type through struct{}

func (through) fit(cells) error               { return nil }
func (through) apply(c cells) (cells, error)  { return c, nil }
func (through) invert(c cells) (cells, error) { return c, nil }

// foreign is somebody else's transformer, which works on arrays.
type foreign struct {
	Transformer
}

func (f foreign) fit(c cells) error { return f.Fit(c.dense()) }

func (f foreign) apply(c cells) (cells, error) { return made(f.Transform(c.dense())) }

func (f foreign) invert(c cells) (cells, error) {
	i, ok := f.Transformer.(Inverter)
	if !ok {
		return cells{}, errors.Errorf("expected a transformer with InverseTransform, got %T", f.Transformer)
	}
	return made(i.InverseTransform(c.dense()))
}

func made(x *tensor.Dense, err error) (cells, error) {
	if err != nil {
		return cells{}, err
	}
	return cellsOf(x)
}

// fitted, transformed and inverted are the exported methods of every transformer of this package, in terms of its steps.
func fitted(name string, s step, x *tensor.Dense) error {
	c, err := cellsOf(x)
	if err == nil {
		err = s.fit(c)
	}
	return errors.WithMessagef(err, "preprocessing: %s: Fit", name)
}

func transformed(name string, s step, x *tensor.Dense) (*tensor.Dense, error) {
	return changed(name+": Transform", s.apply, x)
}

func inverted(name string, i inverter, x *tensor.Dense) (*tensor.Dense, error) {
	return changed(name+": InverseTransform", i.invert, x)
}

func changed(method string, f func(cells) (cells, error), x *tensor.Dense) (*tensor.Dense, error) {
	c, err := cellsOf(x)
	if err == nil {
		c, err = f(c)
	}
	if err != nil {
		return nil, errors.WithMessagef(err, "preprocessing: %s", method)
	}
	return c.dense(), nil
}
