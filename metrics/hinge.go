package metrics

import (
	"cmp"

	"gorgonia.org/tensor"
)

// Hinge is the mean of max(1 - yTrue·yPred, 0). Labels are -1 and 1; where all of a batch are 0 or 1, 0 stands for -1.
type Hinge struct {
	Label string `keras:"name"` // "": "hinge"
	running
}

// Name implements [Metric].
func (m *Hinge) Name() string { return cmp.Or(m.Label, "hinge") }

// Direction returns "min": lower is better.
func (*Hinge) Direction() string { return "min" }

// Update implements [Metric]. Both arrays have the same shape and rank.
func (m *Hinge) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.update(rule{name: m.Name(), fit: exact, signs: true, row: hinges}, yTrue, yPred, sampleWeight)
}

// SquaredHinge is the mean of max(1 - yTrue·yPred, 0)². Labels are -1 and 1; where all of a batch are 0 or 1, 0 stands for -1.
type SquaredHinge struct {
	Label string `keras:"name"` // "": "squared_hinge"
	running
}

// Name implements [Metric].
func (m *SquaredHinge) Name() string { return cmp.Or(m.Label, "squared_hinge") }

// Direction returns "min": lower is better.
func (*SquaredHinge) Direction() string { return "min" }

// Update implements [Metric]. Both arrays have the same shape and rank.
func (m *SquaredHinge) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.update(rule{name: m.Name(), fit: exact, signs: true, row: squaredHinges}, yTrue, yPred, sampleWeight)
}

// CategoricalHinge is the mean of max(neg - pos + 1, 0), where pos is the label's prediction and neg the largest of the others. Labels are
// one-hot.
type CategoricalHinge struct {
	Label string `keras:"name"` // "": "categorical_hinge"
	running
}

// Name implements [Metric].
func (m *CategoricalHinge) Name() string { return cmp.Or(m.Label, "categorical_hinge") }

// Direction returns "min": lower is better.
func (*CategoricalHinge) Direction() string { return "min" }

// Update implements [Metric]. Both arrays are [batch, ..., classes].
func (m *CategoricalHinge) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.update(rule{name: m.Name(), fit: exact, row: categoricalHinge}, yTrue, yPred, sampleWeight)
}

// binary reports whether all labels are 0 or 1.
func binary(labels []float32) bool {
	for _, v := range labels {
		if v != 0 && v != 1 {
			return false
		}
	}
	return true
}

// margin is by how much a prediction lacks being 1 on its label's side.
func margin(t, p float32, r *rule) float64 {
	side := float64(t)
	if r.binary {
		side = 2*side - 1
	}
	return max(1-side*float64(p), 0)
}

func hinges(t, p []float32, r *rule) float64 {
	sum := 0.0
	for i, v := range t {
		sum += margin(v, p[i], r)
	}
	return sum / float64(len(t))
}

func squaredHinges(t, p []float32, r *rule) float64 {
	sum := 0.0
	for i, v := range t {
		m := margin(v, p[i], r)
		sum += m * m
	}
	return sum / float64(len(t))
}

func categoricalHinge(t, p []float32, _ *rule) float64 {
	pos, neg := 0.0, 0.0
	for i, v := range t {
		t, p := float64(v), float64(p[i])
		pos += t * p
		if other := (1 - t) * p; i == 0 || !(other <= neg) {
			neg = other
		}
	}
	return max(neg-pos+1, 0)
}
