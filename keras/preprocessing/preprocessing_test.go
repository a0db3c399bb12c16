package preprocessing

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func TestStandardScalerAgainstANaiveLoop(t *testing.T) {
	t.Parallel()
	x := tensor.New(tensor.WithShape(4, 3), tensor.WithBacking([]float64{1, 7, 0.1, 2, 7, 0.1, 3, 7, 0.1, 6, 7, 0.1}))
	var s StandardScaler
	require.NoError(t, s.Fit(x))
	assert.InDeltaSlice(t, []float64{3, 7, 0.1}, s.Mean, 1e-15)
	assert.InDeltaSlice(t, []float64{math.Sqrt((4 + 1 + 0 + 9) / 4.0), 1, 1}, s.Scale, 1e-15, "constant features have scale 1")

	tenths := make([]float64, 10)
	for i := range tenths {
		tenths[i] = 0.1
	}
	var rounded StandardScaler
	require.NoError(t, rounded.Fit(tensor.New(tensor.WithShape(10, 1), tensor.WithBacking(tenths))))
	assert.NotEqual(t, 0.1, rounded.Mean[0], "the mean of ten tenths is rounded")
	assert.Equal(t, 1.0, rounded.Scale[0])

	raw, err := json.Marshal(s)
	require.NoError(t, err)
	var again StandardScaler
	require.NoError(t, json.Unmarshal(raw, &again))
	assert.Equal(t, s, again)
}

func TestStandardScalerErrors(t *testing.T) {
	t.Parallel()
	two := tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]float32{1, 2}))
	s := &StandardScaler{Mean: []float64{5}, Scale: []float64{1}}
	_, err := s.Transform(two)
	require.ErrorContains(t, err, "Transform: expected 1 features as in Fit, got 2")
	_, err = (&StandardScaler{}).InverseTransform(two)
	require.ErrorContains(t, err, "InverseTransform: expected 0 features")
	_, err = s.Transform(nil)
	require.ErrorContains(t, err, "got nil")
	require.ErrorContains(t, s.Fit(tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{1, 2}))), "expected [samples, features], got shape (2)")
	bad := tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float64{1, 2, 3, math.Inf(1)}))
	require.ErrorContains(t, s.Fit(bad), "x[1, 1]: expected a finite number, got +Inf")
	assert.Equal(t, []float64{5}, s.Mean, "a failed Fit changes nothing")
}

func TestToCategoricalErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		labels  any
		classes int
		says    string
	}{
		{[]int32{0, 3}, 3, "label 1: expected a whole number in [0, 3), got 3"},
		{[]int32{-1, 0}, 0, "label 0: expected a whole number in [0, 1), got -1"},
		{[]int32{-5, -1}, 0, "got -5"},
		{[]float32{0.5, 1}, 0, "got 0.5"},
		{[]float64{math.NaN(), 1}, 3, "got NaN"},
		{[]int32{0, 1}, -2, "numClasses: expected 0 or more, got -2"},
		{[]string{"a", "b"}, 2, "expected a numeric array"},
		{[]float64{math.NaN(), 1}, 0, "got NaN"},
		{[]float64{1, 1e18}, 0, "got 1e+18"},
		{[]int32{0, 1 << 30}, 0, "expected at most 1073741824 values"},
		{[]int32{0, 1}, math.MaxInt, "expected at most 1073741824 values"},
	} {
		_, err := ToCategorical(tensor.New(tensor.WithShape(2), tensor.WithBacking(c.labels)), c.classes)
		require.ErrorContains(t, err, c.says)
	}
}

func TestTrainTestSplit(t *testing.T) {
	t.Parallel()
	const n = 103
	ids, names := make([]int32, n), make([]string, 2*n)
	for i := range ids {
		ids[i], names[2*i], names[2*i+1] = int32(i), fmt.Sprint(i), "x"
	}
	x := tensor.New(tensor.WithShape(n), tensor.WithBacking(ids))
	y := tensor.New(tensor.WithShape(n, 2), tensor.WithBacking(names))
	train, test, err := TrainTestSplit(1, 0.25, x, y)
	require.NoError(t, err)
	assert.Equal(t, tensor.Shape{26}, test[0].Shape(), "a quarter of 103, rounded up")
	assert.Equal(t, tensor.Shape{77, 2}, train[1].Shape())
	assert.ElementsMatch(t, ids, append(append([]int32(nil), train[0].Int32s()...), test[0].Int32s()...), "each slice in one set")
	for i, id := range test[0].Int32s() {
		assert.Equal(t, fmt.Sprint(id), test[1].Strings()[2*i], "arrays stay together")
	}
	assert.NotEqual(t, ids[:26], test[0].Int32s())

	_, again, err := TrainTestSplit(1, 0.25, x)
	require.NoError(t, err)
	assert.Equal(t, test[0].Data(), again[0].Data())
	_, other, err := TrainTestSplit(2, 0.25, x)
	require.NoError(t, err)
	assert.NotEqual(t, test[0].Data(), other[0].Data())

	for _, c := range []struct {
		size   float64
		arrays []*tensor.Dense
		says   string
	}{
		{0.5, nil, "expected at least one array"},
		{0, []*tensor.Dense{x}, "testSize: expected a share in (0, 1)"},
		{1, []*tensor.Dense{x}, "got 1"},
		{0.999, []*tensor.Dense{x}, "103 slices, got 0.999"},
		{math.NaN(), []*tensor.Dense{x}, "got NaN"},
		{0.5, []*tensor.Dense{x, nil}, "array 1: expected one with a first axis"},
		{0.5, []*tensor.Dense{x, test[0]}, "array 1: expected 103 slices as in the first, got 26"},
		{0.5, []*tensor.Dense{tensor.New(tensor.WithShape(2), tensor.WithBacking([]complex64{1, 2}))}, "array 0: expected an array of numbers"},
	} {
		_, _, err := TrainTestSplit(1, c.size, c.arrays...)
		require.ErrorContains(t, err, c.says)
	}
}
