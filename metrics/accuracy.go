package metrics

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Accuracy is what Keras takes the string "accuracy" for. The first batch decides which of three measures it is, until the metric is made anew:
//
//   - [BinaryAccuracy] where the last axis of yPred has size 1;
//   - else [SparseCategoricalAccuracy] where yTrue has fewer axes than yPred or a last axis of size 1;
//   - else [CategoricalAccuracy]: yTrue is one-hot.
type Accuracy struct {
	Label string `keras:"name"` // "": "accuracy"
	running
	update func(r *running, name string, yTrue, yPred *tensor.Dense, weight []float32) error
}

// Name implements [Metric].
func (a *Accuracy) Name() string { return or(a.Label, "accuracy") }

// Direction returns "max": higher is better.
func (*Accuracy) Direction() string { return "max" }

// Update implements [Metric].
func (a *Accuracy) Update(yTrue, yPred *tensor.Dense, weight []float32) error {
	if yTrue == nil || yPred == nil || len(yTrue.Shape()) == 0 || len(yPred.Shape()) == 0 {
		_, err := a.read(a.Name(), yTrue, yPred, weight) // It says what is wrong.
		return err
	}
	if a.update != nil {
		return a.update(&a.running, a.Name(), yTrue, yPred, weight)
	}
	update := resolve(yTrue.Shape(), yPred.Shape())
	err := update(&a.running, a.Name(), yTrue, yPred, weight)
	if err == nil {
		a.update = update
	}
	return err
}

func resolve(t, p tensor.Shape) func(*running, string, *tensor.Dense, *tensor.Dense, []float32) error {
	lastT, lastP := t[len(t)-1], p[len(p)-1]
	switch {
	case lastP == 1:
		return func(r *running, name string, yTrue, yPred *tensor.Dense, weight []float32) error {
			return r.binary(name, yTrue, yPred, weight, 0.5)
		}
	case len(t) < len(p) || lastT == 1:
		return (*running).sparse
	}
	return (*running).categorical
}

// BinaryAccuracy is the share of predictions on the same side of Threshold as their labels, which are 0 or 1.
type BinaryAccuracy struct {
	Label     string   `keras:"name"` // "": "binary_accuracy"
	Threshold *float64 // nil: 0.5; above it a prediction is 1
	running
}

// Name implements [Metric].
func (a *BinaryAccuracy) Name() string { return or(a.Label, "binary_accuracy") }

// Direction returns "max": higher is better.
func (*BinaryAccuracy) Direction() string { return "max" }

// Update implements [Metric]. Both arrays have the same shape.
func (a *BinaryAccuracy) Update(yTrue, yPred *tensor.Dense, weight []float32) error {
	threshold := 0.5
	if a.Threshold != nil {
		threshold = *a.Threshold
	}
	return a.binary(a.Name(), yTrue, yPred, weight, threshold)
}

func (r *running) binary(name string, yTrue, yPred *tensor.Dense, weight []float32, threshold float64) error {
	b, err := r.read(name, yTrue, yPred, weight)
	if err != nil {
		return err
	}
	if err := b.elementwise(name); err != nil {
		return err
	}
	r.add(b, rule{sum: sides, parts: len(b.p) / b.samples, threshold: float32(threshold)})
	return nil
}

func sides(t, p []float32, r rule) float64 {
	hits := 0
	for i, v := range p {
		if v > r.threshold && t[i] == 1 || !(v > r.threshold) && t[i] == 0 {
			hits++
		}
	}
	return float64(hits)
}

// CategoricalAccuracy is the share of positions where the largest prediction is that of the one-hot label.
type CategoricalAccuracy struct {
	Label string `keras:"name"` // "": "categorical_accuracy"
	running
}

// Name implements [Metric].
func (a *CategoricalAccuracy) Name() string { return or(a.Label, "categorical_accuracy") }

// Direction returns "max": higher is better.
func (*CategoricalAccuracy) Direction() string { return "max" }

// Update implements [Metric]. Both arrays are [batch, ..., classes].
func (a *CategoricalAccuracy) Update(yTrue, yPred *tensor.Dense, weight []float32) error {
	return a.categorical(a.Name(), yTrue, yPred, weight)
}

func (r *running) categorical(name string, yTrue, yPred *tensor.Dense, weight []float32) error {
	return r.oneHot(name, yTrue, yPred, weight, rule{sum: sameLargest})
}

// classes reads predictions of classes along the last axis.
func (r *running) classes(name string, yTrue, yPred *tensor.Dense, weight []float32) (batch, int, error) {
	b, err := r.read(name, yTrue, yPred, weight)
	if err != nil {
		return b, 0, err
	}
	if len(b.shapeP) < 2 {
		return b, 0, errors.Errorf("metrics: %s: expected predictions [batch, ..., classes], got yPred %v", name, b.shapeP)
	}
	return b, b.shapeP[len(b.shapeP)-1], nil
}

