package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// constant is a check whose losses are all v, but one.
func constant(v, odd float64, sum uint32) *measure {
	a := answer{Checksum: sum}
	total := 0.0
	for i := range 20 {
		loss := v
		if i == 12 {
			loss = odd
		}
		total += loss
		a.Means = append(a.Means, total/float64(i+1))
	}
	return &measure{Side: "other", check: a}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	short := constant(2, 2, 7)
	short.check.Means = short.check.Means[:3]
	for _, c := range []struct {
		name string
		m    *measure
		want string
	}{
		{"equal", constant(2, 2, 7), ""},
		{"one loss within", constant(2, 2.0019, 7), ""},
		{"one loss beyond", constant(2, 2.0021, 7), "loss of step 13: 2.0021, gokeras's 2"},
		{"below", constant(2, 1.9979, 7), "loss of step 13: 1.9979, gokeras's 2"},
		{"other numbers", constant(2, 2, 8), "checksum 00000008, gokeras's 00000007"},
		{"steps missing", short, "losses of 3 steps, gokeras's of 20: expected as many"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := &result{Measures: []*measure{constant(2, 2, 7), c.m}}
			c.m.compare(r.Measures[0])
			if c.want == "" {
				assert.Empty(t, c.m.Error)
				assert.NotEqual(t, "WRONG", r.agreement())
				return
			}
			assert.Contains(t, c.m.Error, c.want)
			assert.Equal(t, "WRONG", r.agreement())
			assert.Len(t, r.wrong(), 1)
		})
	}
}

func TestStepLosses(t *testing.T) {
	t.Parallel()
	assert.InDeltaSlice(t, []float64{4, 2, 9}, stepLosses([]float64{4, 3, 5}), 1e-12)
}

func TestMedian(t *testing.T) {
	t.Parallel()
	assert.Zero(t, median(nil))
	assert.Equal(t, 2.0, median([]float64{9, 1, 2}))
	assert.Equal(t, 3.0, median([]float64{4, 1, 2, 9}))
}

func TestFastestPassesOverWhatWasNotMeasured(t *testing.T) {
	t.Parallel()
	r := &result{Measures: []*measure{{Side: "gokeras", Step: 1}, {Side: "jax"}, {Side: "torch", Step: 7}, {Side: "tensorflow", Step: 5}}}
	assert.Equal(t, 5.0, r.fastest(func(m *measure) float64 { return m.Step }))
	assert.Zero(t, r.fastest(func(m *measure) float64 { return m.Predict }))
}

func TestStatusPeak(t *testing.T) {
	t.Parallel()
	peak, err := statusPeak("Name:\tx\nVmPeak:\t   99 kB\nVmHWM:\t    2048 kB\n")
	assert.NoError(t, err)
	assert.EqualValues(t, 2<<20, peak)
	_, err = statusPeak("VmHWM:\t 3 MB\n")
	assert.ErrorContains(t, err, "expected kB")
	_, err = statusPeak("Name:\tx\n")
	assert.ErrorContains(t, err, "no line VmHWM")
}
