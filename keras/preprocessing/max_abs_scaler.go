package preprocessing

import (
	"math"

	"gorgonia.org/tensor"
)

// MaxAbsScaler divides each feature by the largest magnitude that Fit has seen: x/Scale. Zeros stay zeros.
//
// NaN is a missing value: Fit leaves it out, Transform lets it through. Source: scikit-learn's MaxAbsScaler.
type MaxAbsScaler struct {
	Clip bool // Transform moves numbers outside of [-1, 1] to its nearer end.

	Scale []float64 // the largest magnitude of each feature; 1 where that is 0
}

// Fit takes Scale from x, which is [samples, features].
func (s *MaxAbsScaler) Fit(x *tensor.Dense) error { return fitted("MaxAbsScaler", s, x) }

// Transform returns the scaled x, [samples, features], as a new float32 array.
func (s *MaxAbsScaler) Transform(x *tensor.Dense) (*tensor.Dense, error) {
	return transformed("MaxAbsScaler", s, x)
}

// InverseTransform undoes Transform, but for clipping, and returns a new float32 array.
func (s *MaxAbsScaler) InverseTransform(x *tensor.Dense) (*tensor.Dense, error) {
	return inverted("MaxAbsScaler", s, x)
}

func (s *MaxAbsScaler) fit(c cells) error {
	scale := make([]float64, c.width)
	err := c.features(func(k int, values []float64) {
		for _, v := range values {
			scale[k] = max(scale[k], math.Abs(v))
		}
		scale[k] = notZero(scale[k])
	})
	if err == nil {
		s.Scale = scale
	}
	return err
}

func (s *MaxAbsScaler) apply(c cells) (cells, error) {
	return c.each(len(s.Scale), func(v float64, k int) float64 {
		v /= s.Scale[k]
		if s.Clip {
			v = min(max(v, -1), 1)
		}
		return v
	})
}

func (s *MaxAbsScaler) invert(c cells) (cells, error) {
	return c.each(len(s.Scale), func(v float64, k int) float64 { return v * s.Scale[k] })
}
