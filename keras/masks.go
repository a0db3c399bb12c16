package keras

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
)

// Masks ride on tensors and are made anew whenever a graph is traced. Those that Keras shows in a graph, as operations whose results are
// arguments of the layers that use them, stand in the graph too.

// takesMask reports whether Keras hands a layer the mask of its input as an argument.
func takesMask(p layers.Part) bool {
	switch kerasClass(p) {
	case "Sequential", "Functional", "BatchNormalization", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "GRU",
		"GlobalAveragePooling1D", "LSTM", "RNN", "SimpleRNN", "Softmax", "TimeDistributed":
		return true
	}
	return false
}

// takeMasks puts the masks of a layer's inputs behind them, unless they are there already. A layer of several tensors, such as a sequence and
// states, is not given the mask of one.
func (a *application) takeMasks(xs []ops.Tensor) []ops.Tensor {
	if len(a.masks) > 0 || !takesMask(a.part) || len(xs) > 1 && tensorNames(a.part) != nil {
		return xs
	}
	in := slices.Clip(xs)
	for i, x := range xs {
		if m := x.Mask(); m.Valid() && m.Err() == nil {
			a.masks, in = append(a.masks, i), append(in, m)
		}
	}
	return in
}

// standIn takes the place of an input while its layer is tried, with its number as its name.
func standIn(i int, x ops.Tensor) ops.Tensor {
	t := ops.Placeholder(itoa(i), x.DType(), x.Shape()...)
	if m := x.Mask(); m.Valid() && m.Err() == nil {
		t = t.WithMask(ops.Placeholder(maskPrefix+itoa(i), m.DType(), m.Shape()...))
	}
	return t
}

const maskPrefix = "mask "

// standsFor is the input, or the mask of one, that a stand-in has the name of.
func standsFor(name string, xs []ops.Tensor) (x ops.Tensor, ok bool) {
	number, isMask := strings.CutPrefix(name, maskPrefix)
	i, err := strconv.Atoi(number)
	if err != nil || i >= len(xs) {
		return x, false
	}
	if isMask {
		return xs[i].Mask(), true
	}
	return xs[i], true
}

// graphMask is the mask of a layer's result in terms of its inputs, which have stand-ins there: one of their masks, or what an
// Embedding or a Masking says; not Valid where there is none, or one that is found out only when the graph is traced.
func graphMask(mask ops.Tensor, xs []ops.Tensor) ops.Tensor {
	if !mask.Valid() || mask.Err() != nil {
		return ops.Tensor{}
	}
	lines, ends := ops.Lines([]ops.Tensor{mask})
	last := lines[ends[0].Line]
	if x, ok := standsFor(last.Name, xs); ok {
		return x
	}
	if last.Name == "any" {
		differs := differing(lines, last.Inputs[0].Line, xs)
		if !differs.Valid() {
			return differs
		}
		return ops.Any(differs, -1)
	}
	return differing(lines, ends[0].Line, xs)
}

// differing is the comparison of an input with a number that a line is; not Valid where it is none.
func differing(lines []ops.Line, at int, xs []ops.Tensor) ops.Tensor {
	l := lines[at]
	if l.Name != "not_equal" {
		return ops.Tensor{}
	}
	x, ok := standsFor(lines[l.Inputs[0].Line].Name, xs)
	if !ok {
		return ops.Tensor{}
	}
	switch n := numberAt(lines, l.Inputs[1].Line).(type) {
	case int32:
		return ops.NotEqual(x, ops.Int(n))
	case float64:
		return ops.NotEqual(x, ops.Scalar(n))
	}
	return ops.Tensor{}
}
