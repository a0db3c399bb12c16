package metrics

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

type numbers struct {
	Shape   []int
	Data    []float64
	Integer bool
}

// dense returns the array as Keras had it: float32, or an integer type.
func (n numbers) dense() *tensor.Dense {
	if n.Integer {
		data := make([]int64, len(n.Data))
		for i, v := range n.Data {
			data[i] = int64(v)
		}
		return tensor.New(tensor.WithShape(n.Shape...), tensor.WithBacking(data))
	}
	data := make([]float32, len(n.Data))
	for i, v := range n.Data {
		data[i] = float32(v)
	}
	return tensor.New(tensor.WithShape(n.Shape...), tensor.WithBacking(data))
}

type golden struct {
	Batches map[string][][2]numbers
	Weights [][]float32
	Cases   []struct {
		Batches, Class, Name, Resolved string
		Weighted                       bool
		Threshold                      *float64
		K                              int
		Results                        []float64
	}
	Flat []struct {
		Class   string
		Results []float64
	}
	Directions map[string]struct{ Name, Direction string }
}

func load(t *testing.T) golden {
	t.Helper()
	raw, err := os.ReadFile("testdata/metrics.json")
	require.NoError(t, err)
	var g golden
	require.NoError(t, json.Unmarshal(raw, &g))
	return g
}

func all() []Metric {
	return []Metric{
		&Mean{}, &Accuracy{}, &BinaryAccuracy{}, &CategoricalAccuracy{}, &SparseCategoricalAccuracy{},
		&TopKCategoricalAccuracy{}, &MeanSquaredError{}, &MeanAbsoluteError{}, &RootMeanSquaredError{},
	}
}

func class(m Metric) string { return reflect.TypeOf(m).Elem().Name() }

func byClass(t *testing.T, name string) Metric {
	t.Helper()
	for _, m := range all() {
		if class(m) == name {
			return m
		}
	}
	require.Fail(t, "no metric "+name)
	return nil
}

func TestResultsAreKeras(t *testing.T) {
	t.Parallel()
	g := load(t)
	seen := map[string]bool{}
	for _, c := range g.Cases {
		m := byClass(t, c.Class)
		seen[c.Class] = true
		switch m := m.(type) {
		case *BinaryAccuracy:
			m.Threshold = c.Threshold
		case *TopKCategoricalAccuracy:
			m.K = c.K
		}
		assert.Equal(t, c.Name, m.Name())
		for round := range 2 {
			for i, want := range c.Results {
				var w []float32
				if c.Weighted {
					w = g.Weights[i]
				}
				pair := g.Batches[c.Batches][i]
				require.NoError(t, m.Update(pair[0].dense(), pair[1].dense(), w), "%s over %s", c.Class, c.Batches)
				assert.InDelta(t, want, m.Result(), 1e-6, "%s over %s, weighted %v, batch %d, round %d", c.Class, c.Batches, c.Weighted, i, round)
			}
			m.Reset()
			assert.Zero(t, m.Result())
		}
	}
	for _, m := range all() {
		assert.True(t, seen[class(m)], class(m))
	}
}

func TestBatchesOfRankOneAreKeras(t *testing.T) {
	t.Parallel()
	g := load(t)
	require.Len(t, g.Flat, 3)
	for _, c := range g.Flat {
		m := byClass(t, c.Class)
		for i, want := range c.Results {
			pair := g.Batches["regression_1"][i]
			p, q := pair[0], pair[1]
			p.Shape, q.Shape = p.Shape[:1], q.Shape[:1]
			require.NoError(t, m.Update(q.dense(), p.dense(), nil))
			assert.InDelta(t, want, m.Result(), 1e-6, "%s batch %d", c.Class, i)
		}
	}
	require.ErrorContains(t, (&MeanSquaredError{}).Update(floats([]int{2}), floats([]int{2}), []float32{1, 1}), "expected rank 2 or more together with weights")
}

