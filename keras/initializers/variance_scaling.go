package initializers

import (
	"math"

	"github.com/pkg/errors"
)

// A Mode says which number of units scales the variance.
type Mode string

// The modes of [VarianceScaling].
const (
	FanIn  Mode = "fan_in"
	FanOut Mode = "fan_out"
	FanAvg Mode = "fan_avg"
)

// A Distribution is the shape of the values that [VarianceScaling] draws.
type Distribution string

// The distributions of [VarianceScaling].
const (
	Truncated   Distribution = "truncated_normal"
	Untruncated Distribution = "untruncated_normal"
	Uniform     Distribution = "uniform"
)

// afterCut is the standard deviation of a standard normal distribution cut off at ±2.
const afterCut = 0.87962566103423978

// VarianceScaling draws values of mean 0 and variance Scale/n, where n is the weight's number of inputs, of outputs, or
// their average. A weight of shape [in, out] has in inputs and out outputs; a convolution kernel [..., in, out] has both times
// the size of its window; a vector has its length as both.
//
// Source: keras.initializers.VarianceScaling.
type VarianceScaling struct {
	Scale        float64      // 0: 1
	Mode         Mode         // "": FanIn
	Distribution Distribution // "": Truncated; "normal" is the same
	Seed         *int         // nil: the stream of the weight; else the values depend on Seed and the shape alone
	InputAxes    []int        // nil: by the shape; the axes counted as inputs, together with OutputAxes only
	OutputAxes   []int        // nil: by the shape; the axes counted as outputs, together with InputAxes only
}

// Init implements [Initializer].
func (v VarianceScaling) Init(dst []float32, shape []int, stream Stream) error {
	return v.init("VarianceScaling", dst, shape, stream)
}

func (v VarianceScaling) init(name string, dst []float32, shape []int, stream Stream) error {
	if err := check(name, dst, shape); err != nil {
		return err
	}
	d, width, err := v.spread(shape)
	if err != nil {
		return errors.WithMessage(err, "initializers: "+name)
	}
	stream = seeded(v.Seed, stream)
	switch d {
	case Uniform:
		uniform(dst, stream, -width, width)
	case Untruncated:
		normal(dst, stream, 0, width)
	default:
		truncatedNormal(dst, stream, 0, width)
	}
	return nil
}

// spread returns the distribution with its width: half the interval of a uniform one, the standard deviation (before any cut) of a normal one.
func (v VarianceScaling) spread(shape []int) (Distribution, float64, error) {
	n, err := v.units(shape)
	if err != nil {
		return "", 0, err
	}
	scale := v.Scale
	if scale == 0 {
		scale = 1
	}
	if !(scale > 0) {
		return "", 0, errors.Errorf("Scale: expected a positive number, got %v", scale)
	}
	variance := scale / max(1, n)
	switch v.Distribution {
	case "", "normal", Truncated:
		return Truncated, math.Sqrt(variance) / afterCut, nil
	case Untruncated:
		return Untruncated, math.Sqrt(variance), nil
	case Uniform:
		return Uniform, math.Sqrt(3 * variance), nil
	}
	return "", 0, errors.Errorf("Distribution: expected %q, %q or %q, got %q", Truncated, Untruncated, Uniform, v.Distribution)
}

// units returns the number of units that the mode asks for.
func (v VarianceScaling) units(shape []int) (float64, error) {
	in, out, err := fans(shape, v.InputAxes, v.OutputAxes)
	if err != nil {
		return 0, err
	}
	switch v.Mode {
	case "", FanIn:
		return float64(in), nil
	case FanOut:
		return float64(out), nil
	case FanAvg:
		return float64(in+out) / 2, nil
	}
	return 0, errors.Errorf("Mode: expected %q, %q or %q, got %q", FanIn, FanOut, FanAvg, v.Mode)
}

// fans counts a weight's inputs and outputs.
func fans(shape, inputAxes, outputAxes []int) (in, out int, err error) {
	if inputAxes != nil && outputAxes != nil {
		if in, err = product(shape, inputAxes); err != nil {
			return 0, 0, errors.WithMessage(err, "InputAxes")
		}
		out, err = product(shape, outputAxes)
		return in, out, errors.WithMessage(err, "OutputAxes")
	}
	switch rank := len(shape); rank {
	case 0:
		return 1, 1, nil
	case 1:
		return shape[0], shape[0], nil
	default:
		window := 1
		for _, d := range shape[:rank-2] {
			window *= d
		}
		return window * shape[rank-2], window * shape[rank-1], nil
	}
}

func product(shape, axes []int) (int, error) {
	n := 1
	for _, a := range axes {
		if a < -len(shape) || a >= len(shape) {
			return 0, errors.Errorf("shape %v: expected axes in [%d, %d), got %d", shape, -len(shape), len(shape), a)
		}
		n *= shape[(a+len(shape))%len(shape)]
	}
	return n, nil
}
