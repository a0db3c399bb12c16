package metrics

import (
	"cmp"
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/optional"
)

// Accuracy is what Keras takes the word "accuracy" for, not Keras's class of that name, which is [EqualAccuracy]. The first batch decides
// which of three measures it is, until the metric is made anew:
//
//   - [BinaryAccuracy] where the last axis of yPred has size 1;
//   - else [SparseCategoricalAccuracy] where yTrue has fewer axes than yPred or a last axis of size 1;
//   - else [CategoricalAccuracy]: yTrue is one-hot.
type Accuracy struct {
	Label string `keras:"name"` // "": "accuracy"
	running
	kind rule // without a name before the first batch
}

// Name implements [Metric].
func (a *Accuracy) Name() string { return cmp.Or(a.Label, "accuracy") }

// Direction returns "max": higher is better.
func (*Accuracy) Direction() string { return "max" }

// Update implements [Metric].
func (a *Accuracy) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	if a.kind.name != "" {
		return a.update(a.kind, yTrue, yPred, sampleWeight)
	}
	if err := a.read(a.Name(), yTrue, yPred, sampleWeight); err != nil {
		return err
	}
	t, p := a.t.shape, a.p.shape
	by := categoricalAccuracy()
	switch lastT, lastP := t[len(t)-1], p[len(p)-1]; {
	case lastP == 1:
		by = binaryAccuracy(0.5)
	case len(t) < len(p) || lastT == 1:
		by = sparseAccuracy()
	}
	by.name = a.Name()
	err := a.update(by, yTrue, yPred, sampleWeight)
	if err == nil {
		a.kind = by
	}
	return err
}

// EqualAccuracy is the share of predictions that equal their labels: keras.metrics.Accuracy, and saved as that.
type EqualAccuracy struct {
	Label string `keras:"name"` // "": "accuracy"
	running
}

// Name implements [Metric].
func (a *EqualAccuracy) Name() string { return cmp.Or(a.Label, "accuracy") }

// Direction returns "max": higher is better.
func (*EqualAccuracy) Direction() string { return "max" }

// Update implements [Metric]. Both arrays have the same shape.
func (a *EqualAccuracy) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return a.update(rule{name: a.Name(), fit: elements, each: equalTo}, yTrue, yPred, sampleWeight)
}

func equalTo(values []float64, t, p []float32, _ *rule) {
	for i, v := range p {
		values[i] = truth(t[i] == v)
	}
}

// BinaryAccuracy is the share of predictions on the same side of Threshold as their labels, which are 0 or 1.
type BinaryAccuracy struct {
	Label     string   `keras:"name"` // "": "binary_accuracy"
	Threshold *float64 // nil: 0.5; above it a prediction is 1
	running
}

// Name implements [Metric].
func (a *BinaryAccuracy) Name() string { return cmp.Or(a.Label, "binary_accuracy") }

// Direction returns "max": higher is better.
func (*BinaryAccuracy) Direction() string { return "max" }

// Update implements [Metric]. Both arrays have the same shape.
func (a *BinaryAccuracy) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	by := binaryAccuracy(optional.Or(a.Threshold, 0.5))
	by.name = a.Name()
	return a.update(by, yTrue, yPred, sampleWeight)
}

func binaryAccuracy(threshold float64) rule {
	return rule{fit: elements, each: sameSide, threshold: float32(threshold)}
}

func sameSide(values []float64, t, p []float32, r *rule) {
	for i, v := range p {
		values[i] = truth(t[i] == float32(truth(v > r.threshold)))
	}
}

// CategoricalAccuracy is the share of positions where the largest prediction is that of the one-hot label.
type CategoricalAccuracy struct {
	Label string `keras:"name"` // "": "categorical_accuracy"
	running
}

// Name implements [Metric].
func (a *CategoricalAccuracy) Name() string { return cmp.Or(a.Label, "categorical_accuracy") }

// Direction returns "max": higher is better.
func (*CategoricalAccuracy) Direction() string { return "max" }

// Update implements [Metric]. Both arrays are [batch, ..., classes].
func (a *CategoricalAccuracy) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	by := categoricalAccuracy()
	by.name = a.Name()
	return a.update(by, yTrue, yPred, sampleWeight)
}

func categoricalAccuracy() rule { return rule{fit: classes, row: sameLargest} }

