package preprocessing

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// MinMaxScaler moves each feature to a range: the smallest number that Fit has seen becomes the range's lower end, the largest its upper:
// x*Scale + Min.
//
// A constant feature becomes the lower end. NaN is a missing value: Fit leaves it out, Transform lets it through.
// Source: scikit-learn's MinMaxScaler.
type MinMaxScaler struct {
	FeatureRange [2]float64 // The range, lower end first; {0, 0}: {0, 1}.
	Clip         bool       // Transform moves numbers outside of the range to its nearer end.

	Min     []float64 // of each feature: what is added after scaling
	Scale   []float64 // of each feature, never 0
	DataMin []float64 // the smallest number of each feature
	DataMax []float64 // the largest number of each feature
}

// Fit takes the ranges of the features from x, which is [samples, features].
func (s *MinMaxScaler) Fit(x *tensor.Dense) error { return fitted("MinMaxScaler", s, x) }

// Transform returns the scaled x, [samples, features], as a new float32 array.
func (s *MinMaxScaler) Transform(x *tensor.Dense) (*tensor.Dense, error) {
	return transformed("MinMaxScaler", s, x)
}

// InverseTransform undoes Transform, but for clipping, and returns a new float32 array.
func (s *MinMaxScaler) InverseTransform(x *tensor.Dense) (*tensor.Dense, error) {
	return inverted("MinMaxScaler", s, x)
}

func (s *MinMaxScaler) ends() (lo, hi float64, err error) {
	r := s.FeatureRange
	if r == [2]float64{} {
		return 0, 1, nil
	}
	if !(r[0] < r[1]) {
		return 0, 0, errors.Errorf("FeatureRange: expected the lower end first, got %v", r)
	}
	return r[0], r[1], nil
}

func (s *MinMaxScaler) fit(c cells) error {
	lo, hi, err := s.ends()
	if err != nil {
		return err
	}
	f := MinMaxScaler{
		FeatureRange: s.FeatureRange, Clip: s.Clip,
		Min: make([]float64, c.width), Scale: make([]float64, c.width), DataMin: make([]float64, c.width), DataMax: make([]float64, c.width),
	}
	err = c.features(func(k int, values []float64) {
		f.DataMin[k], f.DataMax[k] = slices.Min(values), slices.Max(values)
		f.Scale[k] = (hi - lo) / notZero(f.DataMax[k]-f.DataMin[k])
		f.Min[k] = lo - f.DataMin[k]*f.Scale[k]
	})
	if err == nil {
		*s = f
	}
	return err
}

func (s *MinMaxScaler) apply(c cells) (cells, error) {
	lo, hi, err := s.ends()
	if err != nil {
		return cells{}, err
	}
	add, scale, err := linear(c.width, s.Min, s.Scale, true, true)
	if err != nil {
		return cells{}, err
	}
	return c.each(len(add), func(v float64, k int) float64 {
		v = v*scale[k] + add[k]
		if s.Clip {
			v = min(max(v, lo), hi)
		}
		return v
	})
}

func (s *MinMaxScaler) invert(c cells) (cells, error) {
	add, scale, err := linear(c.width, s.Min, s.Scale, true, true)
	if err != nil {
		return cells{}, err
	}
	return c.each(len(add), func(v float64, k int) float64 { return (v - add[k]) / scale[k] })
}
