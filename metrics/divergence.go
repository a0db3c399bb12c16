package metrics

import (
	"cmp"
	"math"

	"gorgonia.org/tensor"
)

// KLDivergence is the mean of Σ yTrue·log(yTrue/yPred) over the last axis, both limited to [1e-7, 1].
type KLDivergence struct {
	Label string `keras:"name"` // "": "kl_divergence"
	running
}

// Name implements [Metric].
func (m *KLDivergence) Name() string { return cmp.Or(m.Label, "kl_divergence") }

// Direction returns "min": lower is better.
func (*KLDivergence) Direction() string { return "min" }

// Update implements [Metric]. Both arrays have the same shape and rank.
func (m *KLDivergence) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.update(rule{name: m.Name(), fit: exact, row: divergence}, yTrue, yPred, sampleWeight)
}

// Poisson is the mean of yPred - yTrue·log(yPred + 1e-7).
type Poisson struct {
	Label string `keras:"name"` // "": "poisson"
	running
}

// Name implements [Metric].
func (m *Poisson) Name() string { return cmp.Or(m.Label, "poisson") }

// Direction returns "min": lower is better.
func (*Poisson) Direction() string { return "min" }

// Update implements [Metric]. Both arrays have the same shape and rank.
func (m *Poisson) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.update(rule{name: m.Name(), fit: exact, row: poissons}, yTrue, yPred, sampleWeight)
}

func divergence(t, p []float32, _ *rule) float64 {
	sum := 0.0
	for i, v := range t {
		t, p := min(max(float64(v), epsilon), 1), min(max(float64(p[i]), epsilon), 1)
		sum += t * math.Log(t/p)
	}
	return sum
}

func poissons(t, p []float32, _ *rule) float64 {
	sum := 0.0
	for i, v := range t {
		p := float64(p[i])
		sum += p - float64(v)*math.Log(p+epsilon)
	}
	return sum / float64(len(t))
}
