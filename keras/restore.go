package keras

import (
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/hdf5"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// find opens the group's arrays; nil where there are none to be read.
func (g *stateGroup) find(h *hdf5.File) (*hdf5.Group, error) {
	if len(g.weights) == 0 {
		return nil, nil
	}
	vars := varsGroup(g.path)
	group, err := h.Root().Group(vars)
	if g.optional && errors.Is(err, hdf5.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, errors.WithMessage(err, vars)
	}
	if n := len(group.Names()); n != len(g.weights) {
		return nil, errors.Errorf("%s: expected %d arrays (%s), got %d", vars, len(g.weights), g.weightNames(), n)
	}
	return group, nil
}

func (g *stateGroup) weightNames() string {
	names := make([]string, len(g.weights))
	for i, w := range g.weights {
		names[i] = w.Path
	}
	return strings.Join(names, ", ")
}

// check compares the shapes in the file with those of the weights.
func (g *stateGroup) check(h *hdf5.File) error {
	if _, _, err := g.own(h); err != nil {
		return err
	}
	group, err := g.find(h)
	if err != nil || group == nil {
		return err
	}
	for i, w := range g.weights {
		d, err := group.Dataset(itoa(i))
		if err != nil {
			return err
		}
		if got := d.Shape(); !slices.Equal(got, w.Shape()) {
			return errors.Errorf("%s: %s: expected shape %v, got %v", d.Path(), w.Path, w.Shape(), got)
		}
	}
	return nil
}

func readWeight(w *layers.Weight, d *hdf5.Dataset) error {
	if w.DType() == ops.Float32 {
		v, err := d.Float32s()
		if err != nil {
			return err
		}
		if n := len(w.Float32s()); len(v) != n {
			return errors.Errorf("expected %d elements, got %d", n, len(v))
		}
		copy(w.Float32s(), v)
		return nil
	}
	v, err := d.Int64s()
	if err != nil {
		return err
	}
	dst := w.Value().Int32s()
	if len(v) != len(dst) {
		return errors.Errorf("expected %d elements, got %d", len(dst), len(v))
	}
	for i, n := range v {
		dst[i] = int32(n)
	}
	return nil
}

// own reads what the layer keeps by names of its own; nil where it keeps nothing.
func (g *stateGroup) own(h *hdf5.File) (layers.StateKeeper, map[string][]float32, error) {
	keeper, ok := g.part.(layers.StateKeeper)
	if !ok {
		return nil, nil, nil
	}
	names := sortedKeys(keeper.OwnState())
	if len(names) == 0 {
		return nil, nil, nil
	}
	group, err := h.Root().Group(varsGroup(g.path))
	if err != nil {
		return nil, nil, errors.WithMessage(err, varsGroup(g.path))
	}
	arrays := map[string][]float32{}
	for _, name := range names {
		d, err := group.Dataset(name)
		if err != nil {
			return nil, nil, err
		}
		if arrays[name], err = d.Float32s(); err != nil {
			return nil, nil, err
		}
	}
	return keeper, arrays, nil
}

// read copies the arrays into the weights.
func (g *stateGroup) read(h *hdf5.File) error {
	keeper, arrays, err := g.own(h)
	if err == nil && keeper != nil {
		err = keeper.SetOwnState(arrays)
	}
	if err != nil {
		return err
	}
	group, err := g.find(h)
	if err != nil || group == nil {
		return err
	}
	for i, w := range g.weights {
		d, err := group.Dataset(itoa(i))
		if err != nil {
			return err
		}
		if err := readWeight(w, d); err != nil {
			return errors.WithMessage(err, w.Path)
		}
	}
	return nil
}
