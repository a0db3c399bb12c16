package keras

import (
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// Input is the start of a graph of layers: data of this shape goes in there.
func Input(in layers.Input) ops.Tensor { return inputOf(&in) }

func inputOf(in *layers.Input) ops.Tensor {
	spec, err := in.Spec()
	if err != nil {
		return ops.Fail("", err)
	}
	return ops.Opaque(in, "input", []ops.Spec{spec})[0]
}

// An application is a layer, applied somewhere in a graph.
type application struct {
	part  layers.Part
	how   manner
	masks []int // inputs whose masks stand, in this order, behind the other inputs; where none do, masks ride on the tensors
}

// A manner is the shape of a layer that an application uses.
type manner int

const (
	applied manner = iota
	merged
	appliedToAll
)

// call applies the layer.
func (a *application) call(b *layers.Builder, in []ops.Tensor) []ops.Tensor {
	if n := len(in) - len(a.masks); n < len(in) {
		xs := slices.Clone(in[:n])
		for k, i := range a.masks {
			xs[i] = xs[i].WithMask(in[n+k])
		}
		in = xs
	}
	switch a.how {
	case merged:
		return []ops.Tensor{b.Merge(a.part.(layers.Merger), in...)}
	case appliedToAll:
		return b.ApplyAll(a.part.(layers.MultiLayer), in...)
	}
	return []ops.Tensor{b.Apply(a.part.(layers.Layer), in[0])}
}

// Apply adds a layer to a graph.
func Apply(l layers.Layer, x ops.Tensor) ops.Tensor {
	return record(&application{part: l, how: applied}, x)[0]
}

// Merge adds a layer that merges several tensors to a graph.
func Merge(l layers.Merger, xs ...ops.Tensor) ops.Tensor {
	return record(&application{part: l, how: merged}, xs...)[0]
}

// ApplyAll adds a layer of several inputs or results to a graph, such as a recurrent one with its states.
func ApplyAll(l layers.MultiLayer, xs ...ops.Tensor) []ops.Tensor {
	return record(&application{part: l, how: appliedToAll}, xs...)
}

// record notes the application of a layer, whose results' shapes, and masks, are found by trying it.
func record(a *application, xs ...ops.Tensor) []ops.Tensor {
	if isNil(a.part) {
		return []ops.Tensor{ops.Fail("", errors.New("keras: expected a layer, got nil"))}
	}
	for _, x := range xs {
		if err := x.Err(); err != nil {
			return []ops.Tensor{ops.Fail("", err)}
		}
	}
	xs = a.takeMasks(xs)
	in := make([]ops.Tensor, len(xs))
	for i, x := range xs {
		in[i] = standIn(i, x)
	}
	trace := &layers.Trace{}
	out := a.call(layers.NewBuilder(trace, &single{part: a.part}, "", false), in)
	if err := firstError(trace, out); err != nil {
		return []ops.Tensor{ops.Fail("", err)}
	}
	specs := make([]ops.Spec, len(out))
	for i, y := range out {
		specs[i] = y.Spec()
	}
	results := ops.Opaque(a, layers.ClassName(a.part), specs, xs...)
	for i, y := range out {
		results[i] = results[i].WithMask(graphMask(y.Mask(), xs))
	}
	return results
}

func firstError(t *layers.Trace, out []ops.Tensor) error {
	if err := t.Err(); err != nil {
		return err
	}
	for _, y := range out {
		if err := y.Err(); err != nil {
			return err
		}
	}
	return nil
}

// single holds one layer, for trying it outside of a model.
type single struct {
	layers.Base
	part layers.Part
}

// Children implements [layers.Container].
func (s *single) Children() []layers.Child {
	name := layers.BaseOf(s.part).Name
	if name == "" {
		name = layers.SnakeCase(layers.ClassName(s.part))
	}
	return []layers.Child{{Name: name, Attr: name, Part: s.part}}
}
