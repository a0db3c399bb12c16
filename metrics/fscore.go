package metrics

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/optional"
)

// FBetaScore is the weighted harmonic mean of precision and recall of each class: (1+Beta²)·precision·recall/(Beta²·precision+recall).
type FBetaScore struct {
	// Average says how classes come together: "micro" counts all as one, "macro" takes the mean, "weighted" weighs by the labels' numbers.
	// "": each class is a number of Results, and Result is their mean.
	Average string
	Beta    *float64 // nil: 1; above 1 recall weighs more
	// Threshold is what a prediction of 1 is above, in (0, 1]; nil: the largest predictions of a sample are 1.
	Threshold *float64
	Label     string `keras:"name"` // "": "fbeta_score"
	fScore
}

// F1Score is the harmonic mean of precision and recall of each class.
type F1Score struct {
	// Average says how classes come together: "micro" counts all as one, "macro" takes the mean, "weighted" weighs by the labels' numbers.
	// "": each class is a number of Results, and Result is their mean.
	Average string
	// Threshold is what a prediction of 1 is above, in (0, 1]; nil: the largest predictions of a sample are 1.
	Threshold *float64
	Label     string `keras:"name"` // "": "f1_score"
	fScore
}

// Name implements [Metric].
func (m *FBetaScore) Name() string { return cmp.Or(m.Label, "fbeta_score") }

// Name implements [Metric].
func (m *F1Score) Name() string { return cmp.Or(m.Label, "f1_score") }

// Update implements [Metric]. Both arrays are [batch, classes], always of as many classes; weights are [batch].
func (m *FBetaScore) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.update(scoring{m.Name(), m.Average, optional.Or(m.Beta, 1), m.Threshold}, yTrue, yPred, sampleWeight)
}

// Update implements [Metric]. Both arrays are [batch, classes], always of as many classes; weights are [batch].
func (m *F1Score) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.update(scoring{m.Name(), m.Average, 1, m.Threshold}, yTrue, yPred, sampleWeight)
}

// Result implements [Metric].
func (m *FBetaScore) Result() float64 { return meanOf(m.scores(m.Average, optional.Or(m.Beta, 1))) }

// Result implements [Metric].
func (m *F1Score) Result() float64 { return meanOf(m.scores(m.Average, 1)) }

// Results implements [Vector].
func (m *FBetaScore) Results() []float64 {
	return slices.Clone(m.scores(m.Average, optional.Or(m.Beta, 1)))
}

// Results implements [Vector].
func (m *F1Score) Results() []float64 { return slices.Clone(m.scores(m.Average, 1)) }

// SaveConfig writes numbers as Keras asks for them.
func (m *FBetaScore) SaveConfig(config map[string]any) error {
	return withPoints(config, map[string]*float64{"beta": m.Beta, "threshold": m.Threshold})
}

// SaveConfig writes numbers as Keras asks for them.
func (m *F1Score) SaveConfig(config map[string]any) error {
	return withPoints(config, map[string]*float64{"threshold": m.Threshold})
}

// withPoints writes whole numbers with a decimal point: without one Python reads an int, which Keras refuses here.
func withPoints(config map[string]any, values map[string]*float64) error {
	for key, v := range values {
		if v != nil && *v == math.Trunc(*v) {
			config[key] = json.Number(strconv.FormatFloat(*v, 'f', 1, 64))
		}
	}
	return nil
}

// fScore is the counts of classes.
type fScore struct {
	batch
	classes int
	counts  []point // tn is the labels' number
	out     []float64
}

// IgnoresMask returns true, as in Keras.
func (*fScore) IgnoresMask() bool { return true }

// A scoring is the arguments of a score.
type scoring struct {
	name, average string
	beta          float64
	threshold     *float64
}

const (
	microAverage    = "micro"
	weightedAverage = "weighted"
)

// Direction returns "max": higher is better.
func (*fScore) Direction() string { return "max" }

// Reset implements [Metric].
func (m *fScore) Reset() { clear(m.counts) }

func (s scoring) check() error {
	switch s.average {
	case "", microAverage, "macro", weightedAverage:
	default:
		return errors.Errorf("metrics: %s: Average: expected micro, macro, weighted or none, got %q", s.name, s.average)
	}
	if !(s.beta > 0) {
		return errors.Errorf("metrics: %s: Beta: expected above 0, got %v", s.name, s.beta)
	}
	if s.threshold != nil && !(*s.threshold > 0 && *s.threshold <= 1) {
		return errors.Errorf("metrics: %s: Threshold: expected a number in (0, 1], got %v", s.name, *s.threshold)
	}
	return nil
}

func (m *fScore) update(s scoring, yTrue, yPred, weight *tensor.Dense) error {
	if err := s.check(); err != nil {
		return err
	}
	if err := m.read(s.name, yTrue, yPred, weight); err != nil {
		return err
	}
	if err := m.equal(); err != nil {
		return err
	}
	if err := m.flat(&m.classes); err != nil {
		return err
	}
	if m.weighted && len(m.w.shape) > 1 {
		return m.errorf("expected weights [batch], got sampleWeight %v", m.w.shape)
	}
	w, err := m.each()
	if err != nil {
		return err
	}
	if m.classes == 0 {
		m.classes = m.p.shape[1]
		m.counts, m.out = make([]point, m.classes), make([]float64, m.classes)
	}
	for i := 0; i < len(m.p.x); i += m.classes {
		weight := 1.0
		if w != nil {
			weight = float64(w[i])
		}
		m.add(m.t.x[i:i+m.classes], m.p.x[i:i+m.classes], s.threshold, weight)
	}
	return nil
}

// add counts one sample.
func (m *fScore) add(t, p []float32, threshold *float64, weight float64) {
	top := p[largest(p)]
	for k, label := range t {
		yes := p[k] >= top && math.Abs(float64(p[k])) > 1e-9
		if threshold != nil {
			yes = p[k] > float32(*threshold)
		}
		one := float64(label)
		c := &m.counts[k]
		if yes {
			c.tp += weight * one
			c.fp += weight * (1 - one)
		} else {
			c.fn += weight * one
		}
		c.tn += weight * one
	}
}

// scores is one number for each class, or one for all.
func (m *fScore) scores(average string, beta float64) []float64 {
	if average == microAverage {
		var all point
		for _, c := range m.counts {
			all.tp += c.tp
			all.fp += c.fp
			all.fn += c.fn
		}
		return append(m.out[:0], all.score(beta))
	}
	labels := 0.0
	for k, c := range m.counts {
		m.out[k] = c.score(beta)
		labels += c.tn
	}
	switch average {
	case "":
		return m.out
	case weightedAverage:
		sum := 0.0
		for k, c := range m.counts {
			sum += m.out[k] * c.tn / (labels + epsilon)
		}
		return append(m.out[:0], sum)
	}
	return append(m.out[:0], meanOf(m.out))
}

func (p point) score(beta float64) float64 {
	precision, recall := p.tp/(p.tp+p.fp+epsilon), p.tp/(p.tp+p.fn+epsilon)
	return (1 + beta*beta) * precision * recall / (beta*beta*precision + recall + epsilon)
}
