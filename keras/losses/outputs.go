package losses

import (
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// Each gives a loss to each output of a model, by position; nil: the output has none.
type Each []Loss

// Named gives losses to a model's outputs by the names of the layers that make them. All are named; nil: the output has none.
type Named map[string]Loss

// Loss implements [Loss] with an error: a model asks for its outputs' losses by [ForOutputs].
func (Each) Loss(ops.Tensor, ops.Tensor) ops.Tensor { return several() }

// Loss implements [Loss] with an error: a model asks for its outputs' losses by [ForOutputs].
func (Named) Loss(ops.Tensor, ops.Tensor) ops.Tensor { return several() }

func several() ops.Tensor {
	return ops.Fail("", errors.New("losses of several outputs are no loss of one"))
}

// ForOutputs lists the losses of a model's outputs, whose names are given.
func ForOutputs(l Loss, names []string) ([]Loss, error) {
	switch l := l.(type) {
	case Each:
		if len(l) != len(names) {
			return nil, errors.Errorf("%d losses for %d outputs", len(l), len(names))
		}
		return l, nil
	case Named:
		for name := range l {
			if !slices.Contains(names, name) {
				return nil, errors.Errorf("loss for output %q: the outputs are %q", name, names)
			}
		}
		ls := make([]Loss, len(names))
		for i, name := range names {
			loss, ok := l[name]
			if !ok {
				return nil, errors.Errorf("output %q has no loss; name all of %q, with nil where there is none", name, names)
			}
			ls[i] = loss
		}
		return ls, nil
	}
	ls := make([]Loss, len(names))
	for i := range ls {
		ls[i] = l
	}
	return ls, nil
}
