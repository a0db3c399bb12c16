// Package metrics measures predictions over any number of batches, by Keras's names and with Keras's results. Metrics run on the host.
//
// An update takes labels and predictions of any numeric element type, batch first, and perhaps one weight per sample. The value
// of a sample is the mean over its elements; a result is the mean over samples, weighted where weights were given:
// sum(weight·value)/sum(weight), or 0 before the first sample. Shapes must agree except for a last axis of size 1. Nothing is
// allocated once buffers have grown to the batch, and a metric is not for use by several goroutines at once.
package metrics

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/array"
)

// A Metric is a running measure. For one of your own, write these four methods.
type Metric interface {
	// Name is the key in logs, such as "accuracy".
	Name() string
	// Reset forgets all updates.
	Reset()
	// Update adds a batch. weight is nil or holds one number per sample. An error leaves the metric as it was.
	Update(yTrue, yPred *tensor.Dense, weight []float32) error
	// Result is the measure over all updates since the last Reset.
	Result() float64
}

// running is the weighted mean of the values of samples, with the buffers of a batch.
type running struct {
	total, count float64
	t, p         []float32
}

// Reset implements [Metric].
func (r *running) Reset() { r.total, r.count = 0, 0 }

// Result implements [Metric].
func (r *running) Result() float64 {
	if r.count == 0 {
		return 0
	}
	return r.total / r.count
}

// A batch is what one update compares: n samples of t and p values, row by row.
type batch struct {
	t, p    []float32
	shapeT  tensor.Shape // without a last axis of size 1 that only one of both has
	shapeP  tensor.Shape
	weight  []float32
	samples int
}

// read checks what an update was given and converts it to float32, as Keras does.
func (r *running) read(name string, yTrue, yPred *tensor.Dense, weight []float32) (b batch, err error) {
	if b.p, r.p, err = array.Float32s(r.p, yPred); err != nil {
		return b, errors.WithMessagef(err, "metrics: %s: yPred", name)
	}
	if b.t, r.t, err = array.Float32s(r.t, yTrue); err != nil {
		return b, errors.WithMessagef(err, "metrics: %s: yTrue", name)
	}
	b.shapeT, b.shapeP, b.weight = yTrue.Shape(), yPred.Shape(), weight
	if len(b.shapeT) == 0 || len(b.shapeP) == 0 {
		return b, errors.Errorf("metrics: %s: expected a batch axis, got yTrue %v and yPred %v", name, b.shapeT, b.shapeP)
	}
	b.samples = b.shapeP[0]
	if b.shapeT[0] != b.samples {
		return b, errors.Errorf("metrics: %s: expected as many samples in both, got yTrue %v and yPred %v", name, b.shapeT, b.shapeP)
	}
	if weight != nil && len(weight) != b.samples {
		return b, errors.Errorf("metrics: %s: expected %d weights, one per sample, got %d", name, b.samples, len(weight))
	}
	return b, nil
}

// squeeze drops a last axis of size 1 from the shape that has one axis more.
func (b *batch) squeeze() {
	t, p := len(b.shapeT), len(b.shapeP)
	if t == p+1 && b.shapeT[t-1] == 1 {
		b.shapeT = b.shapeT[:p]
	}
	if p == t+1 && b.shapeP[p-1] == 1 {
		b.shapeP = b.shapeP[:t]
	}
}

// elementwise checks that labels and predictions correspond number by number.
func (b *batch) elementwise(name string) error {
	b.squeeze()
	if !slices.Equal(b.shapeT, b.shapeP) {
		return errors.Errorf("metrics: %s: expected equal shapes, got yTrue %v and yPred %v", name, b.shapeT, b.shapeP)
	}
	return nil
}

// A rule says how a sample is measured: sum returns the sum over its parts, which is divided by their number.
type rule struct {
	sum       func(t, p []float32, r rule) float64
	parts     int
	classes   int     // the size of the last axis, where it holds classes
	k         int     // of TopKCategoricalAccuracy
	threshold float32 // of BinaryAccuracy
}

// add adds a batch, sample by sample.
func (r *running) add(b batch, by rule) {
	wide, narrow := len(b.p)/b.samples, len(b.t)/b.samples
	for i := range b.samples {
		v := by.sum(b.t[i*narrow:(i+1)*narrow], b.p[i*wide:(i+1)*wide], by) / float64(by.parts)
		w := 1.0
		if b.weight != nil {
			w = float64(b.weight[i])
		}
		r.total += w * v
		r.count += w
	}
}

// or returns the label, or Keras's name where there is none.
func or(label, name string) string {
	if label == "" {
		return name
	}
	return label
}
