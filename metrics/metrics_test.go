package metrics

import (
	"math"
	"reflect"
	"testing"

	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// all is a metric of each class, made with what has no default.
func all() []Metric {
	return []Metric{
		&Mean{}, &Sum{}, &MeanMetricWrapper{Fn: squareDifferences}, &Accuracy{}, &EqualAccuracy{}, &BinaryAccuracy{},
		&CategoricalAccuracy{}, &SparseCategoricalAccuracy{}, &TopKCategoricalAccuracy{}, &SparseTopKCategoricalAccuracy{},
		&MeanSquaredError{}, &RootMeanSquaredError{}, &MeanAbsoluteError{}, &MeanAbsolutePercentageError{},
		&MeanSquaredLogarithmicError{}, &LogCoshError{}, &CosineSimilarity{}, &PearsonCorrelation{}, &ConcordanceCorrelation{}, &R2Score{},
		&Hinge{}, &SquaredHinge{}, &CategoricalHinge{}, &KLDivergence{}, &Poisson{}, &BinaryCrossentropy{}, &CategoricalCrossentropy{},
		&SparseCategoricalCrossentropy{}, &AUC{}, &Precision{}, &Recall{}, &TruePositives{}, &FalsePositives{}, &TrueNegatives{},
		&FalseNegatives{}, &SensitivityAtSpecificity{}, &SpecificityAtSensitivity{}, &PrecisionAtRecall{}, &RecallAtPrecision{},
		&FBetaScore{}, &F1Score{}, &IoU{NumClasses: 6, TargetClassIDs: []int{0}}, &BinaryIoU{}, &MeanIoU{NumClasses: 6},
		&OneHotIoU{NumClasses: 6, TargetClassIDs: []int{0}}, &OneHotMeanIoU{NumClasses: 6},
	}
}

func class(m Metric) string {
	name := reflect.TypeOf(m).Elem().Name()
	if name == "EqualAccuracy" {
		return "Accuracy"
	}
	return name
}

// isWord tells a metric that stands for a word from Keras's class of that name.
func isWord(m Metric) bool {
	_, ok := m.(*Accuracy)
	return ok
}

func TestNamesAndDirectionsAreKeras(t *testing.T) {
	t.Parallel()
	want := read(t).Names
	seen := 0
	for _, m := range all() {
		if isWord(m) {
			continue
		}
		seen++
		require.Contains(t, want, class(m))
		assert.Equal(t, want[class(m)][0], m.Name())
		direction := ""
		if d, ok := m.(interface{ Direction() string }); ok {
			direction = map[string]string{"max": "up", "min": "down"}[d.Direction()]
			assert.NotEmpty(t, direction, class(m))
		}
		assert.Equal(t, want[class(m)][1], direction, class(m))
	}
	assert.Len(t, want, seen, "every class of Keras")
	assert.Equal(t, "max", (&Accuracy{}).Direction())
}

func TestWordsAreKeras(t *testing.T) {
	t.Parallel()
	want := read(t).Words
	for word, resolved := range want {
		m, err := Get(word)
		require.NoError(t, err)
		assert.Equal(t, resolved[1], m.Name(), word)
		if _, ok := m.(*Accuracy); ok {
			assert.Equal(t, "CategoricalAccuracy", resolved[0], "what the script's batch makes of it")
			continue
		}
		assert.Equal(t, resolved[0], class(m), word)
	}
	for word := range words {
		assert.Contains(t, want, word)
	}
	for _, word := range []string{"acc", "ACC"} {
		m, err := Get(word)
		require.NoError(t, err)
		assert.Equal(t, word, m.Name())
		assert.IsType(t, &Accuracy{}, m)
	}
	for _, word := range []string{"", "ce", "crossentropy", "Mse", "io_u", "mean", "precision_at_recall", "kld"} {
		_, err := Get(word)
		require.ErrorContains(t, err, "expected a word for a metric that needs no arguments")
	}
}

func TestWordsAreResolvedByShapes(t *testing.T) {
	t.Parallel()
	for _, c := range read(t).Cases {
		if c.Class != "accuracy" {
			continue
		}
		m := c.metric(t).(*Accuracy)
		b := c.Batches[0]
		plain, err := Get(c.Resolved)
		require.NoError(t, err)
		require.NoError(t, m.Update(b.yTrue, b.yPred, nil))
		require.NoError(t, plain.Update(b.yTrue, b.yPred, nil))
		assert.Equal(t, plain.Result(), m.Result(), c.Resolved)
	}
}

func TestTheFirstBatchDecides(t *testing.T) {
	t.Parallel()
	m := &Accuracy{}
	require.Error(t, m.Update(floats(2, 4), floats(2, 3), nil), "a batch that fails decides nothing")
	require.NoError(t, m.Update(floats(2), floats(2, 3), nil))
	m.Reset()
	require.ErrorContains(t, m.Update(floats(2, 3), floats(2, 3), nil), "expected a label for each row of predictions")
}

// A config of Keras's becomes a metric, the metric a config, and that the same metric.
func TestConfigs(t *testing.T) {
	t.Parallel()
	for _, c := range read(t).Cases {
		object, ok := c.Object.(map[string]any)
		if !ok {
			continue
		}
		m := c.metric(t)
		again, err := saving.ToConfig(m)
		require.NoError(t, err)
		for _, key := range []string{"module", "class_name", "registered_name"} {
			assert.Equal(t, object[key], again[key], c.Class)
		}
		back, err := saving.Decode[Metric](again)
		require.NoError(t, err)
		assert.Equal(t, m, back)
		assert.Equal(t, object["config"].(map[string]any)["name"], m.Name())
	}
	for _, m := range all() {
		_, err := saving.ToConfig(m)
		if _, own := m.(*MeanMetricWrapper); own || isWord(m) {
			require.ErrorContains(t, err, "not registered", class(m))
			continue
		}
		require.NoError(t, err, class(m))
	}
}

// Keras asks for whole numbers of some arguments to be written as floats.
func TestFloatsOfConfigs(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]Metric{
		`"beta":2.0,"threshold":1.0`: &FBetaScore{Beta: new(2.0), Threshold: new(1.0)},
		`"beta":0.5`:                 &FBetaScore{Beta: new(0.5)},
		`"threshold":1.0`:            &F1Score{Threshold: new(1.0)},
		`"specificity":0`:            &SensitivityAtSpecificity{},
		`"class_aggregation":null`:   &R2Score{ClassAggregation: "none"},
	} {
		assert.Equal(t, "{"+want+"}", configOf(t, m))
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	for _, m := range all() {
		reflect.ValueOf(m).Elem().FieldByName("Label").SetString("mine")
		assert.Equal(t, "mine", m.Name(), class(m))
		field, _ := reflect.TypeOf(m).Elem().FieldByName("Label")
		assert.Equal(t, "name", field.Tag.Get("keras"))
	}
}

// floats returns an array of the given shape whose elements are 0, 1, 0, 1, ...
func floats(shape ...int) *tensor.Dense {
	data := make([]float32, tensor.Shape(shape).TotalSize())
	for i := range data {
		data[i] = float32(i % 2)
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
}

func TestUpdatesAllocateNothing(t *testing.T) {
	for _, c := range read(t).Cases {
		m := c.metric(t)
		if _, own := m.(*MeanMetricWrapper); own {
			continue // The function allocates.
		}
		b := c.Batches[0]
		if b.refused {
			continue
		}
		require.NoError(t, m.Update(b.yTrue, b.yPred, b.weight))
		m.Result()
		assert.Zero(t, testing.AllocsPerRun(2, func() {
			_ = m.Update(b.yTrue, b.yPred, b.weight)
			m.Result()
			m.Reset()
		}), "%s %v", c.Class, c.Object)
	}
}

func TestAnErrorOfAFunctionIsReturned(t *testing.T) {
	t.Parallel()
	m := &MeanMetricWrapper{Fn: func(_, _ *tensor.Dense) (*tensor.Dense, error) { return nil, errors.New("no") }}
	require.EqualError(t, m.Update(floats(2), floats(2), nil), "metrics: mean_metric_wrapper: no")
	require.ErrorContains(t, (&MeanMetricWrapper{}).Update(floats(2), floats(2), nil), "Fn: expected a function, got nil")
}

func TestOneValueForManySamples(t *testing.T) {
	t.Parallel()
	m := &Mean{}
	require.NoError(t, m.Add(3, 2))
	require.NoError(t, m.Add(6, 1))
	require.ErrorContains(t, m.Add(1, -1), "expected a weight of 0 or more, got -1")
	assert.Equal(t, 4.0, m.Result())
}

func BenchmarkSparseCategoricalAccuracy(b *testing.B) {
	yTrue := tensor.New(tensor.WithShape(128), tensor.WithBacking(make([]uint8, 128)))
	benchmark(b, &SparseCategoricalAccuracy{}, yTrue, floats(128, 10))
}

func BenchmarkBinaryAccuracy(b *testing.B) {
	benchmark(b, &BinaryAccuracy{}, floats(128, 10), floats(128, 10))
}

func BenchmarkAUC(b *testing.B) { benchmark(b, &AUC{}, floats(128, 10), floats(128, 10)) }

func BenchmarkCategoricalCrossentropy(b *testing.B) {
	benchmark(b, &CategoricalCrossentropy{}, floats(128, 10), floats(128, 10))
}

func benchmark(b *testing.B, m Metric, yTrue, yPred *tensor.Dense) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Update(yTrue, yPred, nil); err != nil {
			b.Fatal(err)
		}
		m.Result()
	}
}

