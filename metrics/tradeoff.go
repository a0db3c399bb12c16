package metrics

import (
	"cmp"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// SensitivityAtSpecificity is the largest sensitivity, tp/(tp+fn), of the thresholds where the specificity, tn/(tn+fp), is at least Specificity.
type SensitivityAtSpecificity struct {
	Specificity   float64 // in [0, 1]
	NumThresholds int     // 0: 200, from 0 to 1; a single one is 0.5
	ClassID       *int    // the only number along the last axis that counts; nil: all do
	Label         string  `keras:"name"` // "": "sensitivity_at_specificity"
	tradeoff
}

// SpecificityAtSensitivity is the largest specificity, tn/(tn+fp), of the thresholds where the sensitivity, tp/(tp+fn), is at least Sensitivity.
type SpecificityAtSensitivity struct {
	Sensitivity   float64 // in [0, 1]
	NumThresholds int     // 0: 200, from 0 to 1; a single one is 0.5
	ClassID       *int    // the only number along the last axis that counts; nil: all do
	Label         string  `keras:"name"` // "": "specificity_at_sensitivity"
	tradeoff
}

// PrecisionAtRecall is the largest precision, tp/(tp+fp), of the thresholds where the recall, tp/(tp+fn), is at least Recall.
type PrecisionAtRecall struct {
	Recall        float64 // in [0, 1]
	NumThresholds int     // 0: 200, from 0 to 1; a single one is 0.5
	ClassID       *int    // the only number along the last axis that counts; nil: all do
	Label         string  `keras:"name"` // "": "precision_at_recall"
	tradeoff
}

// RecallAtPrecision is the largest recall, tp/(tp+fn), of the thresholds where the precision, tp/(tp+fp), is at least Precision.
type RecallAtPrecision struct {
	Precision     float64 // in [0, 1]
	NumThresholds int     // 0: 200, from 0 to 1; a single one is 0.5
	ClassID       *int    // the only number along the last axis that counts; nil: all do
	Label         string  `keras:"name"` // "": "recall_at_precision"
	tradeoff
}

// Name implements [Metric].
func (m *SensitivityAtSpecificity) Name() string {
	return cmp.Or(m.Label, "sensitivity_at_specificity")
}

// Name implements [Metric].
func (m *SpecificityAtSensitivity) Name() string {
	return cmp.Or(m.Label, "specificity_at_sensitivity")
}

// Name implements [Metric].
func (m *PrecisionAtRecall) Name() string { return cmp.Or(m.Label, "precision_at_recall") }

// Name implements [Metric].
func (m *RecallAtPrecision) Name() string { return cmp.Or(m.Label, "recall_at_precision") }

// Update implements [Metric]. Both arrays have the same shape; a label counts as one where it is not 0. Weights have that shape, or that
// without the last axis.
func (m *SensitivityAtSpecificity) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	s := setting{"Specificity", m.Specificity, m.NumThresholds}
	return m.add(s, count{name: m.Name(), class: m.ClassID}, yTrue, yPred, sampleWeight)
}

// Update implements [Metric]. Both arrays have the same shape; a label counts as one where it is not 0. Weights have that shape, or that
// without the last axis.
func (m *SpecificityAtSensitivity) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	s := setting{"Sensitivity", m.Sensitivity, m.NumThresholds}
	return m.add(s, count{name: m.Name(), class: m.ClassID}, yTrue, yPred, sampleWeight)
}

// Update implements [Metric]. Both arrays have the same shape; a label counts as one where it is not 0. Weights have that shape, or that
// without the last axis.
func (m *PrecisionAtRecall) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	s := setting{"Recall", m.Recall, m.NumThresholds}
	return m.add(s, count{name: m.Name(), class: m.ClassID}, yTrue, yPred, sampleWeight)
}

// Update implements [Metric]. Both arrays have the same shape; a label counts as one where it is not 0. Weights have that shape, or that
// without the last axis.
func (m *RecallAtPrecision) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	s := setting{"Precision", m.Precision, m.NumThresholds}
	return m.add(s, count{name: m.Name(), class: m.ClassID}, yTrue, yPred, sampleWeight)
}

// Result implements [Metric].
func (m *SensitivityAtSpecificity) Result() float64 {
	return m.best(recall, specificity, m.Specificity)
}

// Result implements [Metric].
func (m *SpecificityAtSensitivity) Result() float64 {
	return m.best(specificity, recall, m.Sensitivity)
}

// Result implements [Metric].
func (m *PrecisionAtRecall) Result() float64 { return m.best(precision, recall, m.Recall) }

// Result implements [Metric].
func (m *RecallAtPrecision) Result() float64 { return m.best(recall, precision, m.Precision) }

// SaveConfig writes the argument that Keras has no default for.
func (m *SensitivityAtSpecificity) SaveConfig(config map[string]any) error {
	config["specificity"] = m.Specificity
	return nil
}

// SaveConfig writes the argument that Keras has no default for.
func (m *SpecificityAtSensitivity) SaveConfig(config map[string]any) error {
	config["sensitivity"] = m.Sensitivity
	return nil
}

// SaveConfig writes the argument that Keras has no default for.
func (m *PrecisionAtRecall) SaveConfig(config map[string]any) error {
	config["recall"] = m.Recall
	return nil
}

// SaveConfig writes the argument that Keras has no default for.
func (m *RecallAtPrecision) SaveConfig(config map[string]any) error {
	config["precision"] = m.Precision
	return nil
}

// tradeoff is the best of one measure where another is good enough.
type tradeoff struct{ histogram }

// A setting is what a tradeoff is asked for.
type setting struct {
	field      string
	atLeast    float64
	thresholds int
}

// Direction returns "max": higher is better.
func (*tradeoff) Direction() string { return "max" }

func (m *tradeoff) add(s setting, c count, yTrue, yPred, weight *tensor.Dense) error {
	if err := atMost(c.name, "NumThresholds", s.thresholds); err != nil {
		return err
	}
	if m.thresholds == nil {
		switch n := s.thresholds; {
		case n < 0:
			return errors.Errorf("metrics: %s: NumThresholds: expected above 0, got %d", c.name, n)
		case n == 1:
			m.set([]float64{0.5}, false, false)
		case n == 0:
			m.set(linear(200), true, false)
		default:
			m.set(linear(n), true, false)
		}
	}
	if !(s.atLeast >= 0 && s.atLeast <= 1) {
		return errors.Errorf("metrics: %s: %s: expected a number in [0, 1], got %v", c.name, s.field, s.atLeast)
	}
	return m.update(c, yTrue, yPred, weight)
}

// best is the largest measure where another is at least so large, compared in float32 as in Keras; 0 where it nowhere is.
func (m *tradeoff) best(measure, other func(point) float64, atLeast float64) float64 {
	best := 0.0
	for _, p := range m.points(0) {
		if float32(other(p)) >= float32(atLeast) {
			best = max(best, measure(p))
		}
	}
	return best
}