func sameLargest(t, p []float32, _ *rule) float64 { return truth(largest(t) == largest(p)) }

// SparseCategoricalAccuracy is the share of positions where the largest prediction is that of the label, the number of a class.
type SparseCategoricalAccuracy struct {
	Label string `keras:"name"` // "": "sparse_categorical_accuracy"
	running
}

// Name implements [Metric].
func (a *SparseCategoricalAccuracy) Name() string {
	return cmp.Or(a.Label, "sparse_categorical_accuracy")
}

// Direction returns "max": higher is better.
func (*SparseCategoricalAccuracy) Direction() string { return "max" }

// Update implements [Metric]. yPred is [batch, ..., classes]; yTrue has the same shape without the last axis, or with one of size 1.
func (a *SparseCategoricalAccuracy) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	by := sparseAccuracy()
	by.name = a.Name()
	return a.update(by, yTrue, yPred, sampleWeight)
}

func sparseAccuracy() rule { return rule{fit: sparse, row: labelled} }

func labelled(t, p []float32, _ *rule) float64 { return truth(float32(largest(p)) == t[0]) }

// TopKCategoricalAccuracy is the share of positions where fewer than K predictions are larger than that of the one-hot label.
type TopKCategoricalAccuracy struct {
	K     int    // 0: 5
	Label string `keras:"name"` // "": "top_k_categorical_accuracy"
	running
}

// Name implements [Metric].
func (a *TopKCategoricalAccuracy) Name() string { return cmp.Or(a.Label, "top_k_categorical_accuracy") }

// Direction returns "max": higher is better.
func (*TopKCategoricalAccuracy) Direction() string { return "max" }

// Update implements [Metric]. Both arrays are [batch, ..., classes]. A negative K is an error.
func (a *TopKCategoricalAccuracy) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	k, err := topK(a.K, a.Name())
	if err != nil {
		return err
	}
	return a.update(rule{name: a.Name(), fit: classes, row: amongTop, k: k}, yTrue, yPred, sampleWeight)
}

// SparseTopKCategoricalAccuracy is the share of positions where fewer than K predictions are larger than that of the label, the number of
// a class.
type SparseTopKCategoricalAccuracy struct {
	K     int    // 0: 5
	Label string `keras:"name"` // "": "sparse_top_k_categorical_accuracy"
	// FromSortedIDs says that yPred holds numbers of classes, the best first, and measures where the label is among the first K.
	FromSortedIDs bool `keras:"from_sorted_ids"`
	running
}

// Name implements [Metric].
func (a *SparseTopKCategoricalAccuracy) Name() string {
	return cmp.Or(a.Label, "sparse_top_k_categorical_accuracy")
}

// Direction returns "max": higher is better.
func (*SparseTopKCategoricalAccuracy) Direction() string { return "max" }

// Update implements [Metric]. yPred is [batch, ..., classes]; yTrue has the same shape without the last axis, or with one of size 1. A
// negative K is an error.
func (a *SparseTopKCategoricalAccuracy) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	k, err := topK(a.K, a.Name())
	if err != nil {
		return err
	}
	by := rule{name: a.Name(), fit: sparse, row: labelAmongTop, k: k}
	if a.FromSortedIDs {
		by.row = labelAmongFirst
	}
	return a.update(by, yTrue, yPred, sampleWeight)
}

func topK(k int, name string) (int, error) {
	if k < 0 {
		return 0, errors.Errorf("metrics: %s: K: expected above 0, got %d", name, k)
	}
	if k == 0 {
		return 5, nil
	}
	return k, nil
}

// amongTop asks whether fewer than k predictions are above the label's; equal ones do not push it out.
func amongTop(t, p []float32, r *rule) float64 { return truth(above(p, largest(t)) < r.k) }

func labelAmongTop(t, p []float32, r *rule) float64 {
	label := int(t[0])
	return truth(label >= 0 && label < len(p) && above(p, label) < r.k)
}

func labelAmongFirst(t, p []float32, r *rule) float64 {
	return truth(slices.Contains(p[:min(r.k, len(p))], t[0]))
}

// above counts the predictions that are larger than one of them. As in Keras, a NaN is no large prediction.
func above(p []float32, at int) int {
	mine, isNaN := p[at], p[at] != p[at]
	n := 0
	for _, v := range p {
		if v > mine || isNaN && v >= -math.MaxFloat32 {
			n++
		}
	}
	return n
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

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
