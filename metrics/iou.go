package metrics

import (
	"cmp"

	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/optional"
)

// IoU is the intersection over the union, tp/(tp+fp+fn), of labels and predictions of each target class: the mean over those that occur.
type IoU struct {
	NumClasses     int    // labels and predictions outside of [0, NumClasses) do not count; 1 at least
	TargetClassIDs []int  `keras:"target_class_ids"` // classes that are measured; 1 at least
	Label          string `keras:"name"`             // "": "io_u"
	DType          string // of weights: "int" cuts them to whole numbers, "float32" does not; "": "int"
	IgnoreClass    *int   // a label that does not count; nil: none
	SparseYTrue    *bool  `keras:"sparse_y_true"` // labels are numbers of classes, else one-hot; nil: true
	SparseYPred    *bool  `keras:"sparse_y_pred"` // predictions are numbers of classes, else scores; nil: true
	Axis           *int   // of classes where they are not sparse; nil: the last
	confusion
}

// MeanIoU is the [IoU] of all classes.
type MeanIoU struct {
	NumClasses  int    // labels and predictions outside of [0, NumClasses) do not count; 1 at least
	Label       string `keras:"name"` // "": "mean_io_u"
	DType       string // of weights: "int" cuts them to whole numbers, "float32" does not; "": "int"
	IgnoreClass *int   // a label that does not count; nil: none
	SparseYTrue *bool  `keras:"sparse_y_true"` // labels are numbers of classes, else one-hot; nil: true
	SparseYPred *bool  `keras:"sparse_y_pred"` // predictions are numbers of classes, else scores; nil: true
	Axis        *int   // of classes where they are not sparse; nil: the last
	confusion
}

// OneHotIoU is the [IoU] of one-hot labels.
type OneHotIoU struct {
	NumClasses     int    // labels and predictions outside of [0, NumClasses) do not count; 1 at least
	TargetClassIDs []int  `keras:"target_class_ids"` // classes that are measured; 1 at least
	Label          string `keras:"name"`             // "": "one_hot_io_u"
	DType          string // of weights: "int" cuts them to whole numbers, "float32" does not; "": "int"
	IgnoreClass    *int   // a label that does not count; nil: none
	SparseYPred    bool   `keras:"sparse_y_pred"` // predictions are numbers of classes, else scores
	Axis           *int   // of classes; nil: the last
	confusion
}

// OneHotMeanIoU is the [IoU] of all classes, of one-hot labels.
type OneHotMeanIoU struct {
	NumClasses  int    // labels and predictions outside of [0, NumClasses) do not count; 1 at least
	Label       string `keras:"name"` // "": "one_hot_mean_io_u"
	DType       string // of weights: "int" cuts them to whole numbers, "float32" does not; "": "int"
	IgnoreClass *int   // a label that does not count; nil: none
	SparseYPred bool   `keras:"sparse_y_pred"` // predictions are numbers of classes, else scores
	Axis        *int   // of classes; nil: the last
	confusion
}

// BinaryIoU is the [IoU] of the classes 0 and 1, where predictions are probabilities of 1.
type BinaryIoU struct {
	TargetClassIDs []int    `keras:"target_class_ids"` // classes that are measured; nil: 0 and 1
	Threshold      *float64 // from which on a prediction is 1; nil: 0.5
	Label          string   `keras:"name"` // "": "binary_io_u"
	DType          string   // of weights: "int" cuts them to whole numbers, "float32" does not; "": "int"
	confusion
}

// Name implements [Metric].
func (m *IoU) Name() string { return cmp.Or(m.Label, "io_u") }

// Name implements [Metric].
func (m *MeanIoU) Name() string { return cmp.Or(m.Label, "mean_io_u") }

// Name implements [Metric].
func (m *OneHotIoU) Name() string { return cmp.Or(m.Label, "one_hot_io_u") }

// Name implements [Metric].
func (m *OneHotMeanIoU) Name() string { return cmp.Or(m.Label, "one_hot_mean_io_u") }

// Name implements [Metric].
func (m *BinaryIoU) Name() string { return cmp.Or(m.Label, "binary_io_u") }

// Update implements [Metric]. Labels, predictions and weights are as many.
func (m *IoU) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	if err := m.target(m.Name(), m.TargetClassIDs, m.NumClasses); err != nil {
		return err
	}
	return m.add(overlap{
		name: m.Name(), classes: m.NumClasses, dtype: m.DType, ignored: m.IgnoreClass, axis: m.Axis,
		scoresT: !optional.Or(m.SparseYTrue, true), scoresP: !optional.Or(m.SparseYPred, true),
	}, yTrue, yPred, sampleWeight)
}

// Update implements [Metric]. Labels, predictions and weights are as many.
func (m *MeanIoU) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.add(overlap{
		name: m.Name(), classes: m.NumClasses, dtype: m.DType, ignored: m.IgnoreClass, axis: m.Axis,
		scoresT: !optional.Or(m.SparseYTrue, true), scoresP: !optional.Or(m.SparseYPred, true),
	}, yTrue, yPred, sampleWeight)
}

// Update implements [Metric]. Labels, predictions and weights are as many, not counting the axis of classes.
func (m *OneHotIoU) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	if err := m.target(m.Name(), m.TargetClassIDs, m.NumClasses); err != nil {
		return err
	}
	return m.add(overlap{
		name: m.Name(), classes: m.NumClasses, dtype: m.DType, ignored: m.IgnoreClass, axis: m.Axis, scoresT: true, scoresP: !m.SparseYPred,
	}, yTrue, yPred, sampleWeight)
}

// Update implements [Metric]. Labels, predictions and weights are as many, not counting the axis of classes.
func (m *OneHotMeanIoU) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	return m.add(overlap{
		name: m.Name(), classes: m.NumClasses, dtype: m.DType, ignored: m.IgnoreClass, axis: m.Axis, scoresT: true, scoresP: !m.SparseYPred,
	}, yTrue, yPred, sampleWeight)
}

// Update implements [Metric]. Labels, predictions and weights are as many.
func (m *BinaryIoU) Update(yTrue, yPred, sampleWeight *tensor.Dense) error {
	if m.TargetClassIDs != nil {
		if err := m.target(m.Name(), m.TargetClassIDs, 2); err != nil {
			return err
		}
	}
	return m.add(overlap{
		name: m.Name(), classes: 2, dtype: m.DType, probable: true, threshold: float32(optional.Or(m.Threshold, 0.5)),
	}, yTrue, yPred, sampleWeight)
}
