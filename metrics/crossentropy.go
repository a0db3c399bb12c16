package metrics

import (
	"cmp"
	"math"

	"gorgonia.org/tensor"
)

// BinaryCrossentropy is the mean of -yTrue·log(yPred) - (1-yTrue)·log(1-yPred), the probabilities limited to [1e-7, 1-1e-7].
type BinaryCrossentropy struct {
	Label          string  `keras:"name"` // "": "binary_crossentropy"
	FromLogits     bool    // predictions are logits instead of probabilities
	LabelSmoothing float64 // moves labels towards 0.5 by this share
	running
}

// Name implements [Metric].
func (m *BinaryCrossentropy) Name() string { return cmp.Or(m.Label, "binary_crossentropy") }

// Direction returns "min": lower is better.
func (*BinaryCrossentropy) Direction() string { return "min" }

// Update implements [Metric]. Both arrays have the same shape and rank.
func (m *BinaryCrossentropy) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	by := rule{name: m.Name(), fit: exact, row: binaryEntropy, logits: m.FromLogits, smoothing: m.LabelSmoothing}
	return m.update(by, yTrue, yPred, sampleWeight)
}

// CategoricalCrossentropy is the mean of -Σ yTrue·log(yPred) over classes. The probabilities are divided by their sum and limited to
// [1e-7, 1-1e-7].
type CategoricalCrossentropy struct {
	Label          string  `keras:"name"` // "": "categorical_crossentropy"
	FromLogits     bool    // predictions are logits instead of probabilities
	LabelSmoothing float64 // moves labels towards the same number for all classes by this share
	Axis           *int    // of classes; nil: the last
	running
}

// Name implements [Metric].
func (m *CategoricalCrossentropy) Name() string { return cmp.Or(m.Label, "categorical_crossentropy") }

// Direction returns "min": lower is better.
func (*CategoricalCrossentropy) Direction() string { return "min" }

// Update implements [Metric]. Both arrays have the same shape and rank.
func (m *CategoricalCrossentropy) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	by := rule{name: m.Name(), fit: exact, axis: m.Axis, row: categoricalEntropy, logits: m.FromLogits, smoothing: m.LabelSmoothing}
	return m.update(by, yTrue, yPred, sampleWeight)
}

// SparseCategoricalCrossentropy is the mean of -log(the prediction of the label's class). The probabilities are divided by their sum and
// limited to [1e-7, 1-1e-7]. A label that is no class is an error.
type SparseCategoricalCrossentropy struct {
	Label      string `keras:"name"` // "": "sparse_categorical_crossentropy"
	FromLogits bool   // predictions are logits instead of probabilities
	// IgnoreClass is a label that counts 0; nil: none. As in Keras, weights of its positions are taken for 0, but without weights they are
	// samples like others.
	IgnoreClass *int
	Axis        *int // of classes; nil: the last
	running
}

// Name implements [Metric].
func (m *SparseCategoricalCrossentropy) Name() string {
	return cmp.Or(m.Label, "sparse_categorical_crossentropy")
}

// Direction returns "min": lower is better.
func (*SparseCategoricalCrossentropy) Direction() string { return "min" }

// Update implements [Metric]. yTrue has the shape of yPred without the axis of classes, or with one of size 1. With IgnoreClass, weights
// are as many as labels.
func (m *SparseCategoricalCrossentropy) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	by := rule{
		name: m.Name(), fit: sparse, axis: m.Axis, row: sparseEntropy, bounded: true, logits: m.FromLogits, ignored: m.IgnoreClass,
	}
	if err := m.measure(by, yTrue, yPred, sampleWeight); err != nil {
		return err
	}
	if m.weighted && m.IgnoreClass != nil {
		if err := m.mask(float32(*m.IgnoreClass)); err != nil {
			return err
		}
	}
	return m.add()
}

// mask makes the weights of an ignored class 0.
func (r *running) mask(class float32) error {
	sameRank(&r.shape, &r.w.shape)
	if n := len(r.w.shape); n > 0 && n != len(r.shape) {
		return r.errorf("expected weights of shape %v with IgnoreClass, got sampleWeight %v", r.shape, r.w.shape)
	}
	w, err := r.repeat(r.shape)
	if err != nil {
		return err
	}
	r.spread = append(r.spread[:0], w...)
	for i, label := range r.t.x {
		if label == class {
			r.spread[i] = 0
		}
	}
	r.w.x, r.w.shape = r.spread, append(r.w.shape[:0], r.shape...)
	return nil
}

func binaryEntropy(t, p []float32, r *rule) float64 {
	sum := 0.0
	for i, v := range t {
		t := float64(v)*(1-r.smoothing) + 0.5*r.smoothing
		if r.logits {
			x := float64(p[i])
			sum += max(x, 0) - x*t + math.Log1p(math.Exp(-math.Abs(x)))
			continue
		}
		q := clip(p[i])
		sum -= t*math.Log(float64(q)) + (1-t)*math.Log(float64(1-q))
	}
	return sum / float64(len(t))
}

func categoricalEntropy(t, p []float32, r *rule) float64 {
	scale := scaleOf(p, r)
	// Where a logarithm is finite for certain, none is taken for a label of 0.
	finite := scale != 0 && math.Abs(scale) <= math.MaxFloat32
	sum := 0.0
	for i, v := range t {
		t := float64(v)
		if r.smoothing != 0 {
			t = t*(1-r.smoothing) + r.smoothing/float64(r.smoothed)
		}
		if t == 0 && finite && math.Abs(float64(p[i])) <= math.MaxFloat32 {
			continue
		}
		sum -= t * logProbability(p[i], scale, r)
	}
	return sum
}

func sparseEntropy(t, p []float32, r *rule) float64 {
	if r.ignored != nil && t[0] == float32(*r.ignored) {
		return 0
	}
	return -logProbability(p[int(t[0])], scaleOf(p, r), r)
}

// scaleOf is what makes predictions probabilities: the logarithm of the sum of logits' exponentials, or the sum of probabilities.
func scaleOf(p []float32, r *rule) float64 {
	sum := 0.0
	if !r.logits {
		for _, v := range p {
			sum += float64(v)
		}
		return sum
	}
	top := p[largest(p)]
	for _, v := range p {
		sum += math.Exp(float64(v) - float64(top))
	}
	return float64(top) + math.Log(sum)
}

func logProbability(p float32, scale float64, r *rule) float64 {
	if r.logits {
		return float64(p) - scale
	}
	return math.Log(float64(clip(float32(float64(p) / scale))))
}
