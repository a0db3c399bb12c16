package metrics

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/gokeras/gokeras/keras/saving"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func configOf(t *testing.T, m Metric) string {
	t.Helper()
	object, err := saving.ToConfig(m)
	require.NoError(t, err)
	text, err := json.Marshal(object["config"])
	require.NoError(t, err)
	return string(text)
}

func TestForOutputs(t *testing.T) {
	t.Parallel()
	a, b, c := &MeanSquaredError{}, &MeanAbsoluteError{}, &Accuracy{}
	one, two := []string{"x"}, []string{"x", "y"}
	for name, k := range map[string]struct {
		given []Metric
		names []string
		want  [][]Metric
		says  string
	}{
		"none":                 {nil, two, [][]Metric{nil, nil}, ""},
		"all to one":           {[]Metric{a, b}, one, [][]Metric{{a, b}}, ""},
		"one each":             {[]Metric{a, b}, two, [][]Metric{{a}, {b}}, ""},
		"too many":             {[]Metric{a, b, c}, two, nil, "expected one for each of 2 outputs, or metrics.Each or metrics.Named, got 3"},
		"too few":              {[]Metric{a}, two, nil, "expected one for each of 2 outputs"},
		"by position":          {[]Metric{Each{{a, b}, nil}}, two, [][]Metric{{a, b}, nil}, ""},
		"by position of one":   {[]Metric{Each{{a, b}}}, one, [][]Metric{{a, b}}, ""},
		"positions missing":    {[]Metric{Each{{a}}}, two, nil, "Each: expected an entry for each of 2 outputs, got 1"},
		"by name":              {[]Metric{Named{"y": {b, a}}}, two, [][]Metric{nil, {b, a}}, ""},
		"by another name":      {[]Metric{Named{"z": {b}}}, two, nil, `Named: output "z": the outputs are ["x" "y"]`},
		"words":                {[]Metric{Word("mse"), Word("acc")}, two, [][]Metric{{&MeanSquaredError{Label: "mse"}}, {&Accuracy{Label: "acc"}}}, ""},
		"words inside":         {[]Metric{Named{"x": {Word("AUC")}}}, one, [][]Metric{{&AUC{Label: "AUC"}}}, ""},
		"unknown word":         {[]Metric{Word("nice")}, one, nil, `output "x": metrics: expected a word for a metric that needs no arguments, such as "accuracy" or "mse", got "nice"`},
		"lists among others":   {[]Metric{Each{{a}}, b}, two, nil, "metrics.Each: expected alone in the list of metrics"},
		"lists inside of them": {[]Metric{Each{{Named{}}, nil}}, two, nil, "metrics.Named: expected alone"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ForOutputs(k.given, k.names)
			if k.says != "" {
				require.ErrorContains(t, err, k.says)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, k.want, got)
		})
	}
}

func TestForOutputsLeavesWhatItIsGiven(t *testing.T) {
	t.Parallel()
	given := []Metric{Each{{Word("mse")}, {Word("mae")}}}
	_, err := ForOutputs(given, []string{"x", "y"})
	require.NoError(t, err)
	assert.Equal(t, []Metric{Each{{Word("mse")}, {Word("mae")}}}, given)
}

func TestListsMeasureNothing(t *testing.T) {
	t.Parallel()
	for _, m := range []Metric{Each{}, Named{}, Word("mse")} {
		m.Reset()
		require.ErrorContains(t, m.Update(floats(2), floats(2), nil), "metrics: ")
		assert.True(t, math.IsNaN(m.Result()))
		assert.NotEmpty(t, m.Name())
	}
	require.ErrorContains(t, Word("mse").Update(nil, nil, nil), `Word "mse" only names a metric; Get returns it`)
}
