// Package constraints holds projections that weights go through after each step, by Keras's names.
//
// A constraint is a value without state. Those that limit norms take them along Axis: 0, the default, is the inputs of a dense kernel
// [in, out], so that each unit's weights have one norm; {0, 1, 2} is each filter of a convolution kernel [height, width, in, out].
package constraints

import (
	"math"
	"slices"

	"github.com/pkg/errors"
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
	Axis     []int    // nil: {0}; axes that follow one another
}

// Apply implements [Constraint].
func (c MaxNorm) Apply(w []float32, shape []int) {
	limit := float32(or(c.MaxValue, 2))
	rescale("MaxNorm", w, shape, c.Axis, func(norm float32) float32 {
		return min(norm, limit) / (epsilon + norm)
	})
}

// Check returns an error for a shape that does not have the axes, or a negative MaxValue.
func (c MaxNorm) Check(shape []int) error {
	if v := or(c.MaxValue, 2); !(v >= 0) {
		return errors.Errorf("constraints: MaxNorm: MaxValue: expected 0 or more, got %v", v)
	}
	_, _, _, err := view("MaxNorm", shape, c.Axis)
	return err
}

// UnitNorm scales weights to a norm of 1.
//
// Source: keras.constraints.UnitNorm.
type UnitNorm struct {
	Axis []int // nil: {0}; axes that follow one another
}

// Apply implements [Constraint].
func (c UnitNorm) Apply(w []float32, shape []int) {
	rescale("UnitNorm", w, shape, c.Axis, func(norm float32) float32 { return 1 / (epsilon + norm) })
}

// Check returns an error for a shape that does not have the axes.
func (c UnitNorm) Check(shape []int) error {
	_, _, _, err := view("UnitNorm", shape, c.Axis)
	return err
}

// MinMaxNorm scales weights to a norm between MinValue and MaxValue, a share Rate of the way in each step.
//
// Source: keras.constraints.MinMaxNorm.
type MinMaxNorm struct {
	MinValue float64  // 0
	MaxValue *float64 // nil: 1
	Rate     *float64 // nil: 1
	Axis     []int    // nil: {0}; axes that follow one another
}

// Apply implements [Constraint].
func (c MinMaxNorm) Apply(w []float32, shape []int) {
	lo, hi := float32(c.MinValue), float32(or(c.MaxValue, 1))
	rate := or(c.Rate, 1)
	share, rest := float32(rate), float32(1-rate)
	rescale("MinMaxNorm", w, shape, c.Axis, func(norm float32) float32 {
		desired := share*min(max(norm, lo), hi) + rest*norm
		return desired / (epsilon + norm)
	})
}

// Check returns an error for a shape that does not have the axes, or unless 0 <= MinValue <= MaxValue.
func (c MinMaxNorm) Check(shape []int) error {
	if hi := or(c.MaxValue, 1); !(c.MinValue >= 0 && c.MinValue <= hi) {
		return errors.Errorf("constraints: MinMaxNorm: expected 0 <= MinValue <= MaxValue, got %v and %v", c.MinValue, hi)
	}
	_, _, _, err := view("MinMaxNorm", shape, c.Axis)
	return err
}

// or returns *p, or Keras's default where p is nil.
func or(p *float64, otherwise float64) float64 {
	if p == nil {
		return otherwise
	}
	return *p
}

// view sees a weight as [outer, n, inner] with norms along n. axes are in any order; nil is the first.
func view(name string, shape, axes []int) (outer, n, inner int, err error) {
	first, last, seen := 0, 0, uint64(1)
	if axes != nil {
		first, last, seen = len(shape), -1, 0
	}
	for _, a := range axes {
		at := a
		if a < 0 {
			at += len(shape)
		}
		if at < 0 || at >= min(len(shape), 64) {
			return 0, 0, 0, errors.Errorf("constraints: %s: Axis: expected axes of shape %v, got %d", name, shape, a)
		}
		first, last, seen = min(first, at), max(last, at), seen|1<<at
	}
	if len(shape) == 0 || last < first || seen != (uint64(1)<<(last-first+1)-1)<<first {
		return 0, 0, 0, errors.Errorf("constraints: %s: Axis: expected axes of shape %v that follow one another, got %v", name, shape, slices.Clone(axes))
	}
	outer, n, inner = 1, 1, 1
	for i, d := range shape {
		switch {
		case i < first:
			outer *= d
		case i <= last:
			n *= d
		default:
			inner *= d
		}
	}
	return outer, n, inner, nil
}

// rescale multiplies each vector of w along the axes by factor(its norm). Columns are taken some at a time, so that
// memory is read in its own order and their sums need no buffer but the stack.
func rescale(name string, w []float32, shape, axes []int, factor func(norm float32) float32) {
	outer, n, inner, err := view(name, shape, axes)
	if err != nil || outer*n*inner != len(w) {
		return
	}
	const width = 64
	var sums [width]float64
	var factors [width]float32
	for o := range outer {
		block := w[o*n*inner : (o+1)*n*inner]
		for from := 0; from < inner; from += width {
			to := min(from+width, inner)
			s, f := sums[:to-from], factors[:to-from]
			clear(s)
			for row := from; row < len(block); row += inner {
				for i, v := range block[row : row+to-from] {
					s[i] += float64(v) * float64(v)
				}
			}
			for i, v := range s {
				f[i] = factor(float32(math.Sqrt(v)))
			}
			for row := from; row < len(block); row += inner {
				x := block[row : row+to-from]
				for i := range x {
					x[i] *= f[i]
				}
			}
		}
	}
}
