package constraints

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type golden struct {
	Class  string
	Config struct {
		MaxValue *float64 `json:"max_value"`
		MinValue float64  `json:"min_value"`
		Rate     *float64 `json:"rate"`
	}
	Axes, Shape []int
	Out         []float32
	in          []float32
}

func (g golden) constraint() Constraint {
	switch g.Class {
	case "NonNeg":
		return NonNeg{}
	case "MaxNorm":
		return MaxNorm{MaxValue: g.Config.MaxValue, Axis: g.Axes}
	case "UnitNorm":
		return UnitNorm{Axis: g.Axes}
	}
	return MinMaxNorm{MinValue: g.Config.MinValue, MaxValue: g.Config.MaxValue, Rate: g.Config.Rate, Axis: g.Axes}
}

func load(t *testing.T) []golden {
	t.Helper()
	raw, err := os.ReadFile("testdata/constraints.json")
	require.NoError(t, err)
	var g struct {
		Weights map[int][]float32 // by number of elements
		Cases   []golden
	}
	require.NoError(t, json.Unmarshal(raw, &g))
	for i := range g.Cases {
		g.Cases[i].in = g.Weights[len(g.Cases[i].Out)]
	}
	return g.Cases
}

func TestConstraintsAreKeras(t *testing.T) {
	t.Parallel()
	classes := map[string]int{}
	for _, g := range load(t) {
		classes[g.Class]++
		w := append([]float32(nil), g.in...)
		c := g.constraint()
		if checked, ok := c.(interface{ Check([]int) error }); ok {
			require.NoError(t, checked.Check(g.Shape), "%+v", c)
		}
		c.Apply(w, g.Shape)
		for i, want := range g.Out {
			require.InDelta(t, want, w[i], 1e-6*max(math.Abs(float64(want)), 1e-3), "%s %+v over %v at %d", g.Class, g.Axes, g.Shape, i)
		}
	}
	assert.Len(t, classes, 4)
}

func TestDefaultsAreKeras(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, g := range load(t) {
		defaults := map[string]Constraint{"MaxNorm": MaxNorm{}, "UnitNorm": UnitNorm{}, "MinMaxNorm": MinMaxNorm{}}
		c, ok := defaults[g.Class]
		if !ok || len(g.Axes) != 1 || g.Axes[0] != 0 {
			continue
		}
		k := g.Config
		if g.Class == "MaxNorm" && *k.MaxValue != 2 || g.Class == "MinMaxNorm" && (*k.MaxValue != 1 || k.MinValue != 0 || *k.Rate != 1) {
			continue
		}
		explicit, byDefault := append([]float32(nil), g.in...), append([]float32(nil), g.in...)
		g.constraint().Apply(explicit, g.Shape)
		c.Apply(byDefault, g.Shape)
		assert.Equal(t, explicit, byDefault, "%T", c)
		seen++
	}
	assert.Equal(t, 12, seen, "three classes over four shapes")
}

func TestChecks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		c interface {
			Constraint
			Check(shape []int) error
		}
		shape []int
		says  string
	}{
		{MaxNorm{Axis: []int{2}}, []int{1, 2}, "MaxNorm: Axis: expected axes of shape [1 2], got 2"},
		{UnitNorm{Axis: []int{-3}}, []int{1, 2}, "UnitNorm: Axis: expected axes of shape [1 2], got -3"},
		{UnitNorm{Axis: []int{0, 2}}, []int{1, 1, 2}, "that follow one another, got [0 2]"},
		{UnitNorm{Axis: []int{}}, []int{2}, "that follow one another, got []"},
		{UnitNorm{}, nil, "axes of shape []"},
		{MaxNorm{MaxValue: new(-1.0)}, []int{2}, "MaxValue: expected 0 or more, got -1"},
		{MinMaxNorm{MinValue: 2}, []int{2}, "expected 0 <= MinValue <= MaxValue, got 2 and 1"},
		{MinMaxNorm{Axis: []int{1}}, []int{2}, "MinMaxNorm: Axis"},
	} {
		require.ErrorContains(t, c.c.Check(c.shape), c.says, "%+v", c.c)
	}
	w := []float32{3, 4}
	UnitNorm{Axis: []int{5}}.Apply(w, []int{2})
	UnitNorm{}.Apply(w, []int{3})
	assert.Equal(t, []float32{3, 4}, w, "what Check refuses is left alone")
}

func TestApplyAllocatesNothing(t *testing.T) {
	w, shape := make([]float32, 3*4*5*6), []int{3, 4, 5, 6}
	for _, c := range []Constraint{NonNeg{}, MaxNorm{Axis: []int{0, 1, 2}}, UnitNorm{}, MinMaxNorm{Axis: []int{-1}}} {
		assert.Zero(t, testing.AllocsPerRun(10, func() { c.Apply(w, shape) }), "%T", c)
	}
}

func BenchmarkMaxNorm(b *testing.B) {
	w := make([]float32, 784*512)
	for i := range w {
		w[i] = 1
	}
	b.SetBytes(int64(4 * len(w)))
	for b.Loop() {
		MaxNorm{}.Apply(w, []int{784, 512})
	}
}
