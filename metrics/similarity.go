package metrics

import (
	"cmp"
	"math"

	"gorgonia.org/tensor"
)

// CosineSimilarity is the mean cosine of the angle between labels and predictions: 1 for the same direction, -1 for opposite ones, 0 where
// one of both is all 0.
type CosineSimilarity struct {
	Label string `keras:"name"` // "": "cosine_similarity"
	Axis  *int   // of the vectors; nil: the last
	running
}

// Name implements [Metric].
func (m *CosineSimilarity) Name() string { return cmp.Or(m.Label, "cosine_similarity") }

// Direction returns "max": higher is better.
func (*CosineSimilarity) Direction() string { return "max" }

// Update implements [Metric]. Both arrays have the same shape.
func (m *CosineSimilarity) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.update(rule{name: m.Name(), fit: alike, axis: m.Axis, row: cosine}, yTrue, yPred, sampleWeight)
}

// PearsonCorrelation is the mean of Pearson's correlation of labels and predictions along an axis, -1 to 1. It is NaN where one of both
// does not vary.
type PearsonCorrelation struct {
	Label string `keras:"name"` // "": "pearson_correlation"
	Axis  *int   // along which numbers vary; nil: the last
	running
}

// Name implements [Metric].
func (m *PearsonCorrelation) Name() string { return cmp.Or(m.Label, "pearson_correlation") }

// Direction returns "max": higher is better.
func (*PearsonCorrelation) Direction() string { return "max" }

// Update implements [Metric]. Both arrays have the same shape.
func (m *PearsonCorrelation) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.update(rule{name: m.Name(), fit: alike, axis: m.Axis, row: pearson}, yTrue, yPred, sampleWeight)
}

// ConcordanceCorrelation is the mean of Lin's concordance correlation of labels and predictions along an axis, -1 to 1: how near to being
// equal they are.
type ConcordanceCorrelation struct {
	Label string `keras:"name"` // "": "concordance_correlation"
	Axis  *int   // along which numbers vary; nil: the last
	running
}

// Name implements [Metric].
func (m *ConcordanceCorrelation) Name() string { return cmp.Or(m.Label, "concordance_correlation") }

// Direction returns "max": higher is better.
func (*ConcordanceCorrelation) Direction() string { return "max" }

// Update implements [Metric]. Both arrays have the same shape.
func (m *ConcordanceCorrelation) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.update(rule{name: m.Name(), fit: alike, axis: m.Axis, row: concordance}, yTrue, yPred, sampleWeight)
}

func cosine(t, p []float32, _ *rule) float64 {
	dot, tt, pp := 0.0, 0.0, 0.0
	for i, v := range t {
		t, p := float64(v), float64(p[i])
		dot += t * p
		tt += t * t
		pp += p * p
	}
	return dot * min(1/math.Sqrt(tt), 1/epsilon) * min(1/math.Sqrt(pp), 1/epsilon)
}

func pearson(t, p []float32, _ *rule) float64 {
	s := spreadOf(t, p)
	return s.covariance / math.Sqrt(s.varT*s.varP)
}

// concordance measures the labels from the predictions' mean, as Keras does; the sum is the covariance all the same.
func concordance(t, p []float32, _ *rule) float64 {
	s := spreadOf(t, p)
	d := s.meanT - s.meanP
	return 2 * s.covariance / (s.varT + s.varP + d*d + epsilon)
}

// moments are those of labels and predictions, divided by their number.
type moments struct{ meanT, meanP, varT, varP, covariance float64 }

func spreadOf(t, p []float32) moments {
	var m moments
	n := float64(len(t))
	for i, v := range t {
		m.meanT += float64(v) / n
		m.meanP += float64(p[i]) / n
	}
	for i, v := range t {
		t, p := float64(v)-m.meanT, float64(p[i])-m.meanP
		m.varT += t * t / n
		m.varP += p * p / n
		m.covariance += t * p / n
	}
	return m
}
