package metrics

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func TestErrorsLeaveTheMetricAlone(t *testing.T) {
	t.Parallel()
	words := tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]string{"a", "b"}))
	scalar := tensor.New(tensor.FromScalar(float32(1)))
	for _, c := range []struct {
		m                    Metric
		yTrue, yPred, weight *tensor.Dense
		says                 string
	}{
		{&Accuracy{}, nil, floats(2, 1), nil, "accuracy: yTrue: expected an array, got nil"},
		{&Accuracy{}, floats(2, 1), nil, nil, "accuracy: yPred: expected an array, got nil"},
		{&Accuracy{}, scalar, floats(2, 1), nil, "expected a batch axis, got yTrue []"},
		{&Accuracy{}, floats(2, 4), floats(2, 3), nil, "expected equal shapes, got yTrue [2 4] and yPred [2 3]"},
		{&Accuracy{}, floats(2, 4), floats(2, 1), nil, "expected equal shapes"},
		{&BinaryAccuracy{}, floats(2, 1), floats(3, 1), nil, "expected equal shapes, got yTrue [2 1] and yPred [3 1]"},
		{&BinaryAccuracy{}, words, floats(2, 1), nil, "yTrue: expected a numeric array"},
		{&BinaryAccuracy{}, floats(2, 1), floats(2, 1), words, "sampleWeight: expected a numeric array"},
		{&MeanSquaredError{}, floats(2, 2), floats(2, 1), nil, "expected equal shapes, got yTrue [2 2] and yPred [2 1]"},
		{&MeanSquaredError{}, floats(2), floats(2), floats(2), "expected weights of rank 0 at most, got sampleWeight [2]"},
		{&MeanAbsoluteError{}, floats(2, 2), floats(2, 2), floats(3), "expected weights of shape [2], got sampleWeight [3]"},
		{&MeanAbsoluteError{}, floats(2, 4, 2), floats(2, 4, 2), floats(2, 3), "expected weights of shape [2 4], got sampleWeight [2 3]"},
		{&Sum{}, nil, floats(2, 4), floats(3), "expected weights of shape [2]"},
		{&RootMeanSquaredError{Label: "e"}, floats(1, 2), floats(2, 2), nil, "metrics: e: "},
		{&CategoricalAccuracy{}, floats(2), floats(2), nil, "expected predictions [batch, ..., classes], got yPred [2]"},
		{&SparseCategoricalAccuracy{}, floats(2, 3), floats(2, 3), nil, "along axis 1, got yTrue [2 3] and yPred [2 3]"},
		{&TopKCategoricalAccuracy{K: -1}, floats(2, 3), floats(2, 3), nil, "K: expected above 0, got -1"},
		{&SparseTopKCategoricalAccuracy{K: -1}, floats(2), floats(2, 3), nil, "K: expected above 0, got -1"},
		{&TopKCategoricalAccuracy{}, floats(2), floats(2, 3), nil, "expected equal shapes"},
		{&Mean{}, nil, nil, nil, "mean: yPred: expected an array"},
		{&CosineSimilarity{Axis: new(2)}, floats(2, 3), floats(2, 3), nil, "Axis: expected one of shape [2 3], got 2"},
		{&PearsonCorrelation{Axis: new(-3)}, floats(2, 3), floats(2, 3), nil, "Axis: expected one of shape [2 3], got -3"},
		{&Hinge{}, floats(2), floats(2, 1), nil, "expected equal shapes"},
		{&SparseCategoricalCrossentropy{}, floats(2), floats(2, 1), nil, "label 1 at position 1 is outside [0, 1)"},
		{&SparseCategoricalCrossentropy{IgnoreClass: new(0)}, floats(2, 3), floats(2, 3, 2), floats(2), "expected weights of shape [2 3] with IgnoreClass"},
		{&R2Score{ClassAggregation: "mean"}, floats(2, 2), floats(2, 2), nil, `ClassAggregation: expected none, uniform_average or variance_weighted_average, got "mean"`},
		{&R2Score{NumRegressors: -1}, floats(2, 2), floats(2, 2), nil, "NumRegressors: expected 0 or more, got -1"},
		{&R2Score{}, floats(2, 2, 2), floats(2, 2, 2), nil, "expected arrays [batch, outputs], got [2 2 2]"},
		{&Precision{Thresholds: []float64{0.5, 2}}, floats(2), floats(2), nil, "Thresholds: expected numbers in [0, 1], got 2"},
		{&Precision{TopK: 4}, floats(2, 3), floats(2, 3), nil, "TopK: expected 1 to 3, got 4"},
		{&Recall{ClassID: new(3)}, floats(2, 3), floats(2, 3), nil, "ClassID: expected a class of predictions [batch, ..., classes], got 3 and yPred [2 3]"},
		{&Recall{ClassID: new(0)}, floats(2), floats(2), nil, "ClassID: expected a class"},
		{&TruePositives{}, floats(2, 3), floats(2, 3), floats(3), "expected weights of shape [2 3], got sampleWeight [3 1]"},
		{&SensitivityAtSpecificity{Specificity: 1.5}, floats(2), floats(2), nil, "Specificity: expected a number in [0, 1], got 1.5"},
		{&RecallAtPrecision{NumThresholds: -1}, floats(2), floats(2), nil, "NumThresholds: expected above 0, got -1"},
		{&AUC{NumThresholds: 1}, floats(2), floats(2), nil, "NumThresholds: expected above 1, got 1"},
		{&AUC{NumThresholds: 1<<24 + 1}, floats(2), floats(2), nil, "auc: NumThresholds: expected 16777216 at most, got 16777217"},
		{&RecallAtPrecision{NumThresholds: math.MaxInt}, floats(2), floats(2), nil, "NumThresholds: expected 16777216 at most, got "},
		{&MeanIoU{NumClasses: math.MaxInt}, floats(2), floats(2), nil, "NumClasses: expected 16777216 at most, got "},
		{&AUC{Curve: "ABC"}, floats(2), floats(2), nil, `Curve: expected ROC, PR or PRGAIN, got "ABC"`},
		{&AUC{SummationMethod: "sum"}, floats(2), floats(2), nil, `SummationMethod: expected interpolation, minoring or majoring, got "sum"`},
		{&AUC{NumLabels: 2}, floats(2), floats(2), nil, "NumLabels: expected above 0 and MultiLabel, got 2 and false"},
		{&AUC{NumLabels: 2, MultiLabel: true}, floats(2, 3), floats(2, 3), nil, "expected predictions [batch, 2], got yPred [2 3]"},
		{&AUC{MultiLabel: true}, floats(2), floats(2), nil, "expected predictions [batch, labels], got yPred [2]"},
		{&AUC{LabelWeights: []float64{1, 2}}, floats(2, 3), floats(2, 3), nil, "LabelWeights: expected one for each label, got 2 and yPred [2 3]"},
		{&AUC{LabelWeights: []float64{1}, NumLabels: 2, MultiLabel: true}, floats(2, 2), floats(2, 2), nil, "LabelWeights: expected one for each of 2 labels, got 1"},
		{&FBetaScore{Average: "all"}, floats(2, 3), floats(2, 3), nil, `Average: expected micro, macro, weighted or none, got "all"`},
		{&FBetaScore{Beta: new(0.0)}, floats(2, 3), floats(2, 3), nil, "Beta: expected above 0, got 0"},
		{&F1Score{Threshold: new(0.0)}, floats(2, 3), floats(2, 3), nil, "Threshold: expected a number in (0, 1], got 0"},
		{&F1Score{}, floats(2), floats(2), nil, "expected arrays [batch, outputs], got [2]"},
		{&F1Score{}, floats(2, 3), floats(2, 3), floats(2, 3), "expected weights [batch], got sampleWeight [2 3]"},
		{&IoU{NumClasses: 2}, floats(2), floats(2), nil, "TargetClassIDs: expected one at least, got none"},
		{&OneHotIoU{NumClasses: 2, TargetClassIDs: []int{2}}, floats(2, 2), floats(2, 2), nil, "TargetClassIDs: expected classes in [0, 2), got 2"},
		{&MeanIoU{}, floats(2), floats(2), nil, "NumClasses: expected 1 or more, got 0"},
		{&MeanIoU{NumClasses: 2, DType: "half"}, floats(2), floats(2), nil, `DType: expected int or float32, got "half"`},
		{&MeanIoU{NumClasses: 2}, floats(2), floats(3), nil, "expected as many labels as predictions, got yTrue (2) and yPred (3)"},
		{&MeanIoU{NumClasses: 2}, floats(4), floats(4), floats(2), "expected 4 weights, as many as labels, got sampleWeight [2]"},
		{&OneHotMeanIoU{NumClasses: 2, Axis: new(5)}, floats(2, 2), floats(2, 2), nil, "Axis: expected one of shape [2 2], got 5"},
	} {
		require.ErrorContains(t, c.m.Update(c.yTrue, c.yPred, c.weight), c.says, "%T", c.m)
		assert.Zero(t, c.m.Result(), "%T", c.m)
	}
}

// Metrics that keep a number for each class or output hold to how many these are.
func TestClassesStayAsMany(t *testing.T) {
	t.Parallel()
	for says, m := range map[string]Metric{
		"expected arrays [batch, 3] as before, got [2 4]":   &R2Score{},
		"fbeta_score: expected arrays [batch, 3] as before": &FBetaScore{},
		"expected predictions [batch, 3], got yPred [2 4]":  &AUC{MultiLabel: true},
	} {
		require.NoError(t, m.Update(floats(2, 3), floats(2, 3), nil))
		before := m.Result()
		require.ErrorContains(t, m.Update(floats(2, 4), floats(2, 4), nil), says)
		assert.Equal(t, before, m.Result())
	}
	m := &MeanIoU{NumClasses: 3}
	require.NoError(t, m.Update(floats(2), floats(2), nil))
	m.NumClasses = 4
	require.ErrorContains(t, m.Update(floats(2), floats(2), nil), "NumClasses: expected 3 as before, got 4")
}

func filled(v float32, shape ...int) *tensor.Dense {
	d := floats(shape...)
	for i := range d.Float32s() {
		d.Float32s()[i] = v
	}
	return d
}
