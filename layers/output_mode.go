package layers

import (
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// An OutputMode says what a layer makes of categories, by Keras's words.
type OutputMode string

// Keras's output modes. depth is the number of categories.
const (
	OutputInt      OutputMode = "int"       // the categories' numbers, int32, in the shape of the input
	OutputOneHot   OutputMode = "one_hot"   // 1 at each element's category: [..., depth], in place of a last axis of size 1
	OutputMultiHot OutputMode = "multi_hot" // 1 for the categories that a sample has: [batch, n] becomes [batch, depth]
	OutputCount    OutputMode = "count"     // how often a sample has each category: [batch, n] becomes [batch, depth]
	OutputTFIDF    OutputMode = "tf_idf"    // as count, each multiplied by the category's weight; of lookups only
)

// outputMode checks a mode; "" is the first of those that there are. Keras 2's words are understood.
func outputMode(m OutputMode, modes ...OutputMode) (OutputMode, error) {
	switch m {
	case "":
		return modes[0], nil
	case "binary":
		m = OutputMultiHot
	case "tf-idf":
		m = OutputTFIDF
	}
	if !slices.Contains(modes, m) {
		return "", errors.Errorf("output_mode %q: expected one of %q", m, modes)
	}
	return m, nil
}

// encoded is the result's shape and type for categories of a shape.
func (m OutputMode) encoded(in []int, depth int) ops.Spec {
	switch {
	case m == OutputInt:
		return ops.Spec{Shape: slices.Clone(in), DType: ops.Int32}
	case m == OutputOneHot && len(in) > 1 && in[len(in)-1] == 1:
		return ops.Spec{Shape: append(slices.Clone(in[:len(in)-1]), depth), DType: ops.Float32}
	case m == OutputOneHot:
		return ops.Spec{Shape: append(slices.Clone(in), depth), DType: ops.Float32}
	case len(in) < 2:
		return ops.Spec{Shape: []int{depth}, DType: ops.Float32}
	}
	return ops.Spec{Shape: slices.Concat(in[:1], in[2:], []int{depth}), DType: ops.Float32}
}

// encode writes categories of a shape. A category outside of [0, depth) leaves no mark, but in int mode.
func (m OutputMode) encode(out *tensor.Dense, categories, in []int, depth int) {
	m.encodeWeighted(out, categories, nil, in, depth)
}

// encodeWeighted is encode where each category adds a weight to its count; nil: 1.
func (m OutputMode) encodeWeighted(out *tensor.Dense, categories []int, weights []float32, in []int, depth int) {
	if m == OutputInt {
		for i, c := range categories {
			out.Int32s()[i] = int32(c)
		}
		return
	}
	y := out.Float32s()
	clear(y)
	mid, inner := 1, 1
	if m != OutputOneHot && len(in) > 0 {
		mid = in[0]
		if len(in) > 1 {
			mid, inner = in[1], product(in[2:])
		}
	}
	for i, c := range categories {
		if c < 0 || c >= depth {
			continue
		}
		at := (i/(mid*inner)*inner+i%inner)*depth + c
		switch {
		case m == OutputOneHot || m == OutputMultiHot:
			y[at] = 1
		case weights != nil:
			y[at] += weights[i]
		default:
			y[at]++
		}
	}
}
