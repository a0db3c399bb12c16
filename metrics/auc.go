package metrics

import (
	"cmp"
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// AUC is the area under a curve over thresholds.
type AUC struct {
	NumThresholds int // 0: 200, from 0 to 1; not counted where there are Thresholds
	// Curve is "ROC", true over false positive rate, "PR", precision over recall, or "PRGAIN", precision gain over recall gain. "": "ROC".
	Curve string
	// SummationMethod is "interpolation", "minoring", the lower of a step's two heights, or "majoring", the higher one. "": "interpolation".
	SummationMethod string
	Label           string    `keras:"name"` // "": "auc"
	Thresholds      []float64 // in [0, 1], beside one below 0 and one above 1; nil: NumThresholds even ones
	MultiLabel      bool      // the area is the mean over those of the labels, along the last axis
	NumLabels       int       // with MultiLabel; 0: as many as the first batch has
	LabelWeights    []float64 // weights of labels: of their numbers, or with MultiLabel of their areas; nil: all 1
	FromLogits      bool      // predictions are logits: their sigmoid is taken
	histogram
	curves struct{ x, y []float64 }
}

// Name implements [Metric].
func (m *AUC) Name() string { return cmp.Or(m.Label, "auc") }

// Direction returns "max": higher is better.
func (*AUC) Direction() string { return "max" }

// Update implements [Metric]. Both arrays have the same shape, with MultiLabel [batch, labels]; a label counts as one where it is not 0.
// Weights have that shape, or that without the last axis.
func (m *AUC) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	if m.thresholds == nil {
		if err := m.check(); err != nil {
			return err
		}
		m.set(m.ends())
		m.curves.x, m.curves.y = make([]float64, len(m.thresholds)), make([]float64, len(m.thresholds))
	}
	if n := m.NumLabels; n > 0 && m.labels == 0 {
		m.labels = n
	}
	c := count{name: m.Name(), logits: m.FromLogits, labelWeights: m.LabelWeights, apart: m.MultiLabel}
	return m.update(c, yTrue, yPred, sampleWeight)
}

const (
	prCurve     = "PR"
	prGainCurve = "PRGAIN"
)

func (m *AUC) check() error {
	name := m.Name()
	if c := m.Curve; !slices.Contains([]string{"", "ROC", "roc", prCurve, "pr", prGainCurve, "prgain"}, c) {
		return errors.Errorf("metrics: %s: Curve: expected ROC, PR or PRGAIN, got %q", name, c)
	}
	if s := m.SummationMethod; !slices.Contains([]string{"", "interpolation", "Interpolation", "minoring", "Minoring", "majoring", "Majoring"}, s) {
		return errors.Errorf("metrics: %s: SummationMethod: expected interpolation, minoring or majoring, got %q", name, s)
	}
	if n := m.NumThresholds; len(m.Thresholds) == 0 && (n < 0 || n == 1) {
		return errors.Errorf("metrics: %s: NumThresholds: expected above 1, got %d", name, n)
	}
	if err := atMost(name, "NumThresholds", m.NumThresholds); err != nil {
		return err
	}
	if n := m.NumLabels; n < 0 || n > 0 && !m.MultiLabel {
		return errors.Errorf("metrics: %s: NumLabels: expected above 0 and MultiLabel, got %d and %v", name, n, m.MultiLabel)
	}
	if n := len(m.LabelWeights); m.NumLabels > 0 && n > 0 && n != m.NumLabels {
		return errors.Errorf("metrics: %s: LabelWeights: expected one for each of %d labels, got %d", name, m.NumLabels, n)
	}
	return checkThresholds(name, m.Thresholds)
}

// ends returns the thresholds with the one below 0 and the one above 1, and whether they are even but for these.
func (m *AUC) ends() (thresholds []float64, even, open bool) {
	thresholds, even = linear(200), true
	switch {
	case m.Thresholds != nil:
		thresholds = append(append([]float64{0}, m.Thresholds...), 1)
		slices.Sort(thresholds)
		even = evenly(thresholds)
	case m.NumThresholds > 0:
		thresholds = linear(m.NumThresholds)
	}
	thresholds[0], thresholds[len(thresholds)-1] = -epsilon, 1+epsilon
	return thresholds, even, even
}

// Result implements [Metric]. Before the first sample it is 0.
func (m *AUC) Result() float64 {
	if m.yes == nil {
		return 0
	}
	area, weights := 0.0, 0.0
	for label := range m.labels {
		w := 1.0
		if m.MultiLabel && label < len(m.LabelWeights) {
			w = m.LabelWeights[label]
		}
		area += w * m.area(m.points(label))
		weights += w
	}
	return ratio(area, weights)
}

func (m *AUC) area(points []point) float64 {
	interpolated := m.SummationMethod == "" || m.SummationMethod == "interpolation" || m.SummationMethod == "Interpolation"
	pr := m.Curve == prCurve || m.Curve == "pr"
	if pr && interpolated {
		return interpolatedPR(points)
	}
	x, y := m.curves.x, m.curves.y
	for i, p := range points {
		switch m.Curve {
		case prCurve, "pr":
			x[i], y[i] = recall(p), precision(p)
		case prGainCurve, "prgain":
			x[i], y[i] = gains(p)
		default:
			x[i], y[i] = ratio(p.fp, p.fp+p.tn), recall(p)
		}
	}
	area := 0.0
	for i := range len(points) - 1 {
		height := max(y[i], y[i+1])
		switch {
		case interpolated:
			height = (y[i] + y[i+1]) / 2
		case m.SummationMethod == "minoring" || m.SummationMethod == "Minoring":
			height = min(y[i], y[i+1])
		}
		area += (x[i] - x[i+1]) * height
	}
	return area
}

// gains are those of recall and precision over a classifier that says yes always.
func gains(p point) (recall, precision float64) {
	if p.tp == 0 {
		return 0, 1
	}
	scale := ratio(p.tp+p.fn, p.tn+p.fp)
	return max(1-scale*p.fn/p.tp, 0), 1 - scale*p.fp/p.tp
}

// interpolatedPR is the area where true positives grow in proportion to positives between thresholds: precision is then no straight line.
func interpolatedPR(points []point) float64 {
	area := 0.0
	for i := range len(points) - 1 {
		a, b := points[i], points[i+1]
		pa, pb := a.tp+a.fp, b.tp+b.fp
		dtp := a.tp - b.tp
		slope := ratio(dtp, max(pa-pb, 0))
		growth := 1.0
		if pa > 0 && pb > 0 {
			growth = pa / pb
		}
		area += ratio(slope*(dtp+(b.tp-slope*pb)*math.Log(growth)), max(b.tp+b.fn, 0))
	}
	return area
}
