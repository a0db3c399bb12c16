package preprocessing

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Pipeline is transformers one after the other, each fitted to what the ones before it make. Between steps of this package numbers stay float64.
//
// A Fit that fails may leave the first steps fitted. Source: scikit-learn's Pipeline.
type Pipeline struct {
	Steps []Transformer // nil among them lets everything through as it is
}

// Fit fits the steps to x, which is [samples, features], one after the other.
func (p *Pipeline) Fit(x *tensor.Dense) error { return fitted("Pipeline", p, x) }

// Transform returns what the last step makes of x.
func (p *Pipeline) Transform(x *tensor.Dense) (*tensor.Dense, error) {
	return transformed("Pipeline", p, x)
}

// FitTransform fits the steps to x and returns what the last one makes of it, without transforming x twice.
func (p *Pipeline) FitTransform(x *tensor.Dense) (*tensor.Dense, error) {
	return changed("Pipeline: FitTransform", p.fitApply, x)
}

// InverseTransform undoes the steps, the last first. A step that is no [Inverter] is an error.
func (p *Pipeline) InverseTransform(x *tensor.Dense) (*tensor.Dense, error) {
	return inverted("Pipeline", p, x)
}

func (p *Pipeline) fit(c cells) error {
	for i, t := range p.Steps {
		s, err := stepOf(t)
		if err == nil {
			err = s.fit(c)
		}
		if err == nil && i < len(p.Steps)-1 {
			c, err = s.apply(c)
		}
		if err != nil {
			return errors.WithMessagef(err, "step %d, %T", i, t)
		}
	}
	return nil
}

func (p *Pipeline) fitApply(c cells) (cells, error) {
	for i, t := range p.Steps {
		s, err := stepOf(t)
		if err == nil {
			c, err = fitApply(s, c)
		}
		if err != nil {
			return cells{}, errors.WithMessagef(err, "step %d, %T", i, t)
		}
	}
	return c, nil
}

func fitApply(s step, c cells) (cells, error) {
	if p, ok := s.(*Pipeline); ok {
		return p.fitApply(c)
	}
	if err := s.fit(c); err != nil {
		return cells{}, err
	}
	return s.apply(c)
}

func (p *Pipeline) apply(c cells) (cells, error) {
	for i, t := range p.Steps {
		s, err := stepOf(t)
		if err == nil {
			c, err = s.apply(c)
		}
		if err != nil {
			return cells{}, errors.WithMessagef(err, "step %d, %T", i, t)
		}
	}
	return c, nil
}

func (p *Pipeline) invert(c cells) (cells, error) {
	for i, t := range slices.Backward(p.Steps) {
		s, err := stepOf(t)
		if err == nil {
			c, err = invert(s, c)
		}
		if err != nil {
			return cells{}, errors.WithMessagef(err, "step %d, %T", i, t)
		}
	}
	return c, nil
}

func invert(s step, c cells) (cells, error) {
	i, ok := s.(inverter)
	if !ok {
		return cells{}, errors.Errorf("expected a transformer with InverseTransform, got %T", s)
	}
	return i.invert(c)
}
