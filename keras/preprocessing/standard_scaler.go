package preprocessing

import (
	"math"

	"gorgonia.org/tensor"
)

// StandardScaler moves each feature to mean 0 and standard deviation 1: (x - Mean)/Scale. Its fields can be kept beside a model and used again
// without Fit.
//
// The deviation is that of the population (divided by n). A feature that is constant, up to rounding, has Scale 1. NaN is a missing value: Fit leaves it
// out, Transform lets it through. Source: scikit-learn's StandardScaler.
type StandardScaler struct {
	WithMean *bool     // Whether the mean is subtracted; nil: true.
	WithStd  *bool     // Whether to divide by the deviation; nil: true.
	Mean     []float64 // of each feature
	Scale    []float64 // the standard deviation of each feature, never 0; 1 without WithStd
}

// Fit takes Mean and Scale from x, which is [samples, features].
func (s *StandardScaler) Fit(x *tensor.Dense) error { return fitted("StandardScaler", s, x) }

// Transform returns the scaled x, [samples, features], as a new float32 array.
func (s *StandardScaler) Transform(x *tensor.Dense) (*tensor.Dense, error) {
	return transformed("StandardScaler", s, x)
}

// InverseTransform undoes Transform and returns a new float32 array.
func (s *StandardScaler) InverseTransform(x *tensor.Dense) (*tensor.Dense, error) {
	return inverted("StandardScaler", s, x)
}

func (s *StandardScaler) fit(c cells) error {
	mean, scale := make([]float64, c.width), make([]float64, c.width)
	err := c.features(func(k int, values []float64) {
		mean[k], scale[k] = moments(values)
		if !orTrue(s.WithStd) {
			scale[k] = 1
		}
	})
	if err == nil {
		s.Mean, s.Scale = mean, scale
	}
	return err
}

func (s *StandardScaler) apply(c cells) (cells, error) {
	center, scale, err := linear(c.width, s.Mean, s.Scale, orTrue(s.WithMean), true)
	if err != nil {
		return cells{}, err
	}
	return c.each(len(s.Mean), func(v float64, k int) float64 { return (v - center[k]) / scale[k] })
}

func (s *StandardScaler) invert(c cells) (cells, error) {
	center, scale, err := linear(c.width, s.Mean, s.Scale, orTrue(s.WithMean), true)
	if err != nil {
		return cells{}, err
	}
	return c.each(len(s.Mean), func(v float64, k int) float64 { return v*scale[k] + center[k] })
}

// moments returns the mean and the standard deviation, 1 where that is no more than rounding.
func moments(values []float64) (mean, deviation float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	variance := 0.0
	for _, v := range values {
		variance += (v - mean) * (v - mean) / n
	}
	if constant(variance, mean, n) {
		return mean, 1
	}
	return mean, math.Sqrt(variance)
}

// constant reports whether a variance is no more than the rounding of n equal numbers.
func constant(variance, mean, n float64) bool {
	return variance <= n*epsilon*variance+(n*mean*epsilon)*(n*mean*epsilon)
}
