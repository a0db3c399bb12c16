package ops

import (
	"slices"

	"github.com/pkg/errors"
)

// A reshape hands on the same elements in the same order under another shape.
type reshape struct {
	shape []int // one size may be Unknown: what is left
}

func (o reshape) name() string { return "reshape" }

func (o reshape) infer(in []Spec) ([]Spec, error) {
	s, err := reshaped(in[0].Shape, o.shape)
	return []Spec{{s, in[0].DType}}, err
}

// reshaped works out the size that is left open. Where the tensor's own size is unknown, one open size stays unknown.
func reshaped(from, to []int) ([]int, error) {
	have, want, open := 1, 1, -1
	unknown := 0
	for _, d := range from {
		if d == Unknown {
			unknown++
			continue
		}
		have *= d
	}
	for i, d := range to {
		if d == Unknown {
			if open >= 0 {
				return nil, errors.Errorf("shape %v leaves more than one size open", to)
			}
			open = i
			continue
		}
		want *= d
	}
	s := slices.Clone(to)
	switch {
	case unknown > 0 && open >= 0:
		if unknown == 1 && have == want {
			return s, nil
		}
		if want == 0 || have%want != 0 && want%have != 0 {
			return nil, errors.Errorf("a tensor of shape %v does not fit into shape %v", from, to)
		}
		return s, nil
	case unknown > 0:
		return s, nil
	case open >= 0 && want > 0 && have%want == 0:
		s[open] = have / want
		return s, nil
	case open < 0 && have == want:
		return s, nil
	}
	return nil, errors.Errorf("a tensor of shape %v, with %d elements, does not fit into shape %v", from, have, to)
}

func (o reshape) bind(*binding) func() error { return nil }
func (o reshape) alias()                     {}

func (o reshape) gradient(c *chain) []Tensor { return []Tensor{Reshape(c.g(), c.in[0].Shape()...)} }

// Reshape gives x another shape for the same elements; one size may be -1, which means what is left.
func Reshape(x Tensor, shape ...int) Tensor {
	if x.Err() == nil && sameShape(x.Spec().Shape, shape) && known(shape) {
		return x
	}
	return apply(reshape{slices.Clone(shape)}, x)
}

// Flatten makes everything behind the first axis one axis.
func Flatten(x Tensor) Tensor {
	if x.Err() != nil {
		return x
	}
	s := x.Spec().Shape
	if len(s) == 0 {
		return Reshape(x, 1)
	}
	n := size(s[1:])
	if s[0] == Unknown && n == Unknown {
		return Fail(x.path, errors.Errorf("flatten: shape %v has more than one unknown size", s))
	}
	return Reshape(x, s[0], n)
}

// ExpandDims adds an axis of size 1 before the given axis; -1 adds it at the end.
func ExpandDims(x Tensor, axis int) Tensor {
	if x.Err() != nil {
		return x
	}
	a, err := axisOf(axis, x.Rank()+1)
	if err != nil {
		return Fail(x.path, errors.Wrap(err, "expand_dims"))
	}
	return apply(axes{label: "expand_dims", add: a, drop: -1}, x)
}

// Squeeze removes an axis of size 1.
func Squeeze(x Tensor, axis int) Tensor {
	if x.Err() != nil {
		return x
	}
	a, err := axisOf(axis, x.Rank())
	if err == nil && x.Dim(a) != 1 {
		err = errors.Errorf("axis %d of shape %v has size %d, expected 1", axis, x.Spec().Shape, x.Dim(a))
	}
	if err != nil {
		return Fail(x.path, errors.Wrap(err, "squeeze"))
	}
	return apply(axes{label: "squeeze", add: -1, drop: a}, x)
}

// axes adds or removes an axis of size 1; unlike a reshape it may meet several unknown sizes.
type axes struct {
	label     string
	add, drop int
}

func (o axes) name() string { return o.label }

func (o axes) infer(in []Spec) ([]Spec, error) {
	s := slices.Clone(in[0].Shape)
	if o.add >= 0 {
		return []Spec{{slices.Insert(s, o.add, 1), in[0].DType}}, nil
	}
	return []Spec{{slices.Delete(s, o.drop, o.drop+1), in[0].DType}}, nil
}

func (o axes) bind(*binding) func() error { return nil }
func (o axes) alias()                     {}
func (o axes) gradient(c *chain) []Tensor { return []Tensor{Reshape(c.g(), c.in[0].Shape()...)} }

// stopGradient hands on a value through which no gradient flows.
type stopGradient struct{}

func (stopGradient) name() string                    { return "stop_gradient" }
func (stopGradient) infer(in []Spec) ([]Spec, error) { return in, nil }
func (stopGradient) bind(*binding) func() error      { return nil }
func (stopGradient) alias()                          {}

// StopGradient is x, which counts as a constant in gradients.
func StopGradient(x Tensor) Tensor { return apply(stopGradient{}, x) }
