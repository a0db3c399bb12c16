package datasets

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/internal/shuffle"
)

// The streams of random numbers of one seed.
const (
	streamCenters = iota // or whatever the samples are made from
	streamNoise
	streamOrder
	streamFeatures
	streamTargets
)

// keyOf makes the key of [kernel]'s generators from a seed.
func keyOf(seed uint64) [2]uint32 { return [2]uint32{uint32(seed), uint32(seed >> 32)} }

// maxSamples bounds the coordinates of a generated set: 4 GiB.
const maxSamples = 1 << 30

// Moons says what [MakeMoons] generates, in the words of scikit-learn's make_moons.
type Moons struct {
	NSamples int     // 0: 100; half of them, rounded down, in the outer moon
	NEach    [2]int  // in the outer and in the inner moon, scikit-learn's pair for n_samples; {0, 0}: by NSamples
	Shuffle  *bool   // nil: true; false: the outer moon comes first, each from right to left
	Noise    float64 // standard deviation of what is added to each coordinate
	Seed     uint64  // the same seed gives the same numbers
}

// MakeMoons returns two half circles that reach into each other: X is [n, 2] float32, Y is [n] int32: 0 for the outer, 1 for the inner one. Without noise
// and Shuffle the numbers are scikit-learn's; its noise and order are another generator's.
func MakeMoons(m Moons) (Split, error) {
	p := planar{each: m.NEach, shuffle: m.Shuffle, noise: m.Noise, seed: m.Seed}
	if err := p.count(m.NSamples); err != nil {
		return Split{}, errors.WithMessage(err, "datasets: MakeMoons")
	}
	return p.make(func(class, i int) (x, y float64) {
		angle := between(math.Pi, i, p.each[class]-1)
		if class == 0 {
			return math.Cos(angle), math.Sin(angle)
		}
		return 1 - math.Cos(angle), 1 - math.Sin(angle) - 0.5
	}), nil
}

// Circles says what [MakeCircles] generates, in the words of scikit-learn's make_circles.
type Circles struct {
	NSamples int      // 0: 100; half of them, rounded down, in the outer circle
	NEach    [2]int   // in the outer and in the inner circle, scikit-learn's pair for n_samples; {0, 0}: by NSamples
	Shuffle  *bool    // nil: true; false: the outer circle comes first, each counterclockwise
	Noise    float64  // standard deviation of what is added to each coordinate
	Factor   *float64 // radius of the inner circle, in [0, 1), where the outer one's is 1; nil: 0.8
	Seed     uint64   // the same seed gives the same numbers
}

// MakeCircles returns a circle in another: X is [n, 2] float32, Y is [n] int32: 0 for the outer, 1 for the inner one. Without noise and Shuffle the numbers are
// scikit-learn's; its noise and order are another generator's.
func MakeCircles(c Circles) (Split, error) {
	p := planar{each: c.NEach, shuffle: c.Shuffle, noise: c.Noise, seed: c.Seed}
	if err := p.count(c.NSamples); err != nil {
		return Split{}, errors.WithMessage(err, "datasets: MakeCircles")
	}
	factor := optional.Or(c.Factor, 0.8)
	if !(factor >= 0 && factor < 1) {
		return Split{}, errors.Errorf("datasets: MakeCircles: Factor: expected a radius in [0, 1), got %v", factor)
	}
	return p.make(func(class, i int) (x, y float64) {
		angle := between(2*math.Pi, i, p.each[class])
		if class == 0 {
			return math.Cos(angle), math.Sin(angle)
		}
		return math.Cos(angle) * factor, math.Sin(angle) * factor
	}), nil
}

// between returns the end of i of n equal steps from 0 to end, as NumPy's linspace does.
func between(end float64, i, n int) float64 {
	if i == n && n > 0 {
		return end
	}
	return float64(i) * (end / float64(max(n, 1)))
}

// planar is two classes of points in the plane.
type planar struct {
	each    [2]int
	shuffle *bool
	noise   float64
	seed    uint64
}

// count checks the fields and shares out the samples.
func (p *planar) count(n int) error {
	if p.each == [2]int{} {
		if n == 0 {
			n = 100
		}
		p.each = [2]int{n / 2, n - n/2}
	} else if n != 0 {
		return errors.Errorf("expected NSamples or NEach, got %d and %v", n, p.each)
	}
	for _, k := range p.each {
		if k < 0 || k > maxSamples/4 {
			return errors.Errorf("NSamples: expected 0 to %d of each, got %v", maxSamples/4, p.each)
		}
	}
	if !(p.noise >= 0) || math.IsInf(p.noise, 0) {
		return errors.Errorf("Noise: expected 0 or more, got %v", p.noise)
	}
	return nil
}

// make places the points by the class and the number in the class.
func (p planar) make(place func(class, i int) (x, y float64)) Split {
	n := p.each[0] + p.each[1]
	noise := make([]float32, 2*n)
	if p.noise > 0 {
		kernel.RandomNormal(noise, keyOf(p.seed), streamNoise)
	}
	xs, ys := make([]float32, 2*n), make([]int32, n)
	for to, from := range order(n, p.seed, p.shuffle) {
		class, i := 0, from
		if from >= p.each[0] {
			class, i = 1, from-p.each[0]
		}
		x, y := place(class, i)
		xs[2*to] = float32(x + p.noise*float64(noise[2*from]))
		xs[2*to+1] = float32(y + p.noise*float64(noise[2*from+1]))
		ys[to] = int32(class)
	}
	return Split{
		X: tensor.New(tensor.WithShape(n, 2), tensor.WithBacking(xs)),
		Y: tensor.New(tensor.WithShape(n), tensor.WithBacking(ys)),
	}
}

// order returns the numbers below n, in random order unless shuffled is false.
func order(n int, seed uint64, shuffled *bool) []int {
	if optional.Or(shuffled, true) {
		return shuffle.Permutation(n, seed, streamOrder)
	}
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
	}
	return numbers
}
