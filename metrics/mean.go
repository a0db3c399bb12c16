package metrics

import (
	"cmp"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Mean is the weighted mean of values.
type Mean struct {
	Label string `keras:"name"` // "": "mean"
	running
}

// Name implements [Metric].
func (m *Mean) Name() string { return cmp.Or(m.Label, "mean") }

// Update adds the values, batch first; yTrue is not looked at and may be nil.
func (m *Mean) Update(_, values, sampleWeight *tensor.Dense) error {
	return m.update(rule{name: m.Name(), fit: single, each: copied}, values, values, sampleWeight)
}

// Add adds one value that stands for weight samples: the loss of a batch with its size. A negative weight is an error.
func (m *Mean) Add(value, weight float64) error {
	if !(weight >= 0) {
		return errors.Errorf("metrics: %s: expected a weight of 0 or more, got %v", m.Name(), weight)
	}
	m.total += value * weight
	m.count += weight
	return nil
}

// Sum is the weighted sum of values.
type Sum struct {
	Label string `keras:"name"` // "": "sum"
	running
}

// Name implements [Metric].
func (s *Sum) Name() string { return cmp.Or(s.Label, "sum") }

// Update adds the values, batch first; yTrue is not looked at and may be nil.
func (s *Sum) Update(_, values, sampleWeight *tensor.Dense) error {
	if err := s.measure(rule{name: s.Name(), fit: single, each: copied}, values, values, sampleWeight); err != nil {
		return err
	}
	if !s.weighted {
		s.total += sumOf(s.values)
		return nil
	}
	sameRank(&s.shape, &s.w.shape)
	w, each, err := s.weights(s.shape)
	if err != nil {
		return err
	}
	for i, v := range w {
		s.total += float64(v) * sumOf(s.values[i*each:(i+1)*each])
	}
	return nil
}

// Result implements [Metric].
func (s *Sum) Result() float64 { return s.total }

func copied(values []float64, _, p []float32, _ *rule) {
	for i, v := range p {
		values[i] = float64(v)
	}
}

// A MeanMetricWrapper is the weighted mean of a function of your own.
type MeanMetricWrapper struct {
	// Fn returns the values of a batch, batch first, in an array that may be its own and used again. It must not be nil.
	Fn    func(yTrue, yPred *tensor.Dense) (*tensor.Dense, error)
	Label string `keras:"name"` // "": "mean_metric_wrapper"
	running
}

// Name implements [Metric].
func (m *MeanMetricWrapper) Name() string { return cmp.Or(m.Label, "mean_metric_wrapper") }

// Update implements [Metric]. An error of Fn is returned.
func (m *MeanMetricWrapper) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	if m.Fn == nil {
		return errors.Errorf("metrics: %s: Fn: expected a function, got nil", m.Name())
	}
	values, err := m.Fn(yTrue, yPred)
	if err != nil {
		return errors.Wrapf(err, "metrics: %s", m.Name())
	}
	return m.update(rule{name: m.Name(), fit: single, each: copied}, values, values, sampleWeight)
}
