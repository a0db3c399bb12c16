package metrics

import (
	"cmp"
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// R2Score is the coefficient of determination, 1 - Σ(yTrue-yPred)²/Σ(yTrue-mean)² for each output: 1 for perfect predictions, 0 for those
// of the mean. It is NaN where labels and errors are all the same.
type R2Score struct {
	// ClassAggregation says how outputs come together: "uniform_average", "variance_weighted_average", or "none": each is a number of
	// Results, and Result is their mean. "": "uniform_average".
	ClassAggregation string
	NumRegressors    int    // independent variables that the score is adjusted for; 0: it is not
	Label            string `keras:"name"` // "": "r2_score"

	batch
	outputs                     int
	sum, squares, errors, count []float64
	samples                     float64 // numbers, as Keras counts them
	scores                      []float64
}

// IgnoresMask returns true, as in Keras.
func (*R2Score) IgnoresMask() bool { return true }

// Name implements [Metric].
func (m *R2Score) Name() string { return cmp.Or(m.Label, "r2_score") }

// Direction returns "max": higher is better.
func (*R2Score) Direction() string { return "max" }

// SaveConfig writes the aggregation "none" as Keras's None.
func (m *R2Score) SaveConfig(config map[string]any) error {
	if m.ClassAggregation == "none" {
		config["class_aggregation"] = nil
	}
	return nil
}

// LoadConfig reads Keras's None as "none".
func (*R2Score) LoadConfig(config map[string]any) error {
	if v, ok := config["class_aggregation"]; ok && v == nil {
		config["class_aggregation"] = "none"
	}
	return nil
}

// Reset implements [Metric].
func (m *R2Score) Reset() {
	clear(m.sum)
	clear(m.squares)
	clear(m.errors)
	clear(m.count)
	m.samples = 0
}

// Update implements [Metric]. Both arrays are [batch, outputs], always of as many outputs; weights are [batch] or of that shape.
func (m *R2Score) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	switch m.ClassAggregation {
	case "", "none", uniformAverage, varianceAverage:
	default:
		return errors.Errorf("metrics: %s: ClassAggregation: expected none, %s or %s, got %q", m.Name(), uniformAverage, varianceAverage, m.ClassAggregation)
	}
	if m.NumRegressors < 0 {
		return errors.Errorf("metrics: %s: NumRegressors: expected 0 or more, got %d", m.Name(), m.NumRegressors)
	}
	if err := m.read(m.Name(), yTrue, yPred, sampleWeight); err != nil {
		return err
	}
	if err := m.alike(); err != nil {
		return err
	}
	if err := m.flat(&m.outputs); err != nil {
		return err
	}
	w, err := m.each()
	if err != nil {
		return err
	}
	m.add(w)
	return nil
}

const (
	uniformAverage  = "uniform_average"
	varianceAverage = "variance_weighted_average"
)

// flat checks that the arrays are [batch, outputs], of as many outputs as before.
func (b *batch) flat(outputs *int) error {
	shape := b.p.shape
	if len(shape) != 2 {
		return b.errorf("expected arrays [batch, outputs], got %v", shape)
	}
	if *outputs > 0 && *outputs != shape[1] {
		return b.errorf("expected arrays [batch, %d] as before, got %v", *outputs, shape)
	}
	return nil
}

// each returns a weight for each number; nil: all are 1.
func (b *batch) each() ([]float32, error) {
	if !b.weighted {
		return nil, nil
	}
	if len(b.w.shape) == 1 {
		b.w.shape = append(b.w.shape, 1)
	}
	return b.repeat(b.t.shape)
}

func (m *R2Score) add(w []float32) {
	if m.outputs == 0 {
		n := m.p.shape[1]
		all := make([]float64, 5*n)
		m.outputs, m.sum, m.squares, m.errors = n, all[:n], all[n:2*n], all[2*n:3*n]
		m.count, m.scores = all[3*n:4*n], all[4*n:]
	}
	for i, v := range m.t.x {
		k, weight, t := i%m.outputs, 1.0, float64(v)
		if w != nil {
			weight = float64(w[i])
		}
		d := t - float64(m.p.x[i])
		m.sum[k] += t * weight
		m.squares[k] += t * t * weight
		m.errors[k] += d * d * weight
		m.count[k] += weight
	}
	m.samples += float64(len(m.t.x))
}

// Result implements [Metric]. Before the first sample it is 0.
func (m *R2Score) Result() float64 { return meanOf(m.score()) }

// Results implements [Vector].
func (m *R2Score) Results() []float64 { return slices.Clone(m.score()) }

// score is one number for each output, or one for all.
func (m *R2Score) score() []float64 {
	if m.samples == 0 {
		return nil
	}
	total, weighted := 0.0, 0.0
	for k := range m.scores {
		variance := m.squares[k] - m.sum[k]*m.sum[k]/m.count[k]
		score := 1 - m.errors[k]/variance
		if math.IsInf(score, 0) {
			score = 0
		}
		m.scores[k] = score
		total += variance
		weighted += variance * score
	}
	scores := m.scores
	switch m.ClassAggregation {
	case "none":
	case varianceAverage:
		scores = append(m.scores[:0], weighted/total)
	default:
		scores = append(m.scores[:0], meanOf(m.scores))
	}
	for i := range scores {
		scores[i] = m.adjusted(scores[i])
	}
	return scores
}

// adjusted corrects a score for the number of regressors, where there are samples enough.
func (m *R2Score) adjusted(score float64) float64 {
	p := float64(m.NumRegressors)
	if p == 0 || p >= m.samples-1 {
		return score
	}
	return 1 - (1-score)*(m.samples-1)/(m.samples-p-1)
}

// meanOf is the mean, or 0 of no numbers.
func meanOf(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	return sumOf(x) / float64(len(x))
}
