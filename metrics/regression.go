package metrics

import (
	"cmp"
	"math"

	"gorgonia.org/tensor"
)

// MeanSquaredError is the mean of (yTrue - yPred)².
type MeanSquaredError struct {
	Label string `keras:"name"` // "": "mean_squared_error"
	running
}

// Name implements [Metric].
func (m *MeanSquaredError) Name() string { return cmp.Or(m.Label, "mean_squared_error") }

// Direction returns "min": lower is better.
func (*MeanSquaredError) Direction() string { return "min" }

// Update implements [Metric]. Both arrays have the same shape. Two of rank 1 count as a single sample, as in Keras, and take no weights.
func (m *MeanSquaredError) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.update(rule{name: m.Name(), fit: alike, row: squaredErrors}, yTrue, yPred, sampleWeight)
}

// RootMeanSquaredError is the square root of the mean of (yTrue - yPred)².
type RootMeanSquaredError struct {
	Label string `keras:"name"` // "": "root_mean_squared_error"
	running
}

// IgnoresMask returns true, as in Keras.
func (*RootMeanSquaredError) IgnoresMask() bool { return true }

// Name implements [Metric].
func (m *RootMeanSquaredError) Name() string { return cmp.Or(m.Label, "root_mean_squared_error") }

// Direction returns "min": lower is better.
func (*RootMeanSquaredError) Direction() string { return "min" }

// Update implements [Metric]. Both arrays have the same shape.
func (m *RootMeanSquaredError) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.update(rule{name: m.Name(), fit: elements, each: squares}, yTrue, yPred, sampleWeight)
}

// Result implements [Metric].
func (m *RootMeanSquaredError) Result() float64 { return math.Sqrt(m.running.Result()) }

// MeanAbsoluteError is the mean of |yTrue - yPred|.
type MeanAbsoluteError struct {
	Label string `keras:"name"` // "": "mean_absolute_error"
	running
}

// Name implements [Metric].
func (m *MeanAbsoluteError) Name() string { return cmp.Or(m.Label, "mean_absolute_error") }

// Direction returns "min": lower is better.
func (*MeanAbsoluteError) Direction() string { return "min" }

// Update implements [Metric]. Both arrays have the same shape. Two of rank 1 count as a single sample, as in Keras, and take no weights.
func (m *MeanAbsoluteError) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.update(rule{name: m.Name(), fit: alike, row: absoluteErrors}, yTrue, yPred, sampleWeight)
}

// MeanAbsolutePercentageError is the mean of 100·|yTrue - yPred|/|yTrue|, the divisor being 1e-7 at least.
type MeanAbsolutePercentageError struct {
	Label string `keras:"name"` // "": "mean_absolute_percentage_error"
	running
}

// Name implements [Metric].
func (m *MeanAbsolutePercentageError) Name() string {
	return cmp.Or(m.Label, "mean_absolute_percentage_error")
}

// Direction returns "min": lower is better.
func (*MeanAbsolutePercentageError) Direction() string { return "min" }

// Update implements [Metric]. Both arrays have the same shape. Two of rank 1 count as a single sample, as in Keras, and take no weights.
func (m *MeanAbsolutePercentageError) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.update(rule{name: m.Name(), fit: alike, row: percentageErrors}, yTrue, yPred, sampleWeight)
}

// MeanSquaredLogarithmicError is the mean of (log(1+yTrue) - log(1+yPred))², both being 1e-7 at least.
type MeanSquaredLogarithmicError struct {
	Label string `keras:"name"` // "": "mean_squared_logarithmic_error"
	running
}

// Name implements [Metric].
func (m *MeanSquaredLogarithmicError) Name() string {
	return cmp.Or(m.Label, "mean_squared_logarithmic_error")
}

// Direction returns "min": lower is better.
func (*MeanSquaredLogarithmicError) Direction() string { return "min" }

// Update implements [Metric]. Both arrays have the same shape. Two of rank 1 count as a single sample, as in Keras, and take no weights.
func (m *MeanSquaredLogarithmicError) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.update(rule{name: m.Name(), fit: alike, row: logarithmicErrors}, yTrue, yPred, sampleWeight)
}

// LogCoshError is the mean of log(cosh(yPred - yTrue)).
type LogCoshError struct {
	Label string `keras:"name"` // "": "logcosh"
	running
}

// Name implements [Metric].
func (m *LogCoshError) Name() string { return cmp.Or(m.Label, "logcosh") }

// Direction returns "min": lower is better.
func (*LogCoshError) Direction() string { return "min" }

// Update implements [Metric]. Both arrays have the same shape. Two of rank 1 count as a single sample, as in Keras, and take no weights.
func (m *LogCoshError) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.update(rule{name: m.Name(), fit: alike, row: logCoshErrors}, yTrue, yPred, sampleWeight)
}

func squaredErrors(t, p []float32, _ *rule) float64 {
	sum := 0.0
	for i, v := range t {
		d := float64(v) - float64(p[i])
		sum += d * d
	}
	return sum / float64(len(t))
}

func squares(values []float64, t, p []float32, _ *rule) {
	for i, v := range t {
		d := float64(v) - float64(p[i])
		values[i] = d * d
	}
}

func absoluteErrors(t, p []float32, _ *rule) float64 {
	sum := 0.0
	for i, v := range t {
		sum += math.Abs(float64(v) - float64(p[i]))
	}
	return sum / float64(len(t))
}

func percentageErrors(t, p []float32, _ *rule) float64 {
	sum := 0.0
	for i, v := range t {
		t := float64(v)
		sum += math.Abs(t-float64(p[i])) / max(math.Abs(t), epsilon)
	}
	return 100 * sum / float64(len(t))
}

func logarithmicErrors(t, p []float32, _ *rule) float64 {
	sum := 0.0
	for i, v := range t {
		d := math.Log1p(max(float64(p[i]), epsilon)) - math.Log1p(max(float64(v), epsilon))
		sum += d * d
	}
	return sum / float64(len(t))
}

// logCoshErrors takes the form that does not overflow.
func logCoshErrors(t, p []float32, _ *rule) float64 {
	sum := 0.0
	for i, v := range t {
		d := math.Abs(float64(p[i]) - float64(v))
		sum += d + math.Log1p(math.Exp(-2*d)) - math.Ln2
	}
	return sum / float64(len(t))
}
