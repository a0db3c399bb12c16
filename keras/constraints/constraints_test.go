package constraints

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
		{UnitNorm{Axis: []int{0, -2}}, []int{1, 2}, "UnitNorm: Axis: expected each axis of shape [1 2] once, got [0 -2]"},
		{UnitNorm{Axis: []int{0}, AllAxes: true}, []int{2}, "expected Axis or AllAxes, got both: [0] and true"},
		{UnitNorm{}, make([]int, 17), "expected 16 axes at most, got 17"},
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
	UnitNorm{}.Apply(w, nil)
	UnitNorm{}.Apply(nil, []int{0, 2})
	assert.Equal(t, []float32{3, 4}, w, "what Check refuses is left alone")
}

func TestApplyAllocatesNothing(t *testing.T) {
	w, shape := make([]float32, 3*4*5*6), []int{3, 4, 5, 6}
	for _, c := range []Constraint{NonNeg{}, MaxNorm{Axis: []int{0, 1, 2}}, UnitNorm{}, MinMaxNorm{Axis: []int{-1}}, UnitNorm{Axis: []int{0, 2}}, MaxNorm{AllAxes: true}} {
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
