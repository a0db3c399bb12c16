// Package constraints holds projections that weights go through after each step, by Keras's names.
//
// A constraint is a value without state. Those that limit norms take them along Axis: 0, the default, is the inputs of a dense kernel
// [in, out], so that each unit's weights have one norm; {0, 1, 2} is each filter of a convolution kernel [height, width, in, out].
package constraints

import (
	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/optional"
)

// A Constraint changes w, the row-major values of a weight of the given shape, in place. It does not allocate.
//
// A constraint with a method Check(shape []int) error has it called once, when the weight is made: a shape that Check refuses is left
// alone by Apply.
type Constraint interface {
	Apply(w []float32, shape []int)
}

// epsilon is Keras's backend.epsilon.
const epsilon = float32(1e-7)

// NonNeg replaces negative weights by 0.
//
// Source: keras.constraints.NonNeg.
type NonNeg struct{}

// Apply implements [Constraint].
func (NonNeg) Apply(w []float32, _ []int) {
	for i, v := range w {
		w[i] = max(v, 0)
	}
}

// MaxNorm scales weights down to a norm of at most MaxValue.
//
// Source: keras.constraints.MaxNorm; Srivastava et al. 2014.
type MaxNorm struct {
	MaxValue *float64 // nil: 2
	Axis     []int    // nil: {0}; none, but not nil: each element by itself
	AllAxes  bool     `keras:"-"` // false; true: Keras's axis None, one norm for the whole weight
}

// Apply implements [Constraint].
func (c MaxNorm) Apply(w []float32, shape []int) {
	limit := float32(optional.Or(c.MaxValue, 2))
	axes{c.Axis, c.AllAxes}.rescale(w, shape, func(norm float32) float32 {
		return min(norm, limit) / (epsilon + norm)
	})
}

// Check returns an error for a shape that does not have the axes, or a negative MaxValue.
func (c MaxNorm) Check(shape []int) error {
	if v := optional.Or(c.MaxValue, 2); !(v >= 0) {
		return errors.Errorf("constraints: MaxNorm: MaxValue: expected 0 or more, got %v", v)
	}
	return axes{c.Axis, c.AllAxes}.check("MaxNorm", shape)
}

// UnitNorm scales weights to a norm of 1.
//
// Source: keras.constraints.UnitNorm.
type UnitNorm struct {
	Axis    []int // nil: {0}; none, but not nil: each element by itself
	AllAxes bool  `keras:"-"` // false; true: Keras's axis None, one norm for the whole weight
}

// Apply implements [Constraint].
func (c UnitNorm) Apply(w []float32, shape []int) {
	axes{c.Axis, c.AllAxes}.rescale(w, shape, func(norm float32) float32 { return 1 / (epsilon + norm) })
}

// Check returns an error for a shape that does not have the axes.
func (c UnitNorm) Check(shape []int) error { return axes{c.Axis, c.AllAxes}.check("UnitNorm", shape) }

// MinMaxNorm scales weights to a norm between MinValue and MaxValue, a share Rate of the way in each step.
//
// Source: keras.constraints.MinMaxNorm.
type MinMaxNorm struct {
	MinValue float64  // 0
	MaxValue *float64 // nil: 1
	Rate     *float64 // nil: 1
	Axis     []int    // nil: {0}; none, but not nil: each element by itself
	AllAxes  bool     `keras:"-"` // false; true: Keras's axis None, one norm for the whole weight
}

// Apply implements [Constraint].
func (c MinMaxNorm) Apply(w []float32, shape []int) {
	lo, hi := float32(c.MinValue), float32(optional.Or(c.MaxValue, 1))
	rate := optional.Or(c.Rate, 1)
	share, rest := float32(rate), float32(1-rate)
	axes{c.Axis, c.AllAxes}.rescale(w, shape, func(norm float32) float32 {
		desired := share*min(max(norm, lo), hi) + rest*norm
		return desired / (epsilon + norm)
	})
}

// Check returns an error for a shape that does not have the axes, or unless 0 <= MinValue <= MaxValue.
func (c MinMaxNorm) Check(shape []int) error {
	if hi := optional.Or(c.MaxValue, 1); !(c.MinValue >= 0 && c.MinValue <= hi) {
		return errors.Errorf("constraints: MinMaxNorm: expected 0 <= MinValue <= MaxValue, got %v and %v", c.MinValue, hi)
	}
	return axes{c.Axis, c.AllAxes}.check("MinMaxNorm", shape)
}
