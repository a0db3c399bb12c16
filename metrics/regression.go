package metrics

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// MeanSquaredError is the mean of (yTrue - yPred)².
type MeanSquaredError struct {
	Label string `keras:"name"` // "": "mean_squared_error"
	running
}

// Name implements [Metric].
func (m *MeanSquaredError) Name() string { return or(m.Label, "mean_squared_error") }

// Direction returns "min": lower is better.
func (*MeanSquaredError) Direction() string { return "min" }

// Update implements [Metric]. Both arrays have the same shape. Two of rank 1 count as a single sample, as in Keras, and take no weights.
func (m *MeanSquaredError) Update(yTrue, yPred *tensor.Dense, weight []float32) error {
	return m.error(m.Name(), yTrue, yPred, weight, squaredErrors)
}

// MeanAbsoluteError is the mean of |yTrue - yPred|.
type MeanAbsoluteError struct {
	Label string `keras:"name"` // "": "mean_absolute_error"
	running
}

// Name implements [Metric].
func (m *MeanAbsoluteError) Name() string { return or(m.Label, "mean_absolute_error") }

// Direction returns "min": lower is better.
func (*MeanAbsoluteError) Direction() string { return "min" }

// Update implements [Metric]. Both arrays have the same shape. Two of rank 1 count as a single sample, as in Keras, and take no weights.
func (m *MeanAbsoluteError) Update(yTrue, yPred *tensor.Dense, weight []float32) error {
	return m.error(m.Name(), yTrue, yPred, weight, absoluteErrors)
}

// RootMeanSquaredError is the square root of the mean of (yTrue - yPred)².
type RootMeanSquaredError struct {
	Label string `keras:"name"` // "": "root_mean_squared_error"
	running
}

// Name implements [Metric].
func (m *RootMeanSquaredError) Name() string { return or(m.Label, "root_mean_squared_error") }

// Direction returns "min": lower is better.
func (*RootMeanSquaredError) Direction() string { return "min" }

// Update implements [Metric]. Both arrays have the same shape.
func (m *RootMeanSquaredError) Update(yTrue, yPred *tensor.Dense, weight []float32) error {
	name := m.Name()
	b, err := m.read(name, yTrue, yPred, weight)
	if err != nil {
		return err
	}
	if err := b.elementwise(name); err != nil {
		return err
	}
	m.add(b, rule{sum: squaredErrors, parts: len(b.p) / b.samples})
	return nil
}

// Result implements [Metric].
func (m *RootMeanSquaredError) Result() float64 { return math.Sqrt(m.running.Result()) }

// error adds a batch of errors that Keras averages over the last axis first, whatever that axis is.
func (r *running) error(name string, yTrue, yPred *tensor.Dense, weight []float32, sum func(t, p []float32, _ rule) float64) error {
	b, err := r.read(name, yTrue, yPred, weight)
	if err != nil {
		return err
	}
	flat := len(b.shapeT) == 1 && len(b.shapeP) == 1
	if err := b.elementwise(name); err != nil {
		return err
	}
	if flat {
		if weight != nil {
			return errors.Errorf("metrics: %s: shapes %v: expected rank 2 or more together with weights", name, b.shapeP)
		}
		b.samples = 1
	}
	r.add(b, rule{sum: sum, parts: len(b.p) / b.samples})
	return nil
}

func squaredErrors(t, p []float32, _ rule) float64 {
	sum := 0.0
	for i, v := range t {
		d := float64(v) - float64(p[i])
		sum += d * d
	}
	return sum
}

func absoluteErrors(t, p []float32, _ rule) float64 {
	sum := 0.0
	for i, v := range t {
		sum += math.Abs(float64(v) - float64(p[i]))
	}
	return sum
}
