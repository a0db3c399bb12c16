package ops

import (
	"slices"

	"github.com/gokeras/gokeras/internal/kernel"
)

// arguments are what an operation was called with beside its tensors, by Keras's names, as Keras's files hold them; nil where an
// operation is none of Keras's, or cannot be told in Keras's words.
func arguments(op operation) map[string]any {
	switch o := op.(type) {
	case unary:
		return unaryArguments(o)
	case binary, comparison, softmax, product, batchProduct, where, connective, negation, stopGradient:
		return plainArguments(op)
	case reduction:
		return map[string]any{"axis": between(o.from, o.to), "keepdims": false}
	case tally:
		if o.holds != nil {
			return map[string]any{"axis": between(o.from, o.to), "keepdims": false}
		}
	case cast:
		return map[string]any{"dtype": string(o.to)}
	case clip:
		return map[string]any{"x_min": o.lo, "x_max": o.hi}
	case concatenation:
		return map[string]any{"axis": o.axis}
	case transpose:
		return map[string]any{"axes": slices.Clone(o.order)}
	case reshape:
		return map[string]any{"newshape": slices.Clone(o.shape)}
	case axes:
		return map[string]any{"axis": max(o.add, o.drop)}
	}
	return nil
}

// between are the axes [from, to).
func between(from, to int) []int {
	axes := make([]int, 0, to-from)
	for a := from; a < to; a++ {
		axes = append(axes, a)
	}
	return axes
}

func unaryArguments(o unary) map[string]any {
	switch o.f {
	case kernel.GeluTanh, kernel.GeluErf:
		return map[string]any{"approximate": o.f == kernel.GeluTanh}
	case kernel.Elu:
		return map[string]any{"alpha": 1.0}
	}
	return map[string]any{}
}

func plainArguments(op operation) map[string]any {
	if _, ok := op.(softmax); ok {
		return map[string]any{"axis": -1}
	}
	return map[string]any{}
}

// scalarConstant is the value of a constant without axes; nil for anything else.
func scalarConstant(op operation) any {
	c, ok := op.(*constant)
	if !ok || len(c.spec.Shape) > 0 {
		return nil
	}
	switch {
	case len(c.f64) == 1:
		return c.f64[0]
	case len(c.i32) == 1:
		return c.i32[0]
	case len(c.bool) == 1:
		return c.bool[0]
	}
	return nil
}
