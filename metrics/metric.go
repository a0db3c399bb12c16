// Package metrics measures predictions over any number of batches, by Keras's names and with Keras's results. Metrics run on the host.
//
// An update takes labels, predictions and perhaps weights, of any numeric element type, batch first. Most metrics are weighted
// means. Weights are one number for each sample, [batch], or for each part of a sample, [batch, steps]: they stand for the first axes
// of the measured values, whose remaining axes are averaged; an axis of size 1 counts for all along it. A result is
// sum(weight·value)/sum(weight), or 0 before the first sample. Where labels and predictions differ by a last axis of size 1, it is dropped
// or added; other shapes must agree, which Keras does not ask: it broadcasts.
//
// Values are computed from float32, as in Keras, and summed in float64. Nothing is allocated once buffers have grown to the batch, and a
// metric is not for use by several goroutines at once. Its fields are read at the first update; it is not to be copied after that.
package metrics

import "gorgonia.org/tensor"

// A Metric is a running measure. For one of your own, write these four methods.
type Metric interface {
	// Name is the key in logs, such as "accuracy".
	Name() string
	// Reset forgets all updates.
	Reset()
	// Update adds a batch. sampleWeight may be nil: all weigh 1. An error leaves the metric as it was.
	Update(yTrue, yPred, sampleWeight *tensor.Dense) error
	// Result is the measure over all updates since the last Reset.
	Result() float64
}

// A Vector is a metric that is several numbers, for classes or thresholds. Its Result is their mean.
type Vector interface {
	Metric
	// Results are the numbers, in memory of the caller's own; a single one where the metric's settings make it one.
	Results() []float64
}

// A MaskIgnorer is a metric that a mask of the predictions means nothing to. To others a model gives the mask as weights, or multiplies it with
// them. In Keras it is the means over samples that a mask counts in.
type MaskIgnorer interface {
	Metric
	IgnoresMask() bool
}
