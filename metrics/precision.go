package metrics

import (
	"cmp"
	"slices"

	"gorgonia.org/tensor"
)

// Precision is the share of true ones among the predictions that are above a threshold.
type Precision struct {
	Thresholds []float64 // in [0, 1]; of several each is a number of Results; nil: 0.5, or none with TopK
	TopK       int       // above 0: only the K largest predictions along the last axis count as ones
	ClassID    *int      // the only number along the last axis that counts; nil: all do
	Label      string    `keras:"name"` // "": "precision"
	thresholded
}

// Recall is the share of the ones whose predictions are above a threshold.
type Recall struct {
	Thresholds []float64 // in [0, 1]; of several each is a number of Results; nil: 0.5, or none with TopK
	TopK       int       // above 0: only the K largest predictions along the last axis count as ones
	ClassID    *int      // the only number along the last axis that counts; nil: all do
	Label      string    `keras:"name"` // "": "recall"
	thresholded
}

// TruePositives is the weighted number of ones whose predictions are above a threshold.
type TruePositives struct {
	Thresholds []float64 // in [0, 1]; of several each is a number of Results; nil: 0.5
	Label      string    `keras:"name"` // "": "true_positives"
	thresholded
}

// FalsePositives is the weighted number of zeros whose predictions are above a threshold.
type FalsePositives struct {
	Thresholds []float64 // in [0, 1]; of several each is a number of Results; nil: 0.5
	Label      string    `keras:"name"` // "": "false_positives"
	thresholded
}

// TrueNegatives is the weighted number of zeros whose predictions are not above a threshold.
type TrueNegatives struct {
	Thresholds []float64 // in [0, 1]; of several each is a number of Results; nil: 0.5
	Label      string    `keras:"name"` // "": "true_negatives"
	thresholded
}

// FalseNegatives is the weighted number of ones whose predictions are not above a threshold.
type FalseNegatives struct {
	Thresholds []float64 // in [0, 1]; of several each is a number of Results; nil: 0.5
	Label      string    `keras:"name"` // "": "false_negatives"
	thresholded
}

// Name implements [Metric].
func (m *Precision) Name() string { return cmp.Or(m.Label, "precision") }

// Name implements [Metric].
func (m *Recall) Name() string { return cmp.Or(m.Label, "recall") }

// Name implements [Metric].
func (m *TruePositives) Name() string { return cmp.Or(m.Label, "true_positives") }

// Name implements [Metric].
func (m *FalsePositives) Name() string { return cmp.Or(m.Label, "false_positives") }

// Name implements [Metric].
func (m *TrueNegatives) Name() string { return cmp.Or(m.Label, "true_negatives") }

// Name implements [Metric].
func (m *FalseNegatives) Name() string { return cmp.Or(m.Label, "false_negatives") }

// Direction returns "max": higher is better.
func (*Precision) Direction() string { return "max" }

// Direction returns "max": higher is better.
func (*Recall) Direction() string { return "max" }

// Update implements [Metric]. Both arrays have the same shape; a label counts as one where it is not 0. Weights have that shape, or that
// without the last axis.
func (m *Precision) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.add(m.Thresholds, count{name: m.Name(), topK: m.TopK, class: m.ClassID}, yTrue, yPred, sampleWeight)
}

// Update implements [Metric]. Both arrays have the same shape; a label counts as one where it is not 0. Weights have that shape, or that
// without the last axis.
func (m *Recall) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.add(m.Thresholds, count{name: m.Name(), topK: m.TopK, class: m.ClassID}, yTrue, yPred, sampleWeight)
}

// Update implements [Metric]. Both arrays have the same shape; a label counts as one where it is not 0. Weights have that shape, or that
// without the last axis.
func (m *TruePositives) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.add(m.Thresholds, count{name: m.Name()}, yTrue, yPred, sampleWeight)
}

// Update implements [Metric]. Both arrays have the same shape; a label counts as one where it is not 0. Weights have that shape, or that
// without the last axis.
func (m *FalsePositives) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.add(m.Thresholds, count{name: m.Name()}, yTrue, yPred, sampleWeight)
}

// Update implements [Metric]. Both arrays have the same shape; a label counts as one where it is not 0. Weights have that shape, or that
// without the last axis.
func (m *TrueNegatives) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.add(m.Thresholds, count{name: m.Name()}, yTrue, yPred, sampleWeight)
}

// Update implements [Metric]. Both arrays have the same shape; a label counts as one where it is not 0. Weights have that shape, or that
// without the last axis.
func (m *FalseNegatives) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.add(m.Thresholds, count{name: m.Name()}, yTrue, yPred, sampleWeight)
}

// Result implements [Metric].
func (m *Precision) Result() float64 { return meanOf(m.over(precision)) }

// Result implements [Metric].
func (m *Recall) Result() float64 { return meanOf(m.over(recall)) }

// Result implements [Metric].
func (m *TruePositives) Result() float64 { return meanOf(m.over(truePositives)) }

// Result implements [Metric].
func (m *FalsePositives) Result() float64 { return meanOf(m.over(falsePositives)) }

// Result implements [Metric].
func (m *TrueNegatives) Result() float64 { return meanOf(m.over(trueNegatives)) }

// Result implements [Metric].
func (m *FalseNegatives) Result() float64 { return meanOf(m.over(falseNegatives)) }

// Results implements [Vector].
func (m *Precision) Results() []float64 { return slices.Clone(m.over(precision)) }

// Results implements [Vector].
func (m *Recall) Results() []float64 { return slices.Clone(m.over(recall)) }

// Results implements [Vector].
func (m *TruePositives) Results() []float64 { return slices.Clone(m.over(truePositives)) }

// Results implements [Vector].
func (m *FalsePositives) Results() []float64 { return slices.Clone(m.over(falsePositives)) }

// Results implements [Vector].
func (m *TrueNegatives) Results() []float64 { return slices.Clone(m.over(trueNegatives)) }

// Results implements [Vector].
func (m *FalseNegatives) Results() []float64 { return slices.Clone(m.over(falseNegatives)) }

// thresholded counts at thresholds as a user gives them.
type thresholded struct{ histogram }

func (m *thresholded) add(thresholds []float64, c count, yTrue, yPred, weight *tensor.Dense) error {
	if m.thresholds == nil {
		if err := checkThresholds(c.name, thresholds); err != nil {
			return err
		}
		switch {
		case len(thresholds) > 0:
			m.set(thresholds, evenly(thresholds), false)
		case c.topK != 0:
			m.set([]float64{lowest}, false, false)
		default:
			m.set([]float64{0.5}, false, false)
		}
	}
	return m.update(c, yTrue, yPred, weight)
}

func precision(p point) float64      { return ratio(p.tp, p.tp+p.fp) }
func recall(p point) float64         { return ratio(p.tp, p.tp+p.fn) }
func specificity(p point) float64    { return ratio(p.tn, p.tn+p.fp) }
func truePositives(p point) float64  { return p.tp }
func falsePositives(p point) float64 { return p.fp }
func trueNegatives(p point) float64  { return p.tn }
func falseNegatives(p point) float64 { return p.fn }
