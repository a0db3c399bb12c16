package datasets

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/keras/preprocessing"
)

func TestSetsAreScikitLearns(t *testing.T) {
	t.Parallel()
	want := load(t).Scikit
	for name, get := range map[string]func() (Split, error){
		"iris": Iris, "wine": Wine, "breast_cancer": BreastCancer, "digits": Digits, "diabetes": Diabetes, "diabetes_raw": DiabetesRaw,
	} {
		s, err := get()
		require.NoError(t, err, name)
		g := want[name]
		require.Equal(t, tensor.Shape(g.Shape), s.X.Shape(), name)
		require.Equal(t, tensor.Shape(g.Shape[:1]), s.Y.Shape(), name)
		assert.Equal(t, g.Features, s.FeatureNames, name)
		if len(g.Classes) == 0 {
			assert.Nil(t, s.TargetNames, name)
		} else {
			assert.Equal(t, g.Classes, s.TargetNames, name)
		}
		// Files are read exactly; scaling rounds.
		tolerance := 0.0
		if name == "diabetes" {
			tolerance = 1e-15
		}
		x, width := s.X.Float64s(), g.Shape[1]
		assert.InDeltaSlice(t, g.First, x[:width], tolerance, name)
		assert.InDeltaSlice(t, g.Last, x[len(x)-width:], tolerance, name)
		columns := make([]float64, width)
		for i, v := range x {
			columns[i%width] += v
		}
		assert.InDeltaSlice(t, g.Columns, columns, 1e-13*math.Abs(g.Sum)+1e-9, name)
		assert.InDelta(t, g.Sum, weighted(x), 1e-12*math.Abs(g.Sum)+1e-9, name)
		assert.Equal(t, g.Target, weighted(numbers(t, s.Y)), name)
	}
}

func TestTablesAreTheFiles(t *testing.T) {
	t.Parallel()
	want := load(t).Tables
	for name, get := range map[string]func() (*preprocessing.Table, error){
		"penguins": Penguins, "cars": Cars, "weather": Weather, "sunspots": Sunspots, "co2": CO2,
	} {
		table, err := get()
		require.NoError(t, err, name)
		g := want[name]
		require.Equal(t, g.Rows, table.Len(), name)
		require.Len(t, table.Columns, len(g.Columns), name)
		for k, c := range g.Columns {
			got, err := table.Column(c.Name)
			require.NoError(t, err, name)
			assert.Equal(t, c.Name, table.Columns[k].Name, name)
			missing, length, distinct, sum := 0, 0, map[string]bool{}, make([]float64, got.Len())
			for _, v := range got.Texts {
				distinct[v] = true
				length += len([]rune(v))
				if v == "" {
					missing++
				}
			}
			for i, v := range got.Numbers {
				if math.IsNaN(v) {
					missing++
				} else {
					sum[i] = v
				}
			}
			assert.Equal(t, c.Missing, missing, c.Name)
			assert.InDelta(t, c.Sum, weighted(sum), 1e-12*math.Abs(c.Sum), c.Name)
			if got.Texts != nil {
				assert.Equal(t, []any{c.Length, c.Distinct, c.First, c.Last}, []any{length, len(distinct), got.Texts[0], got.Texts[got.Len()-1]}, c.Name)
			}
		}
	}
}

func TestTextsAreTheFiles(t *testing.T) {
	t.Parallel()
	want := load(t).Texts
	s, err := MovieSentences()
	require.NoError(t, err)
	x := s.X.Data().([]string)
	assert.Equal(t, tensor.Shape{want.Sentences}, s.X.Shape())
	assert.Equal(t, []string{want.First, want.Last}, []string{x[0], x[len(x)-1]})
	for i, n := range want.Lengths {
		assert.Len(t, x[i], n)
	}
	positive := 0
	for i, y := range s.Y.Int32s() {
		positive += int(y)
		assert.Equal(t, i < want.Positive, y == 1)
	}
	assert.Equal(t, want.Positive, positive)

	book, err := MobyDick()
	require.NoError(t, err)
	assert.Len(t, book, want.Bytes)
	assert.Equal(t, want.Whales, strings.Count(strings.ToLower(book), "whale"))
	assert.True(t, strings.HasSuffix(book, want.Ending))
}

func TestTablesRefuseBrokenFiles(t *testing.T) {
	t.Parallel()
	fields := []field{{"a", true}, {"b", false}}
	table, err := csvTable("a,b\nx,1\n,\n", fields)
	require.NoError(t, err)
	assert.Equal(t, []string{"x", ""}, table.Columns[0].Texts)
	assert.True(t, math.IsNaN(table.Columns[1].Numbers[1]))
	for says, file := range map[string]string{
		"wrong number of fields": "a,b\nx\n",
		"first line of 2 names":  "a\nx\n",
		"csv: line 2":            "a,b\nx,y\n",
	} {
		_, err := csvTable(file, fields)
		require.ErrorContains(t, err, says)
	}
	table, err = jsonTable(`[{"a": "x", "b": 1}, {"a": null}]`, fields)
	require.NoError(t, err)
	assert.Equal(t, []string{"x", ""}, table.Columns[0].Texts)
	assert.True(t, math.IsNaN(table.Columns[1].Numbers[1]))
	for says, file := range map[string]string{
		"json: unexpected end":     "[",
		"json: row 0: a: expected": `[{"a": 1, "b": 1}]`,
		"json: row 0: b: expected": `[{"a": "x", "b": "y"}]`,
	} {
		_, err := jsonTable(file, fields)
		require.ErrorContains(t, err, says)
	}
	_, err = classified([][]float64{{1, 2}}, []string{"f"}, []string{"c"})
	require.ErrorContains(t, err, "row 0: expected a class below 1, got 2")
	_, err = classified([][]float64{{1, 2, 0}}, []string{"f"}, []string{"c"})
	require.ErrorContains(t, err, "row 0: expected 2 columns, got 3")
}
