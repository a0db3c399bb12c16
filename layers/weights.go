package layers

import (
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// GetWeights are copies of the weights of a layer and those within it, in Keras's order: a layer's own before those within it, trained
// ones first, without random streams. There are none before the layer is built. Where a model with the layer is being trained, use
// its own GetWeights.
func GetWeights(p Part) []*tensor.Dense {
	ws := settable(p)
	copies := make([]*tensor.Dense, len(ws))
	for i, w := range ws {
		if w.DType() == ops.Float32 {
			copies[i] = tensor.New(tensor.WithShape(w.Shape()...), tensor.WithBacking(slices.Clone(w.Float32s())))
			continue
		}
		copies[i] = tensor.New(tensor.WithShape(w.Shape()...), tensor.WithBacking(slices.Clone(w.Value().Int32s())))
	}
	return copies
}

// SetWeights sets the weights of a layer and those within it to copies of arrays, in the order of [GetWeights]. Where there are more or
// fewer arrays than weights, or one has another shape or type, nothing changes.
func SetWeights(p Part, arrays []*tensor.Dense) error {
	ws := settable(p)
	if len(ws) != len(arrays) {
		return errors.Errorf("expected %d arrays, one for each weight, got %d", len(ws), len(arrays))
	}
	for i, w := range ws {
		if err := w.fits(arrays[i]); err != nil {
			return errors.WithMessagef(err, "array %d: weight %s", i, w.Path)
		}
	}
	for i, w := range ws {
		if w.DType() == ops.Float32 {
			copy(w.Float32s(), arrays[i].Float32s())
			continue
		}
		copy(w.Value().Int32s(), arrays[i].Int32s())
	}
	return nil
}

// fits makes sure that a weight can have the values of an array.
func (w *Weight) fits(a *tensor.Dense) error {
	if a == nil {
		return errors.New("expected an array, got nil")
	}
	if want, got := w.Shape(), []int(a.Shape()); !slices.Equal(want, got) {
		return errors.Errorf("expected shape %v, got %v", want, got)
	}
	want := tensor.Float32
	if w.DType() != ops.Float32 {
		want = tensor.Int32
	}
	if a.Dtype() != want {
		return errors.Errorf("expected elements of type %v, got %v", want, a.Dtype())
	}
	return nil
}

// settable lists the weights of a layer that callers see, in Keras's order.
func settable(p Part) []*Weight {
	var all []*Weight
	seen := map[*Weight]bool{}
	Walk(p, func(p Part) {
		own := WithShared(p, func(p Part) []*Weight { return p.base().weights })
		for _, fixed := range []bool{false, true} {
			for _, w := range own {
				if _, stream := w.Spec.Initializer.(startOfStream); !stream && w.Spec.NonTrainable == fixed && !seen[w] {
					seen[w] = true
					all = append(all, w)
				}
			}
		}
	})
	return all
}