// JAX and TensorFlow take the first of equal predictions.
func TestTopKTakesTheFirstOfEqualOnes(t *testing.T) {
	t.Parallel()
	yTrue := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]int{0, 1, 0, 1, 0, 0}))
	yPred := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{0.5, 0.5, 0.25, 0.5, 0.5, 0.5}))
	for k, want := range map[int]float64{1: 0.5, 2: 1, 3: 1} {
		m := &Recall{TopK: k}
		require.NoError(t, m.Update(yTrue, yPred, nil))
		assert.Equal(t, want, m.Result(), "%d", k)
	}
	assert.Equal(t, []float64{0.5, 0.5, 0.25, 0.5, 0.5, 0.5}, yPred.Float64s())
}

// A prediction that is no number makes a result none, also where its label is 0, and is above no threshold.
func TestNaN(t *testing.T) {
	t.Parallel()
	yTrue, yPred := floats(1, 2), filled(float32(math.NaN()), 1, 2)
	for _, m := range []Metric{&MeanSquaredError{}, &CategoricalCrossentropy{}, &CategoricalCrossentropy{FromLogits: true}, &BinaryCrossentropy{}, &KLDivergence{}} {
		require.NoError(t, m.Update(yTrue, yPred, nil))
		assert.True(t, math.IsNaN(m.Result()), class(m))
	}
	for _, thresholds := range [][]float64{nil, {0, 0.5, 1}} {
		m := &FalseNegatives{Thresholds: thresholds}
		require.NoError(t, m.Update(yTrue, yPred, nil))
		assert.Equal(t, 1.0, m.Result())
	}
	sparse := &SparseCategoricalCrossentropy{}
	require.NoError(t, sparse.Update(floats(1), yPred, nil))
	assert.True(t, math.IsNaN(sparse.Result()))
	top := &TopKCategoricalAccuracy{K: 1}
	require.NoError(t, top.Update(yTrue, tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]float32{0, float32(math.NaN())})), nil))
	assert.Zero(t, top.Result())
}

