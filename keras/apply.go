package keras

import (
	"slices"
	"sync/atomic"

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
	part    layers.Part
	how     manner
	masks   []int // inputs whose masks stand, in this order, behind the other inputs; where none do, masks ride on the tensors
	places  []int // of the inputs among all that the layer can take; nil: none is left out
	results []ops.Tensor
	number  uint64                // of all applications; calls of a layer keep the order in which they were made
	owner   atomic.Pointer[Model] // that has given the layer its name, and in whose graph this stands; nil: no model yet
}

// applications counts them. Only which of two numbers is the greater has a meaning.
var applications atomic.Uint64

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
	in = a.placed(in)
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
	xs, err := a.given(xs)
	if err != nil {
		return []ops.Tensor{ops.Fail("", err)}
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
	if a.results = results; a.number == 0 {
		a.number = applications.Add(1)
	}
	return slices.Clone(results)
}

// given leaves out tensors that are not Valid, and notes the places of the others.
func (a *application) given(xs []ops.Tensor) ([]ops.Tensor, error) {
	if len(xs) == 0 {
		return nil, errors.Errorf("keras: %s: expected at least one tensor, got none", layers.ClassName(a.part))
	}
	if !slices.ContainsFunc(xs, func(x ops.Tensor) bool { return !x.Valid() }) {
		return xs, nil
	}
	if names := tensorNames(a.part); a.how != appliedToAll || names == nil || !xs[0].Valid() || len(xs) > len(names) {
		return nil, errors.Errorf("keras: %s: expected tensors made by keras.Input, layers and operations, got an empty ops.Tensor", layers.ClassName(a.part))
	}
	var in []ops.Tensor
	for i, x := range xs {
		if x.Valid() {
			in, a.places = append(in, x), append(a.places, i)
		}
	}
	return in, nil
}

// placed puts inputs at their places, with tensors that are not Valid between them.
func (a *application) placed(in []ops.Tensor) []ops.Tensor {
	if a.places == nil {
		return in
	}
	xs := make([]ops.Tensor, a.places[len(a.places)-1]+1)
	for i, place := range a.places {
		xs[place] = in[i]
	}
	return xs
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
