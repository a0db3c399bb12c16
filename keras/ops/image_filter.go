package ops

import "math"

// A blend is what one output is made of along an axis: weights of inputs side by side.
type blend struct {
	from    int
	weights []float64
}

// blends are the weights for making n elements of m.
func (i Interpolation) blends(m, n int, antialias bool) []blend {
	make1 := i.filtered(m, n, antialias)
	switch {
	case m == n:
		make1 = func(k int) blend { return blend{k, []float64{1}} }
	case i == Nearest:
		make1 = func(k int) blend { return blend{nearest(k, m, n), []float64{1}} }
	case i == Area:
		make1 = func(k int) blend { return covered(k, m, n) }
	}
	all := make([]blend, n)
	for k := range all {
		all[k] = make1(k)
	}
	return all
}

// nearest computes in float32, as JAX does, so that ties fall alike.
func nearest(k, m, n int) int {
	place := (float32(k) + 0.5) * float32(m) / float32(n)
	return min(int(place), m-1)
}

// covered weighs inputs by how much of them an output covers.
func covered(k, m, n int) blend {
	scale := float64(m) / float64(n)
	lo, hi := float64(k)*scale, float64(k+1)*scale
	t := blend{from: min(int(lo), m-1)}
	for at := t.from; at < m && float64(at) < hi; at++ {
		t.weights = append(t.weights, max(0, min(hi, float64(at+1))-max(lo, float64(at)))/scale)
	}
	return t
}

// negligible is a sum of weights too small to divide by.
const negligible = 1000 * 0x1p-23

// filtered weighs inputs by their distance from the output's place, and makes the sum of weights 1.
func (i Interpolation) filtered(m, n int, antialias bool) func(k int) blend {
	inverse, spread := float64(m)/float64(n), 1.0
	if antialias {
		spread = max(inverse, 1)
	}
	radius := i.radius() * spread
	return func(k int) blend {
		place := (float64(k)+0.5)*inverse - 0.5
		first, last := max(0, int(math.Ceil(place-radius))), min(m-1, int(math.Floor(place+radius)))
		t, sum := blend{from: min(first, m-1)}, 0.0
		for at := first; at <= last; at++ {
			w := i.weight(math.Abs(place-float64(at)) / spread)
			t.weights, sum = append(t.weights, w), sum+w
		}
		for j := range t.weights {
			if math.Abs(sum) > negligible {
				t.weights[j] /= sum
			} else {
				t.weights[j] = 0
			}
		}
		return t
	}
}

// radius is the distance from which on weights are zero.
func (i Interpolation) radius() float64 {
	switch i {
	case Bicubic:
		return 2
	case Lanczos3:
		return 3
	case Lanczos5:
		return 5
	}
	return 1
}

// weight is that of an input at a distance.
func (i Interpolation) weight(x float64) float64 {
	switch i {
	case Bicubic:
		return keys(x)
	case Lanczos3, Lanczos5:
		return lanczos(x, i.radius())
	}
	return max(0, 1-x)
}

// keys is the cubic convolution of Keys (1981) with a = -1/2.
func keys(x float64) float64 {
	switch {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

// lanczos is sinc(x)·sinc(x/radius); 1 near zero, from where JAX says so.
func lanczos(x, radius float64) float64 {
	switch {
	case x > radius:
		return 0
	case x > 1e-3:
		return radius * math.Sin(math.Pi*x) * math.Sin(math.Pi*x/radius) / (math.Pi * math.Pi * x * x)
	}
	return 1
}

// shifted are blends of a longer axis that begins before inputs of m elements: what lies outside is cut off, and its share returned.
func shifted(all []blend, before, m int) (inside []blend, outside []float64) {
	inside, outside = make([]blend, len(all)), make([]float64, len(all))
	for i, t := range all {
		from := t.from - before
		for k, w := range t.weights {
			if at := from + k; at < 0 || at >= m {
				outside[i] += w
			}
		}
		lo := min(max(0, -from), len(t.weights))
		hi := max(lo, min(len(t.weights), m-from))
		inside[i] = blend{min(max(0, from+lo), m), t.weights[lo:hi]}
	}
	return inside, outside
}

// transposed are the blends of the gradient: what each of m inputs was read by.
func transposed(all []blend, m int) []blend {
	back := make([]blend, m)
	for i, t := range all {
		for k, w := range t.weights {
			b := &back[t.from+k]
			if len(b.weights) == 0 {
				b.from = i
			}
			for len(b.weights) < i-b.from {
				b.weights = append(b.weights, 0)
			}
			b.weights = append(b.weights, w)
		}
	}
	return back
}
