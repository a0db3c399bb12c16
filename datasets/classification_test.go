package datasets

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func TestMakeClassificationFeatures(t *testing.T) {
	t.Parallel()
	const n, width = 600, 9
	s, err := MakeClassification(Classification{
		NSamples: n, NFeatures: width, NInformative: 2, NRedundant: new(3), NRepeated: 2, NClasses: 3, NClustersPerClass: 1,
		FlipY: new(0.0), ClassSep: new(5.0), Shuffle: new(false), Seed: 4,
	})
	require.NoError(t, err)
	require.Equal(t, tensor.Shape{n, width}, s.X.Shape())
	x := numbers(t, s.X)
	at := func(i, k int) float64 { return x[i*width+k] }
	for i, y := range s.Y.Int32s() {
		assert.EqualValues(t, i/200, y)
	}
	// Redundant features are sums of the two informative ones: two samples give the coefficients for all others.
	for k := 2; k < 5; k++ {
		det := at(0, 0)*at(300, 1) - at(300, 0)*at(0, 1)
		a := (at(0, k)*at(300, 1) - at(300, k)*at(0, 1)) / det
		b := (at(0, 0)*at(300, k) - at(300, 0)*at(0, k)) / det
		assert.LessOrEqual(t, max(math.Abs(a), math.Abs(b)), 1.0)
		for i := range n {
			assert.InDelta(t, a*at(i, 0)+b*at(i, 1), at(i, k), 1e-3)
		}
	}
	for k := 5; k < 7; k++ {
		original := -1
		for l := range 5 {
			if at(0, l) == at(0, k) {
				original = l
			}
		}
		require.GreaterOrEqual(t, original, 0)
		for i := range n {
			assert.Equal(t, at(i, original), at(i, k))
		}
	}
	// Each class lies at a corner of its own.
	seen := map[[2]bool]bool{}
	for class := range 3 {
		var corner [2]bool
		for k := range 2 {
			mean := 0.0
			for i := class * 200; i < (class+1)*200; i++ {
				mean += at(i, k) / 200
			}
			// The deviation is at most that of two normal numbers, over 200 samples.
			assert.InDelta(t, 5, math.Abs(mean), 5*math.Sqrt2/math.Sqrt(200))
			corner[k] = mean > 0
		}
		assert.False(t, seen[corner])
		seen[corner] = true
	}
	for k := 7; k < 9; k++ {
		mean, square := 0.0, 0.0
		for i := range n {
			mean += at(i, k) / n
			square += at(i, k) * at(i, k) / n
		}
		assert.InDelta(t, 0, mean, 5/math.Sqrt(n))
		assert.InDelta(t, 1, square, 5*math.Sqrt(2.0/n))
	}
}

func TestMakeClassificationShares(t *testing.T) {
	t.Parallel()
	count := func(c Classification) []int {
		s, err := MakeClassification(c)
		require.NoError(t, err)
		counts := make([]int, max(c.NClasses, 2))
		for _, y := range s.Y.Int32s() {
			counts[y]++
		}
		return counts
	}
	for _, seed := range []uint64{0, 1, 2} {
		assert.Equal(t, []int{50, 50}, count(Classification{FlipY: new(0.0), Seed: seed}))
		assert.Equal(t, []int{20, 80}, count(Classification{FlipY: new(0.0), Weights: []float64{0.2}, Seed: seed}))
		assert.Equal(t, []int{6, 0, 4}, count(Classification{
			NSamples: 10, NClasses: 3, NClustersPerClass: 1, FlipY: new(0.0), Weights: []float64{0.6, 0, 0.4}, Seed: seed,
		}))
		// One cluster more than divides: 7 samples in 4 clusters of the classes 0, 1, 0, 1.
		assert.Equal(t, []int{4, 3}, count(Classification{NSamples: 7, FlipY: new(0.0), Seed: seed}))
	}
	// All classes drawn anew: 10,000 throws of a coin, five standard errors.
	flipped := count(Classification{NSamples: 10000, FlipY: new(1.0), Weights: []float64{1, 0}, NInformative: 3})
	assert.InDelta(t, 5000, flipped[0], 250)
}

func TestMakeClassificationDraws(t *testing.T) {
	t.Parallel()
	c := Classification{NSamples: 40, NFeatures: 30, NInformative: 20, NClasses: 5, Hypercube: new(false), Seed: 9}
	get := func(c Classification) []float64 {
		s, err := MakeClassification(c)
		require.NoError(t, err)
		return numbers(t, s.X)
	}
	plain := get(c)
	assert.Equal(t, plain, get(c))
	other := c
	other.Seed++
	assert.NotEqual(t, plain, get(other))
	scaled := c
	scaled.Shift, scaled.Scale = 3, new(-2.0)
	for i, v := range get(scaled) {
		assert.InDelta(t, (plain[i]+3)*-2, v, 1e-4)
	}
	ordered := c
	ordered.Shuffle = new(false)
	x := get(ordered)
	assert.NotEqual(t, plain, x)
	assert.ElementsMatch(t, plain, x)

	corners, err := c.withDefaults()
	require.NoError(t, err)
	drawn := corners.drawCorners()
	assert.Len(t, drawn, 10)
	upper := 0
	for i, a := range drawn {
		for j, b := range drawn {
			assert.Equal(t, i == j, assert.ObjectsAreEqual(a, b))
		}
		for _, u := range a {
			if u {
				upper++
			}
		}
	}
	assert.InDelta(t, 100, upper, 5*math.Sqrt(50))
}

func TestMakeClassificationArguments(t *testing.T) {
	t.Parallel()
	s, err := MakeClassification(Classification{})
	require.NoError(t, err)
	assert.Equal(t, tensor.Shape{100, 20}, s.X.Shape())
	for says, c := range map[string]Classification{
		"NSamples: expected 0 or more":                         {NSamples: -1},
		"NInformative: expected 0 or more":                     {NInformative: -1},
		"NClasses: expected 0 or more":                         {NClasses: -1},
		"NFeatures: expected at least NInformative, ":          {NFeatures: 3},
		"got 20 for 2, -1 and 0":                               {NRedundant: new(-1)},
		"expected at most 2^NInformative clusters, got 6 for ": {NClasses: 3},
		"4096 features":                                        {NFeatures: 5000},
		"FlipY: expected a share in [0, 1], got 1.5":           {FlipY: new(1.5)},
		"expected finite numbers, got NaN":                     {ClassSep: new(math.NaN())},
		"Weights: expected shares of 0 or more, got [-1 2]":    {Weights: []float64{-1, 2}},
		"Weights: expected 2 shares, or all but":               {Weights: []float64{0.1, 0.2, 0.7}},
		"add up to 1 at most, got [0.9 0.9]":                   {Weights: []float64{0.9, 0.9}},
		"add up to 1 at most, got [1.5]":                       {Weights: []float64{1.5}},
	} {
		_, err := MakeClassification(c)
		require.ErrorContains(t, err, "datasets: MakeClassification: ")
		require.ErrorContains(t, err, says)
	}
}
