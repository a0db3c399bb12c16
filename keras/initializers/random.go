package initializers

import (
	"math"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/gokeras/gokeras/internal/optional"
)

// RandomNormal draws from a normal distribution.
type RandomNormal struct {
	Mean   float64  // 0
	Stddev *float64 // nil: 0.05
	Seed   *int     // nil: the stream of the weight; else the values depend on Seed and the shape alone
}

// Init implements [Initializer].
func (r RandomNormal) Init(dst []float32, shape []int, stream Stream) error {
	stddev, err := deviation("RandomNormal", r.Stddev, dst, shape)
	if err != nil {
		return err
	}
	normal(dst, seeded(r.Seed, stream), r.Mean, stddev)
	return nil
}

// TruncatedNormal draws from a normal distribution cut off at two standard deviations from Mean.
// Stddev is that of the distribution before the cut, as in Keras; after it the deviation is 0.88 times as large.
type TruncatedNormal struct {
	Mean   float64  // 0
	Stddev *float64 // nil: 0.05
	Seed   *int     // nil: the stream of the weight; else the values depend on Seed and the shape alone
}

// Init implements [Initializer].
func (r TruncatedNormal) Init(dst []float32, shape []int, stream Stream) error {
	stddev, err := deviation("TruncatedNormal", r.Stddev, dst, shape)
	if err != nil {
		return err
	}
	truncatedNormal(dst, seeded(r.Seed, stream), r.Mean, stddev)
	return nil
}

// deviation checks the arguments that both normal distributions share and returns the standard deviation.
func deviation(name string, stddev *float64, dst []float32, shape []int) (float64, error) {
	s := optional.Or(stddev, 0.05)
	if !(s >= 0) {
		return 0, errors.Errorf("initializers: %s: Stddev: expected 0 or more, got %v", name, s)
	}
	return s, check(name, dst, shape)
}

// RandomUniform draws evenly from [Minval, Maxval).
type RandomUniform struct {
	Minval *float64 // nil: -0.05
	Maxval *float64 // nil: 0.05
	Seed   *int     // nil: the stream of the weight; else the values depend on Seed and the shape alone
}

// Init implements [Initializer].
func (r RandomUniform) Init(dst []float32, shape []int, stream Stream) error {
	lo, hi := optional.Or(r.Minval, -0.05), optional.Or(r.Maxval, 0.05)
	if !(lo <= hi) {
		return errors.Errorf("initializers: RandomUniform: expected Minval <= Maxval, got %v and %v", lo, hi)
	}
	if err := check("RandomUniform", dst, shape); err != nil {
		return err
	}
	uniform(dst, seeded(r.Seed, stream), lo, hi)
	return nil
}

func normal(dst []float32, s Stream, mean, stddev float64) {
	kernel.RandomNormal(dst, s.Key, 0)
	m, d := float32(mean), float32(stddev)
	for i, z := range dst {
		dst[i] = m + d*z
	}
}

// truncatedNormal inverts the distribution function instead of drawing again, so that every value needs exactly one number of the stream.
func truncatedNormal(dst []float32, s Stream, mean, stddev float64) {
	const bound = 2
	kernel.RandomUniform(dst, s.Key, 0)
	edge := math.Erf(bound / math.Sqrt2)
	for i, u := range dst {
		// The kernel's numbers are multiples of 2^-24; the middle of each cell keeps both tails alike.
		p := 2*(float64(u)+0x1p-25) - 1
		z := math.Sqrt2 * math.Erfinv(p*edge)
		dst[i] = float32(mean + stddev*min(max(z, -bound), bound))
	}
}

func uniform(dst []float32, s Stream, lo, hi float64) {
	kernel.RandomUniform(dst, s.Key, 0)
	top := max(math.Nextafter32(float32(hi), float32(lo)), float32(lo))
	for i, u := range dst {
		dst[i] = min(float32(lo+float64(u)*(hi-lo)), top) // Rounding to float32 may reach hi, which is not in the interval.
	}
}