// Predictions beyond [0, 1] are above or below all thresholds.
func TestPredictionsBeyondProbabilities(t *testing.T) {
	t.Parallel()
	yTrue := tensor.New(tensor.WithShape(4), tensor.WithBacking([]bool{true, true, false, false}))
	yPred := tensor.New(tensor.WithShape(4), tensor.WithBacking([]float32{7, -7, 7, -7}))
	for _, thresholds := range [][]float64{{0.25, 0.5}, {0, 0.5}} {
		tp, tn := &TruePositives{Thresholds: thresholds}, &TrueNegatives{Thresholds: thresholds}
		for _, m := range []Vector{tp, tn} {
			require.NoError(t, m.Update(yTrue, yPred, nil))
			assert.Equal(t, []float64{1, 1}, m.Results())
		}
	}
	m := &AUC{}
	require.NoError(t, m.Update(yTrue, yPred, nil))
	assert.Equal(t, 0.5, m.Result())
}

// Keras takes other axes than the last but fails on the result.
func TestClassesOfIoUAlongAnotherAxis(t *testing.T) {
	t.Parallel()
	scores := []float32{1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0}
	last := tensor.New(tensor.WithShape(1, 4, 3), tensor.WithBacking(scores))
	other := tensor.New(tensor.WithShape(1, 4, 3), tensor.WithBacking([]float32{1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1}))
	turned := func(d *tensor.Dense) *tensor.Dense {
		c := d.Clone().(*tensor.Dense)
		require.NoError(t, c.T(0, 2, 1))
		return c
	}
	straight, across := &OneHotMeanIoU{NumClasses: 3}, &OneHotMeanIoU{NumClasses: 3, Axis: new(1)}
	require.NoError(t, straight.Update(last, other, nil))
	require.NoError(t, across.Update(turned(last), turned(other), nil))
	assert.InDelta(t, (1.0/3+0+0)/3, straight.Result(), 1e-6)
	assert.Equal(t, straight.Result(), across.Result())
}