func TestDefaultsAndDirectionsAreKeras(t *testing.T) {
	t.Parallel()
	g := load(t)
	for _, m := range all() {
		want := g.Directions[class(m)]
		assert.Equal(t, want.Name, m.Name())
		direction := map[string]string{"max": "up", "min": "down"}
		d, ok := m.(interface{ Direction() string })
		if !ok {
			assert.Empty(t, want.Direction, class(m))
			continue
		}
		assert.Equal(t, want.Direction, direction[d.Direction()], class(m))
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
func floats(shape []int) *tensor.Dense {
	data := make([]float32, tensor.Shape(shape).TotalSize())
	for i := range data {
		data[i] = float32(i % 2)
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
}

func TestErrorsLeaveTheMetricAlone(t *testing.T) {
	t.Parallel()
	words := tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]string{"a", "b"}))
	for _, c := range []struct {
		m      Metric
		yT, yP *tensor.Dense
		weight []float32
		says   string
	}{
		{&Accuracy{}, nil, floats([]int{2, 1}), nil, "accuracy: yTrue: expected an array, got nil"},
		{&Accuracy{}, floats([]int{2, 1}), nil, nil, "accuracy: yPred: expected an array, got nil"},
		{&Accuracy{}, tensor.New(tensor.FromScalar(float32(1))), floats([]int{2, 1}), nil, "expected a batch axis, got yTrue ()"},
		{&Accuracy{}, floats([]int{2, 4}), floats([]int{2, 3}), nil, "expected one-hot labels of shape (2, 3), got yTrue (2, 4)"},
		{&Accuracy{}, floats([]int{2, 4}), floats([]int{2, 1}), nil, "expected equal shapes"},
		{&BinaryAccuracy{}, floats([]int{2, 1}), floats([]int{3, 1}), nil, "expected as many samples in both, got yTrue (2, 1) and yPred (3, 1)"},
		{&BinaryAccuracy{}, words, floats([]int{2, 1}), nil, "yTrue: expected a numeric array"},
		{&MeanSquaredError{}, floats([]int{2, 2}), floats([]int{2, 1}), nil, "expected equal shapes, got yTrue (2, 2) and yPred (2, 1)"},
		{&MeanAbsoluteError{}, floats([]int{2, 2}), floats([]int{2, 2}), []float32{1}, "expected 2 weights, one per sample, got 1"},
		{&RootMeanSquaredError{}, floats([]int{2, 2}), floats([]int{2, 3}), nil, "expected equal shapes"},
		{&RootMeanSquaredError{Label: "e"}, floats([]int{1, 2}), floats([]int{2, 2}), nil, "metrics: e: "},
		{&CategoricalAccuracy{}, floats([]int{2}), floats([]int{2}), nil, "expected predictions [batch, ..., classes], got yPred (2)"},
		{&SparseCategoricalAccuracy{}, floats([]int{2, 3}), floats([]int{2, 3}), nil, "expected labels of shape (2), got yTrue (2, 3)"},
		{&TopKCategoricalAccuracy{K: -1}, floats([]int{2, 3}), floats([]int{2, 3}), nil, "K: expected above 0, got -1"},
		{&TopKCategoricalAccuracy{}, floats([]int{2}), floats([]int{2, 3}), nil, "expected one-hot labels"},
		{&Mean{}, nil, nil, nil, "mean: yPred: expected an array"},
	} {
		require.ErrorContains(t, c.m.Update(c.yT, c.yP, c.weight), c.says, "%T", c.m)
		assert.Zero(t, c.m.Result(), "%T", c.m)
	}
	m := &Mean{}
	require.NoError(t, m.Add(3, 2))
	require.NoError(t, m.Add(6, 1))
	require.ErrorContains(t, m.Add(1, -1), "expected a weight of 0 or more, got -1")
	assert.Equal(t, 4.0, m.Result())
}

func TestAccuracyKeepsItsKind(t *testing.T) {
	t.Parallel()
	m := &Accuracy{}
	require.Error(t, m.Update(floats([]int{2, 4}), floats([]int{2, 3}), nil), "a batch that fails decides nothing")
	require.NoError(t, m.Update(floats([]int{2}), floats([]int{2, 3}), nil))
	m.Reset()
	require.ErrorContains(t, m.Update(floats([]int{2, 3}), floats([]int{2, 3}), nil), "expected labels of shape (2)")
}

func TestUpdatesAllocateNothing(t *testing.T) {
	for _, m := range all() {
		yTrue, yPred := floats([]int{8, 6}), floats([]int{8, 6})
		if class(m) == "SparseCategoricalAccuracy" {
			yTrue = tensor.New(tensor.WithShape(8), tensor.WithBacking([]uint8{0, 1, 2, 3, 4, 5, 0, 1}))
		}
		weight := []float32{1, 1, 1, 1, 2, 2, 2, 2}
		require.NoError(t, m.Update(yTrue, yPred, weight))
		assert.Zero(t, testing.AllocsPerRun(10, func() { _ = m.Update(yTrue, yPred, weight) }), class(m))
	}
}

func BenchmarkSparseCategoricalAccuracy(b *testing.B) {
	yTrue := tensor.New(tensor.WithShape(128), tensor.WithBacking(make([]uint8, 128)))
	yPred := floats([]int{128, 10})
	m := &SparseCategoricalAccuracy{}
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Update(yTrue, yPred, nil); err != nil {
			b.Fatal(err)
		}
	}
}
