package preprocessing

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// RobustScaler moves each feature by its median and divides it by the distance between two of its quantiles, which outliers hardly change:
// (x - Center)/Scale.
//
// NaN is a missing value: Fit leaves it out, Transform lets it through. Source: scikit-learn's RobustScaler.
type RobustScaler struct {
	WithCentering *bool      // Whether the median is subtracted; nil: true.
	WithScaling   *bool      // Whether to divide by the quantiles' distance; nil: true.
	QuantileRange [2]float64 // The two quantiles in percent; {0, 0}: {25, 75}.
	UnitVariance  bool       // Divide Scale by the quantiles' distance in a standard normal distribution.

	Center []float64 // the median of each feature
	Scale  []float64 // of each feature, never 0
}

// Fit takes Center and Scale from x, which is [samples, features].
func (s *RobustScaler) Fit(x *tensor.Dense) error { return fitted("RobustScaler", s, x) }

// Transform returns the scaled x, [samples, features], as a new float32 array.
func (s *RobustScaler) Transform(x *tensor.Dense) (*tensor.Dense, error) {
	return transformed("RobustScaler", s, x)
}

// InverseTransform undoes Transform and returns a new float32 array.
func (s *RobustScaler) InverseTransform(x *tensor.Dense) (*tensor.Dense, error) {
	return inverted("RobustScaler", s, x)
}

func (s *RobustScaler) fit(c cells) error {
	lo, hi, err := s.quantiles()
	if err != nil {
		return err
	}
	center, scale := make([]float64, c.width), make([]float64, c.width)
	err = c.features(func(k int, values []float64) {
		slices.Sort(values)
		center[k] = median(values)
		scale[k] = notZero(quantile(values, hi) - quantile(values, lo))
		if s.UnitVariance {
			scale[k] /= normalQuantile(hi) - normalQuantile(lo)
		}
	})
	if err == nil {
		s.Center, s.Scale = center, scale
	}
	return err
}

func (s *RobustScaler) apply(c cells) (cells, error) {
	center, scale, err := linear(c.width, s.Center, s.Scale, orTrue(s.WithCentering), orTrue(s.WithScaling))
	if err != nil {
		return cells{}, err
	}
	return c.each(len(center), func(v float64, k int) float64 { return (v - center[k]) / scale[k] })
}

func (s *RobustScaler) invert(c cells) (cells, error) {
	center, scale, err := linear(c.width, s.Center, s.Scale, orTrue(s.WithCentering), orTrue(s.WithScaling))
	if err != nil {
		return cells{}, err
	}
	return c.each(len(center), func(v float64, k int) float64 { return v*scale[k] + center[k] })
}

// quantiles returns the two shares that QuantileRange names.
func (s *RobustScaler) quantiles() (lo, hi float64, err error) {
	r := s.QuantileRange
	if r == [2]float64{} {
		r = [2]float64{25, 75}
	}
	if !(0 <= r[0] && r[0] <= r[1] && r[1] <= 100) {
		return 0, 0, errors.Errorf("QuantileRange: expected two percentages, the lower first, got %v", r)
	}
	if s.UnitVariance && !(0 < r[0] && r[0] < r[1] && r[1] < 100) {
		return 0, 0, errors.Errorf("QuantileRange: expected two different percentages in (0, 100) with UnitVariance, got %v", r)
	}
	return r[0] / 100, r[1] / 100, nil
}

// median returns the middle of sorted values, or the mean of the two in the middle.
func median(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// normalQuantile is the inverse of the standard normal distribution function.
func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }
