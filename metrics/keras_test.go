package metrics

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"testing"

	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// An answers is the fixture that internal/golden/metrics.py writes.
type answers struct {
	Cases []answer
	Names map[string][2]string // class to name and direction
	Words map[string][2]string // word to class and name
}

// An answer is a metric with Keras's results after each batch. The last batch has none where Keras refused it.
type answer struct {
	Class, Resolved string
	Object          any // a config or a word; nil: MeanMetricWrapper, of squared errors
	Batches         []batchOf
	Refused         bool
}

type batchOf struct {
	yTrue, yPred, weight *tensor.Dense
	results              []float64 // NaN is Keras's
	refused              bool
}

func (b *batchOf) UnmarshalJSON(raw []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil {
		return err
	}
	for i, d := range []**tensor.Dense{&b.yTrue, &b.yPred, &b.weight} {
		var err error
		if *d, err = denseOf(parts[i]); err != nil {
			return err
		}
	}
	if b.refused = len(parts) == 3; b.refused {
		return nil
	}
	var all []*float64
	if parts[3][0] != '[' {
		parts[3] = append(append([]byte{'['}, parts[3]...), ']')
	}
	err := json.Unmarshal(parts[3], &all)
	for _, v := range all {
		b.results = append(b.results, optional.Or(v, math.NaN()))
	}
	return err
}

func denseOf(raw json.RawMessage) (*tensor.Dense, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil || parts == nil {
		return nil, err
	}
	var shape []int
	var dtype string
	var data []float64
	for i, into := range []any{&shape, &dtype, &data} {
		if err := json.Unmarshal(parts[i], into); err != nil {
			return nil, err
		}
	}
	var backing any
	switch dtype {
	case "float32":
		backing = converted(data, func(v float64) float32 { return float32(v) })
	case "int32":
		backing = converted(data, func(v float64) int32 { return int32(v) })
	case "bool":
		backing = converted(data, func(v float64) bool { return v != 0 })
	default:
		return nil, errors.Errorf("element type %q", dtype)
	}
	if len(shape) == 0 {
		return tensor.New(tensor.FromScalar(reflect.ValueOf(backing).Index(0).Interface())), nil
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing)), nil
}

func converted[T any](data []float64, to func(float64) T) []T {
	out := make([]T, len(data))
	for i, v := range data {
		out[i] = to(v)
	}
	return out
}

func read(t *testing.T) answers {
	t.Helper()
	file, err := os.Open("testdata/metrics.json.gz")
	require.NoError(t, err)
	defer func() { assert.NoError(t, file.Close()) }()
	r, err := gzip.NewReader(file)
	require.NoError(t, err)
	var a answers
	require.NoError(t, json.NewDecoder(r).Decode(&a))
	require.NotEmpty(t, a.Cases)
	return a
}

// metric is made from Keras's config, as it would be on loading.
func (a answer) metric(t *testing.T) Metric {
	t.Helper()
	if a.Object == nil {
		return &MeanMetricWrapper{Fn: squareDifferences}
	}
	if word, ok := a.Object.(string); ok {
		m, err := Get(word)
		require.NoError(t, err)
		return m
	}
	m, err := saving.Decode[Metric](a.Object)
	require.NoError(t, err, "%v", a.Object)
	return m
}

func squareDifferences(yTrue, yPred *tensor.Dense) (*tensor.Dense, error) {
	d, err := yTrue.Sub(yPred)
	if err != nil {
		return nil, err
	}
	return d.Mul(d)
}

// results are those of a metric, whether it is one number or several.
func results(m Metric) []float64 {
	if v, ok := m.(Vector); ok {
		return v.Results()
	}
	return []float64{m.Result()}
}

func requireNear(t *testing.T, want, got []float64, what string) {
	t.Helper()
	require.Len(t, got, len(want), what)
	for i, v := range want {
		if math.IsNaN(v) {
			require.True(t, math.IsNaN(got[i]), "%s: expected NaN, got %v", what, got)
			continue
		}
		// R2 is 1 minus a ratio, and it is the ratio that float32 rounds.
		require.InDelta(t, v, got[i], tolerance*(1+math.Abs(v)), "%s: expected %v, got %v", what, want, got)
	}
}

// tolerance is what Keras's float32 allows.
const tolerance = 1e-6

func TestResultsAreKeras(t *testing.T) {
	t.Parallel()
	for i, c := range read(t).Cases {
		t.Run(fmt.Sprint(c.Class, " ", i), func(t *testing.T) {
			m := c.metric(t)
			for round := range 2 {
				for n, b := range c.Batches {
					what := fmt.Sprintf("round %d, batch %d, %v", round, n, c.Object)
					before := results(m)
					err := m.Update(b.yTrue, b.yPred, b.weight)
					if b.refused {
						require.Error(t, err, what)
						if n > 0 {
							requireNear(t, before, results(m), what)
						}
						continue
					}
					require.NoError(t, err, what)
					requireNear(t, b.results, results(m), what)
					requireNear(t, []float64{meanOf(results(m))}, []float64{m.Result()}, what)
				}
				m.Reset()
				assert.Zero(t, m.Result(), "after Reset")
			}
		})
	}
}
