package preprocessing

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// LabelEncoder turns labels, numbers or texts, into the numbers of their classes: 0, 1 and so on, in sorted order, for a loss such as
// SparseCategoricalCrossentropy. NaN and "" are a class too, the last, where Fit has seen them. Source: scikit-learn's LabelEncoder.
type LabelEncoder struct {
	Classes Categories // the classes in the order of their numbers
}

// Fit takes the classes from y, which is [samples] or [samples, 1].
func (e *LabelEncoder) Fit(y *tensor.Dense) error {
	c, err := labels(y)
	if err != nil {
		return errors.WithMessage(err, "preprocessing: LabelEncoder: Fit")
	}
	all, err := learn(c)
	if err != nil {
		return errors.WithMessage(err, "preprocessing: LabelEncoder: Fit")
	}
	e.Classes = all[0]
	return nil
}

// Transform returns the numbers of the labels' classes, [samples], int32. A label of no class is an error.
func (e *LabelEncoder) Transform(y *tensor.Dense) (*tensor.Dense, error) {
	c, err := labels(y)
	if err != nil {
		return nil, errors.WithMessage(err, "preprocessing: LabelEncoder: Transform")
	}
	numbers, err := encode([]Categories{e.Classes}, c, true)
	if err != nil {
		return nil, errors.WithMessage(err, "preprocessing: LabelEncoder: Transform")
	}
	narrow := make([]int32, len(numbers))
	for i, n := range numbers {
		narrow[i] = int32(n)
	}
	return tensor.New(tensor.WithShape(len(narrow)), tensor.WithBacking(narrow)), nil
}

// FitTransform takes the classes from y and returns their numbers.
func (e *LabelEncoder) FitTransform(y *tensor.Dense) (*tensor.Dense, error) {
	if err := e.Fit(y); err != nil {
		return nil, err
	}
	return e.Transform(y)
}

// InverseTransform returns the labels of classes, which are given by their numbers as [samples] or [samples, 1]: [samples] of strings or float64.
func (e *LabelEncoder) InverseTransform(y *tensor.Dense) (*tensor.Dense, error) {
	c, err := labels(y)
	switch {
	case err != nil:
		return nil, errors.WithMessage(err, "preprocessing: LabelEncoder: InverseTransform")
	case c.texts != nil:
		return nil, errors.New("preprocessing: LabelEncoder: InverseTransform: expected numbers, got texts")
	}
	out := blank([]Categories{e.Classes}, c.rows)
	for i, v := range c.numbers {
		if !numbered(v, e.Classes.Len()) {
			return nil, errors.Errorf("preprocessing: LabelEncoder: InverseTransform: y[%d]: expected the number of one of %d classes, got %v",
				i, e.Classes.Len(), v)
		}
		e.Classes.put(out, i, int(v))
	}
	flat := out.dense()
	return flat, errors.WithStack(flat.Reshape(c.rows))
}

// labels returns y as one feature.
func labels(y *tensor.Dense) (cells, error) {
	switch {
	case y == nil:
		return cells{}, errors.New("expected [samples], got nil")
	case y.Dims() == 0 || y.Dims() > 2 || y.Dims() == 2 && y.Shape()[1] != 1 || y.Shape().TotalSize() == 0:
		return cells{}, errors.Errorf("expected [samples] or [samples, 1], got shape %v", y.Shape())
	}
	return flat(y, y.Shape()[0], 1)
}
