package metrics

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Mean is the weighted mean of values.
type Mean struct {
	Label string `keras:"name"` // "": "mean"
	running
}

// Name implements [Metric].
func (m *Mean) Name() string { return or(m.Label, "mean") }

// Update adds the values, batch first; yTrue is not looked at and may be nil.
func (m *Mean) Update(_, values *tensor.Dense, weight []float32) error {
	b, err := m.read(m.Name(), values, values, weight)
	if err != nil {
		return err
	}
	m.add(b, rule{sum: total, parts: len(b.p) / b.samples})
	return nil
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

func total(_, p []float32, _ rule) float64 {
	sum := 0.0
	for _, v := range p {
		sum += float64(v)
	}
	return sum
}
