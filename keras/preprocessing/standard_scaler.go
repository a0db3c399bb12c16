// Package preprocessing prepares arrays on the host before training: scaling, one-hot labels, splitting.
package preprocessing

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/array"
)

// StandardScaler moves each feature to mean 0 and standard deviation 1: (x - Mean)/Scale. Its fields can be kept beside a model, in JSON for one,
// and used again without Fit.
//
// The deviation is that of the population (divided by n). A feature that is constant, up to rounding, has Scale 1. Source: scikit-learn's
// StandardScaler.
type StandardScaler struct {
	Mean  []float64 // of each feature
	Scale []float64 // the standard deviation of each feature, never 0
}

// Fit takes Mean and Scale from x, which is [samples, features] of finite numbers.
func (s *StandardScaler) Fit(x *tensor.Dense) error {
	values, features, err := matrix("Fit", x)
	if err != nil {
		return err
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return errors.Errorf("preprocessing: StandardScaler: Fit: x[%d, %d]: expected a finite number, got %v", i/features, i%features, v)
		}
	}
	n := float64(len(values) / features)
	mean, variance := make([]float64, features), make([]float64, features)
	for i, v := range values {
		mean[i%features] += v / n
	}
	for i, v := range values {
		d := v - mean[i%features]
		variance[i%features] += d * d / n
	}
	scale := make([]float64, features)
	for k, v := range variance {
		scale[k] = math.Sqrt(v)
		if constant(v, mean[k], n) {
			scale[k] = 1
		}
	}
	s.Mean, s.Scale = mean, scale
	return nil
}

// constant reports whether a variance is no more than the rounding of n equal numbers.
func constant(variance, mean, n float64) bool {
	const eps = 0x1p-52
	return variance <= n*eps*variance+(n*mean*eps)*(n*mean*eps)
}

// Transform returns the scaled x, [samples, features], as a new float32 array.
func (s *StandardScaler) Transform(x *tensor.Dense) (*tensor.Dense, error) {
	return s.each("Transform", x, func(v float64, k int) float64 { return (v - s.Mean[k]) / s.Scale[k] })
}

// InverseTransform undoes Transform and returns a new float32 array.
func (s *StandardScaler) InverseTransform(x *tensor.Dense) (*tensor.Dense, error) {
	return s.each("InverseTransform", x, func(v float64, k int) float64 { return v*s.Scale[k] + s.Mean[k] })
}

func (s *StandardScaler) each(method string, x *tensor.Dense, f func(v float64, feature int) float64) (*tensor.Dense, error) {
	values, features, err := matrix(method, x)
	if err != nil {
		return nil, err
	}
	if len(s.Mean) != features || len(s.Scale) != features {
		return nil, errors.Errorf("preprocessing: StandardScaler: %s: expected %d features as in Fit, got %d (with %d scales)",
			method, len(s.Mean), features, len(s.Scale))
	}
	scaled := make([]float32, len(values))
	for i, v := range values {
		scaled[i] = float32(f(v, i%features))
	}
	return tensor.New(tensor.WithShape(len(values)/features, features), tensor.WithBacking(scaled)), nil
}

// matrix returns the values of [samples, features].
func matrix(method string, x *tensor.Dense) (values []float64, features int, err error) {
	values, err = array.Float64s(x)
	if err != nil {
		return nil, 0, errors.WithMessagef(err, "preprocessing: StandardScaler: %s", method)
	}
	if x.Dims() != 2 {
		return nil, 0, errors.Errorf("preprocessing: StandardScaler: %s: expected [samples, features], got shape %v", method, x.Shape())
	}
	return values, x.Shape()[1], nil
}
