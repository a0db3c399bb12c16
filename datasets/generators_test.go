package datasets

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/optional"
)

func TestMakeBlobs(t *testing.T) {
	t.Parallel()
	const n, features, centers = 3001, 4, 3
	s, err := MakeBlobs(Blobs{NSamples: n, NFeatures: features, Centers: centers, ClusterStd: new(0.5), Seed: 3})
	require.NoError(t, err)
	assert.Equal(t, tensor.Shape{n, features}, s.X.Shape())
	x, y := s.X.Float32s(), s.Y.Int32s()
	var count [centers]float64
	var mean, square [centers][features]float64
	for i, c := range y {
		count[c]++
		for k := range features {
			v := float64(x[i*features+k])
			mean[c][k] += v
			square[c][k] += v * v
		}
	}
	assert.Equal(t, [centers]float64{1001, 1000, 1000}, count)
	for c := range centers {
		for k := range features {
			m := mean[c][k] / count[c]
			dev := math.Sqrt(square[c][k]/count[c] - m*m)
			// Five standard errors of a deviation over 1,000 samples.
			assert.InDelta(t, 0.5, dev, 5*0.5/math.Sqrt(2000), "center %d feature %d", c, k)
			assert.Less(t, math.Abs(m), 10.1, "in the box of centers")
		}
	}
	assert.NotEqual(t, y[:10], []int32{0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "shuffled")

	again, err := MakeBlobs(Blobs{NSamples: n, NFeatures: features, Centers: centers, ClusterStd: new(0.5), Seed: 3})
	require.NoError(t, err)
	assert.Equal(t, x, again.X.Float32s())
	other, err := MakeBlobs(Blobs{NSamples: n, NFeatures: features, Centers: centers, ClusterStd: new(0.5), Seed: 4})
	require.NoError(t, err)
	assert.NotEqual(t, x, other.X.Float32s())
}

func TestMakeBlobsArguments(t *testing.T) {
	t.Parallel()
	s, err := MakeBlobs(Blobs{})
	require.NoError(t, err)
	assert.Equal(t, tensor.Shape{100, 2}, s.X.Shape())

	s, err = MakeBlobs(Blobs{NSamples: 5, NFeatures: 1, Centers: 2, ClusterStd: new(0.0), CenterBox: [2]float64{3, 3}, Shuffle: new(false)})
	require.NoError(t, err)
	assert.Equal(t, []int32{0, 0, 0, 1, 1}, s.Y.Int32s())
	assert.Equal(t, []float32{3, 3, 3, 3, 3}, s.X.Float32s())

	s, err = MakeBlobs(Blobs{NSamples: 2, Centers: 5, Shuffle: new(false)})
	require.NoError(t, err)
	assert.Equal(t, []int32{0, 1}, s.Y.Int32s(), "fewer samples than centers")

	for says, b := range map[string]Blobs{
		"NSamples: expected 0 or more":    {NSamples: -1},
		"NFeatures: expected 0 or more":   {NFeatures: -1},
		"Centers: expected 0 or more":     {Centers: -1},
		"ClusterStd: expected 0 or more":  {ClusterStd: new(-1.0)},
		"expected at most 1073741824":     {NSamples: 1 << 30, NFeatures: 3},
		"CenterBox: expected {low, high}": {CenterBox: [2]float64{2, 1}},
	} {
		_, err := MakeBlobs(b)
		require.ErrorContains(t, err, says)
	}
}

// places are scikit-learn's n_samples.
func places(t *testing.T, n any) (samples int, each [2]int) {
	t.Helper()
	switch n := n.(type) {
	case float64:
		return int(n), each
	case []any:
		return 0, [2]int{int(n[0].(float64)), int(n[1].(float64))}
	}
	require.Fail(t, "n_samples", "%v", n)
	return 0, each
}

func (f goldenFigure) check(t *testing.T, s Split) {
	t.Helper()
	assert.Equal(t, tensor.Shape{len(f.Y), 2}, s.X.Shape())
	assert.Equal(t, f.Y, s.Y.Int32s())
	assert.InDeltaSlice(t, f.X, numbers(t, s.X), 1e-7)
}

func TestFiguresAreScikitLearns(t *testing.T) {
	t.Parallel()
	g := load(t).Figures
	for _, f := range g.Moons {
		n, each := places(t, f.NSamples)
		s, err := MakeMoons(Moons{NSamples: n, NEach: each, Shuffle: new(false)})
		require.NoError(t, err)
		f.check(t, s)
	}
	for _, f := range g.Circles {
		n, each := places(t, f.NSamples)
		s, err := MakeCircles(Circles{NSamples: n, NEach: each, Shuffle: new(false), Factor: f.Factor})
		require.NoError(t, err)
		f.check(t, s)
	}
}

func TestFiguresAreShuffledAndNoisy(t *testing.T) {
	t.Parallel()
	const n, noise = 2001, 0.25
	plain, err := MakeCircles(Circles{NSamples: n, Seed: 5})
	require.NoError(t, err)
	noisy, err := MakeCircles(Circles{NSamples: n, Seed: 5, Noise: noise})
	require.NoError(t, err)
	assert.Equal(t, plain.Y.Data(), noisy.Y.Data(), "the noise changes no order")
	x, y := noisy.X.Float32s(), plain.X.Float32s()
	inner, square, firstHalf := 0, 0.0, 0
	for i, class := range plain.Y.Int32s() {
		inner += int(class)
		if i < n/2 {
			firstHalf += int(class)
		}
		radius := []float64{1, 0.8}[class]
		assert.InDelta(t, radius, math.Hypot(float64(y[2*i]), float64(y[2*i+1])), 1e-6)
		for k := range 2 {
			square += math.Pow(float64(x[2*i+k]-y[2*i+k]), 2)
		}
	}
	assert.Equal(t, 1001, inner)
	assert.InDelta(t, n/4, firstHalf, n/20, "shuffled")
	// Five standard errors of a deviation over 4,002 numbers.
	assert.InDelta(t, noise, math.Sqrt(square/(2*n)), 5*noise/math.Sqrt(4*n))

	again, err := MakeCircles(Circles{NSamples: n, Seed: 5, Noise: noise})
	require.NoError(t, err)
	assert.Equal(t, noisy.X.Data(), again.X.Data())
	other, err := MakeCircles(Circles{NSamples: n, Seed: 6, Noise: noise})
	require.NoError(t, err)
	assert.NotEqual(t, noisy.X.Data(), other.X.Data())
}

func TestFiguresArguments(t *testing.T) {
	t.Parallel()
	for says, m := range map[string]Moons{
		"NSamples: expected 0 to":                {NSamples: -1},
		"NSamples: expected 0 to 268435456":      {NEach: [2]int{5, -1}},
		"expected NSamples or NEach":             {NSamples: 3, NEach: [2]int{1, 2}},
		"Noise: expected 0 or more, got -1":      {Noise: -1},
		"MakeMoons: Noise: expected 0 or more, ": {Noise: math.NaN()},
	} {
		_, err := MakeMoons(m)
		require.ErrorContains(t, err, says)
	}
	for says, c := range map[string]Circles{
		"MakeCircles: NSamples: expected 0":                     {NSamples: -1},
		"MakeCircles: Factor: expected a radius in [0, 1), got": {Factor: new(1.0)},
	} {
		_, err := MakeCircles(c)
		require.ErrorContains(t, err, says)
	}
	s, err := MakeMoons(Moons{})
	require.NoError(t, err)
	assert.Equal(t, tensor.Shape{100, 2}, s.X.Shape())
}

func TestMakeRegressionIsLinear(t *testing.T) {
	t.Parallel()
	for _, r := range []Regression{
		{NSamples: 50, NFeatures: 7, NInformative: new(3), Bias: 2.5, Seed: 1},
		{NSamples: 20, NFeatures: 5, NInformative: new(9), NTargets: 3, Seed: 2},
		{NSamples: 1, NFeatures: 1, NInformative: new(0), Bias: -1},
		{},
	} {
		s, coef, err := MakeRegression(r)
		require.NoError(t, err)
		n, width := max(s.X.Shape()[0], 1), s.X.Shape()[1]
		targets := max(r.NTargets, 1)
		x, y, w := numbers(t, s.X), numbers(t, s.Y), numbers(t, coef)
		require.Len(t, y, n*targets)
		require.Len(t, w, width*targets)
		used := 0
		for k := range width {
			if w[k*targets] != 0 {
				used++
			}
		}
		assert.Equal(t, min(width, optional.Or(r.NInformative, 10)), used)
		for i := range n {
			for j := range targets {
				want := r.Bias
				for k := range width {
					want += x[i*width+k] * w[k*targets+j]
				}
				assert.InDelta(t, want, y[i*targets+j], 1e-4)
			}
		}
	}
}

func TestMakeRegressionDraws(t *testing.T) {
	t.Parallel()
	const n, noise = 5000, 3.0
	quiet := Regression{NSamples: n, NFeatures: 4, NInformative: new(2), Shuffle: new(false), Seed: 3}
	noisy := quiet
	noisy.Noise = noise
	a, coef, err := MakeRegression(quiet)
	require.NoError(t, err)
	b, _, err := MakeRegression(noisy)
	require.NoError(t, err)
	assert.Equal(t, a.X.Data(), b.X.Data())
	w := coef.Float32s()
	assert.Zero(t, w[2])
	assert.Zero(t, w[3])
	assert.NotEqual(t, w[0], w[1])
	var square, mean, variance float64
	for i, v := range b.Y.Float32s() {
		square += math.Pow(float64(v-a.Y.Float32s()[i]), 2)
	}
	assert.InDelta(t, noise, math.Sqrt(square/n), 5*noise/math.Sqrt(2*n))
	x := numbers(t, a.X)
	for _, v := range x {
		mean += v / float64(len(x))
		variance += v * v / float64(len(x))
	}
	assert.InDelta(t, 0, mean, 5/math.Sqrt(4*n))
	assert.InDelta(t, 1, variance, 5*math.Sqrt(2.0/(4*n)))

	for says, r := range map[string]Regression{
		"NSamples: expected 0 or more, got -1":     {NSamples: -1},
		"NFeatures: expected 0 or more, got -2":    {NFeatures: -2},
		"NTargets: expected 0 or more, got -3":     {NTargets: -3},
		"NInformative: expected 0 or more, got -4": {NInformative: new(-4)},
		"Noise 0 or more, got -5":                  {Noise: -5},
		"got 0 and NaN":                            {Bias: math.NaN()},
		"expected at most 1073741824 numbers":      {NSamples: 1 << 20, NFeatures: 1 << 11},
	} {
		_, _, err := MakeRegression(r)
		require.ErrorContains(t, err, "datasets: MakeRegression: ")
		require.ErrorContains(t, err, says)
	}
}