// oneHot adds a batch whose labels have the shape of the predictions.
func (r *running) oneHot(name string, yTrue, yPred *tensor.Dense, weight []float32, by rule) error {
	b, classes, err := r.classes(name, yTrue, yPred, weight)
	if err != nil {
		return err
	}
	if !slices.Equal(b.shapeT, b.shapeP) {
		return errors.Errorf("metrics: %s: expected one-hot labels of shape %v, got yTrue %v", name, b.shapeP, b.shapeT)
	}
	by.classes, by.parts = classes, len(b.p)/b.samples/classes
	r.add(b, by)
	return nil
}

func sameLargest(t, p []float32, r rule) float64 {
	hits, c := 0, r.classes
	for ; len(p) > 0; t, p = t[c:], p[c:] {
		if largest(t[:c]) == largest(p[:c]) {
			hits++
		}
	}
	return float64(hits)
}

// largest returns the index of the first of the largest values, or of the first NaN.
func largest(x []float32) int {
	at := 0
	for i, v := range x {
		if v != v {
			return i
		}
		if v > x[at] {
			at = i
		}
	}
	return at
}

// SparseCategoricalAccuracy is the share of positions where the largest prediction is that of the label, the number of a class.
type SparseCategoricalAccuracy struct {
	Label string `keras:"name"` // "": "sparse_categorical_accuracy"
	running
}

// Name implements [Metric].
func (a *SparseCategoricalAccuracy) Name() string {
	return or(a.Label, "sparse_categorical_accuracy")
}

// Direction returns "max": higher is better.
func (*SparseCategoricalAccuracy) Direction() string { return "max" }

// Update implements [Metric]. yPred is [batch, ..., classes]; yTrue has the same shape without the last axis, or with one of size 1.
func (a *SparseCategoricalAccuracy) Update(yTrue, yPred *tensor.Dense, weight []float32) error {
	return a.sparse(a.Name(), yTrue, yPred, weight)
}

func (r *running) sparse(name string, yTrue, yPred *tensor.Dense, weight []float32) error {
	b, classes, err := r.classes(name, yTrue, yPred, weight)
	if err != nil {
		return err
	}
	rank := len(b.shapeP)
	if len(b.shapeT) == rank && b.shapeT[rank-1] == 1 {
		b.shapeT = b.shapeT[:rank-1]
	}
	if !slices.Equal(b.shapeT, b.shapeP[:rank-1]) {
		return errors.Errorf("metrics: %s: expected labels of shape %v, got yTrue %v", name, b.shapeP[:rank-1], yTrue.Shape())
	}
	r.add(b, rule{sum: labelled, parts: len(b.t) / b.samples, classes: classes})
	return nil
}

func labelled(t, p []float32, r rule) float64 {
	hits, c := 0, r.classes
	for i, v := range t {
		if float32(largest(p[i*c:(i+1)*c])) == v {
			hits++
		}
	}
	return float64(hits)
}

// TopKCategoricalAccuracy is the share of positions where fewer than K predictions are larger than that of the one-hot label.
type TopKCategoricalAccuracy struct {
	K     int    // 0: 5
	Label string `keras:"name"` // "": "top_k_categorical_accuracy"
	running
}

// Name implements [Metric].
func (a *TopKCategoricalAccuracy) Name() string { return or(a.Label, "top_k_categorical_accuracy") }

// Direction returns "max": higher is better.
func (*TopKCategoricalAccuracy) Direction() string { return "max" }

// Update implements [Metric]. Both arrays are [batch, ..., classes]. A negative K is an error.
func (a *TopKCategoricalAccuracy) Update(yTrue, yPred *tensor.Dense, weight []float32) error {
	k := a.K
	if k < 0 {
		return errors.Errorf("metrics: %s: K: expected above 0, got %d", a.Name(), k)
	}
	if k == 0 {
		k = 5
	}
	return a.oneHot(a.Name(), yTrue, yPred, weight, rule{sum: amongTop, k: k})
}

// amongTop counts the positions where fewer than k predictions are above the label's; equal ones do not push it out.
func amongTop(t, p []float32, r rule) float64 {
	hits, c := 0, r.classes
	for ; len(p) > 0; t, p = t[c:], p[c:] {
		mine := p[largest(t[:c])]
		if mine != mine {
			mine = float32(math.Inf(-1)) // As in Keras, a NaN is no large prediction.
		}
		above := 0
		for _, v := range p[:c] {
			if v > mine {
				above++
			}
		}
		if above < r.k {
			hits++
		}
	}
	return float64(hits)
}
