package images

import "math"

// A filter weighs the samples around a place. It is even and zero from radius on.
type filter struct {
	radius float64
	weight func(x float64) float64
}

// The filters of Pillow's resize and of tf.image.resize.
var (
	box      = filter{0.5, func(x float64) float64 { return weightWhere(x > -0.5 && x <= 0.5) }}
	triangle = filter{1, func(x float64) float64 { return max(1-math.Abs(x), 0) }}
	hamming  = filter{1, hammingWeight}
	catmull  = filter{2, func(x float64) float64 { return cubic(x, 0, 0.5) }}
	mitchell = filter{2, func(x float64) float64 { return cubic(x, 1.0/3, 1.0/3) }}
	lanczos3 = filter{3, func(x float64) float64 { return lanczos(x, 3) }}
	lanczos5 = filter{5, func(x float64) float64 { return lanczos(x, 5) }}
	gauss    = filter{1.5, gaussWeight}
)

func weightWhere(inside bool) float64 {
	if inside {
		return 1
	}
	return 0
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return math.Sin(x) / x
}

func hammingWeight(x float64) float64 {
	if x = math.Abs(x); x >= 1 {
		return 0
	}
	return sinc(x) * (0.54 + 0.46*math.Cos(math.Pi*x))
}

func lanczos(x, radius float64) float64 {
	if math.Abs(x) >= radius {
		return 0
	}
	return sinc(x) * sinc(x/radius)
}

func gaussWeight(x float64) float64 {
	const radius, sigma = 1.5, 0.5
	if math.Abs(x) >= radius {
		return 0
	}
	return math.Exp(-x * x / (2 * sigma * sigma))
}

// cubic is the family of Mitchell and Netravali (1988).
func cubic(x, b, c float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1:
		return ((12-9*b-6*c)*x*x*x + (-18+12*b+6*c)*x*x + (6 - 2*b)) / 6
	case x < 2:
		return ((-b-6*c)*x*x*x + (6*b+30*c)*x*x + (-12*b-48*c)*x + (8*b + 24*c)) / 6
	}
	return 0
}

// taps are the samples of a line that make up one sample of the scaled line.
type taps struct {
	first   int
	weights []float64 // they add up to 1
}

// span is the part of a line that is scaled.
type span struct {
	from, size float64
	samples    int // of the whole line
}

func whole(samples int) span { return span{0, float64(samples), samples} }

// taps of a filter as wide as the samples that are made, where they are further apart than those of s and averaging is wanted.
func (f filter) taps(s span, to int, average bool) []taps {
	scale := s.size / float64(to)
	wide := 1.0
	if average {
		wide = max(scale, 1)
	}
	reach, narrow := f.radius*wide, 1/wide
	all := make([]taps, to)
	for i := range all {
		center := s.from + (float64(i)+0.5)*scale
		first := max(int(center-reach+0.5), 0)
		last := min(int(center+reach+0.5), s.samples)
		t := taps{first: first, weights: make([]float64, 0, last-first)}
		for j := first; j < last; j++ {
			t.weights = append(t.weights, f.weight((float64(j)-center+0.5)*narrow))
		}
		t.normalize()
		all[i] = t
	}
	return all
}

func (t *taps) normalize() {
	sum := 0.0
	for _, w := range t.weights {
		sum += w
	}
	if sum == 0 {
		return
	}
	for i := range t.weights {
		t.weights[i] /= sum
	}
}
