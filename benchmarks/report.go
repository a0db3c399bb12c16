package main

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// A report is what a run found out. Times are in seconds, memory in bytes, rates per second.
type report struct {
	Date      string    `json:"date"`
	CPU       string    `json:"cpu"`
	System    string    `json:"system"`
	Go        string    `json:"go"`
	Keras     string    `json:"keras,omitempty"`
	Python    string    `json:"python,omitempty"`
	Cores     int       `json:"cores"`
	Load      float64   `json:"load"` // average of the minute before the run
	CoreFlops float64   `json:"core_flops"`
	Memory    float64   `json:"memory"` // bytes read and written by copying what no cache holds
	Kernels   string    `json:"kernels"`
	Sides     []*side   `json:"sides"` // gokeras first
	Missing   []missing `json:"missing,omitempty"`
	Models    []*result `json:"models"`
}

// A missing back end could not be imported.
type missing struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

// A result is a model's part of the report.
type result struct {
	Model    string     `json:"model"`
	Title    string     `json:"title"`
	Batch    int        `json:"batch"`
	Steps    int        `json:"steps"`
	Work     work       `json:"work"`
	Copied   float64    `json:"copied"` // bytes per second, of a working set of this size
	Limit    float64    `json:"limit"`
	Measures []*measure `json:"measures"` // by side, gokeras first
}

// A measure is what a side took for a model.
type measure struct {
	Side      string    `json:"side"`
	Step      float64   `json:"step"`
	Epochs    []float64 `json:"epochs"` // each timed epoch's time of a step
	Predict   float64   `json:"predict"`
	OnBatch   float64   `json:"on_batch"`
	Start     float64   `json:"start"` // to the end of the first epoch
	Peak      int64     `json:"peak"`
	Allocs    float64   `json:"allocs,omitempty"`
	Bytes     float64   `json:"bytes,omitempty"`
	Deviation float64   `json:"deviation"` // largest relative difference of a step's loss from gokeras's
	Error     string    `json:"error,omitempty"`

	check answer
}

// tolerance is how far two losses of one step may lie apart, relative to the larger one.
const tolerance = 1e-3

// fail notes the first thing that went wrong.
func (m *measure) fail(err error) {
	if err != nil && m.Error == "" {
		m.Error = err.Error()
	}
}

// compare checks that a side computed what gokeras did, from the same numbers.
func (m *measure) compare(gokeras *measure) {
	if m.Error != "" || gokeras.Error != "" {
		return
	}
	a, b := gokeras.check, m.check
	if a.Checksum != b.Checksum {
		m.fail(errors.Errorf("other data or start weights: checksum %08x, gokeras's %08x", b.Checksum, a.Checksum))
		return
	}
	if len(a.Means) != len(b.Means) || len(a.Means) == 0 {
		m.fail(errors.Errorf("losses of %d steps, gokeras's of %d: expected as many", len(b.Means), len(a.Means)))
		return
	}
	mine, theirs := stepLosses(b.Means), stepLosses(a.Means)
	for i := range mine {
		d := relative(mine[i], theirs[i])
		m.Deviation = max(m.Deviation, d)
		if !(d <= tolerance) {
			m.fail(errors.Errorf("loss of step %d: %.6g, gokeras's %.6g", i+1, mine[i], theirs[i]))
		}
	}
}

// stepLosses are the losses of single steps, from their running means.
func stepLosses(means []float64) []float64 {
	out := make([]float64, len(means))
	before := 0.0
	for i, m := range means {
		sum := m * float64(i+1)
		out[i] = sum - before
		before = sum
	}
	return out
}

// relative is the difference of two numbers in terms of the larger one.
func relative(a, b float64) float64 {
	if a == b {
		return 0
	}
	return math.Abs(a-b) / max(math.Abs(a), math.Abs(b))
}

// wrong are the errors of a model, one for each side.
func (r *result) wrong() (lines []string) {
	for _, m := range r.Measures {
		if m.Error != "" {
			lines = append(lines, m.Side+": "+m.Error)
		}
	}
	return lines
}

// side is the measure of a side; nil: there is none.
func (r *result) side(name string) *measure {
	i := slices.IndexFunc(r.Measures, func(m *measure) bool { return m.Side == name })
	if i < 0 {
		return nil
	}
	return r.Measures[i]
}

// fastest is the least of a value among Keras's back ends; 0: none has it.
func (r *result) fastest(value func(*measure) float64) (least float64) {
	for _, m := range r.Measures[1:] {
		if v := value(m); v > 0 && (least == 0 || v < least) {
			least = v
		}
	}
	return least
}

// median is the middle of some numbers; 0 of none.
func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}
