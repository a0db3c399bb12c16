package layers_test

import (
	"math"
	"testing"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/layers/layertest"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func moments(v []float32) (mean, variance float64) {
	for _, x := range v {
		mean += float64(x) / float64(len(v))
	}
	for _, x := range v {
		variance += (float64(x) - mean) * (float64(x) - mean) / float64(len(v))
	}
	return mean, variance
}

func TestGaussianNoiseHasItsMoments(t *testing.T) {
	const n = 100 * 1000
	for _, c := range []struct {
		layer           layers.Layer
		mean, deviation float64
	}{
		{&layers.GaussianNoise{Stddev: 0.25}, 1, 0.25}, // of ones
		{&layers.GaussianDropout{Rate: 0.2}, 1, 0.5},
		{&layers.GaussianDropout{Rate: 0.5}, 1, 1},
	} {
		y := run(t, c.layer, 4, ones(100, 1000), 1)[0]
		mean, variance := moments(y)
		require.InDelta(t, c.mean, mean, 5*c.deviation/math.Sqrt(n))
		require.InDelta(t, c.deviation*c.deviation, variance, 5*c.deviation*c.deviation*math.Sqrt(2.0/n))
		within := 0
		for _, v := range y {
			if math.Abs(float64(v)-c.mean) < c.deviation {
				within++
			}
		}
		require.InDelta(t, 0.6827, float64(within)/n, 0.008, "the share within one standard deviation")
	}
}

func TestGaussianDropoutScalesWithItsInput(t *testing.T) {
	x := ones(10, 10)
	a := run(t, &layers.GaussianDropout{Rate: 0.3}, 1, x, 1)[0]
	for i := range x.Float32s() {
		x.Float32s()[i] = -3
	}
	for i, v := range run(t, &layers.GaussianDropout{Rate: 0.3}, 1, x, 1)[0] {
		require.InDelta(t, -3*a[i], v, 1e-5)
	}
}

func TestAlphaDropoutKeepsTheMoments(t *testing.T) {
	const n = 100 * 1000
	x := tensor.New(tensor.WithShape(n), tensor.WithBacking(run(t, &layers.GaussianNoise{Stddev: 1}, 7, tensor.New(tensor.WithShape(n), tensor.Of(tensor.Float32)), 1)[0]))
	for _, rate := range []float64{0.1, 0.5} {
		y := run(t, &layers.AlphaDropout{Rate: rate}, 3, x, 1)[0]
		counts := map[float32]int{}
		for _, v := range y {
			counts[v]++
		}
		dropped := 0
		for _, c := range counts {
			dropped = max(dropped, c) // all that is dropped has the same value
		}
		require.InDelta(t, rate, float64(dropped)/n, 5*math.Sqrt(rate*(1-rate)/n))
		mean, variance := moments(y)
		require.InDelta(t, 0, mean, 0.02)
		require.InDelta(t, 1, variance, 0.03)
	}
}

func TestAlphaDropoutIsKerasArithmetic(t *testing.T) {
	const rate = 0.25
	lowest := -1.6732632423543772 * 1.0507009873554805
	a := 1 / math.Sqrt((1-rate)*(1+rate*lowest*lowest))
	dropped, kept := a*lowest-a*lowest*rate, a-a*lowest*rate
	y := run(t, &layers.AlphaDropout{Rate: rate, NoiseShape: []int{-1, 1}}, 1, ones(64, 5), 1)[0]
	seen := map[bool]int{}
	for i, v := range y {
		want := kept
		if v < 0 {
			want = dropped
		}
		require.InDelta(t, want, v, 1e-5)
		require.Equal(t, y[i/5*5], v, "one draw for all of a sample")
		seen[v < 0]++
	}
	require.Len(t, seen, 2)
}

func TestSpatialDropoutDropsWholeChannels(t *testing.T) {
	for _, c := range []struct {
		layer  layers.Layer
		shape  []int
		stride int // from one element of a channel to the next
	}{
		{&layers.SpatialDropout1D{Rate: 0.5}, []int{8, 6, 8}, 8},
		{&layers.SpatialDropout2D{Rate: 0.5}, []int{8, 2, 3, 8}, 8},
		{&layers.SpatialDropout3D{Rate: 0.5}, []int{8, 1, 2, 3, 8}, 8},
		{&layers.SpatialDropout2D{Rate: 0.5, DataFormat: layers.ChannelsFirst}, []int{8, 8, 2, 3}, 1},
		{&layers.SpatialDropout3D{Rate: 0.5, DataFormat: layers.ChannelsFirst}, []int{8, 8, 3, 2, 1}, 1},
	} {
		y := run(t, c.layer, 5, ones(c.shape...), 1)[0]
		kept := 0
		for sample := range 8 {
			for channel := range 8 {
				first := sample*48 + channel
				if c.stride == 1 {
					first = sample*48 + channel*6
				}
				for k := range 6 {
					require.Equal(t, y[first], y[first+k*c.stride], "one draw for all of a channel")
				}
				if y[first] != 0 {
					require.Equal(t, float32(2), y[first])
					kept++
				}
			}
		}
		require.Greater(t, kept, 12)
		require.Less(t, kept, 52)
	}
}

func TestNoiseComesFromTheStream(t *testing.T) {
	x := ones(20, 3, 4)
	for _, of := range []func(seed *int) layers.Layer{
		func(seed *int) layers.Layer { return &layers.GaussianNoise{Stddev: 0.5, Seed: seed} },
		func(seed *int) layers.Layer { return &layers.GaussianDropout{Rate: 0.5, Seed: seed} },
		func(seed *int) layers.Layer { return &layers.AlphaDropout{Rate: 0.5, Seed: seed} },
		func(seed *int) layers.Layer { return &layers.SpatialDropout1D{Rate: 0.5, Seed: seed} },
	} {
		a := run(t, of(nil), 1, x, 2)
		require.Equal(t, a, run(t, of(nil), 1, x, 2), "same seed, same steps")
		require.NotEqual(t, a[0], a[1], "each step draws anew")
		require.NotEqual(t, a, run(t, of(nil), 2, x, 2))
		require.Equal(t, run(t, of(new(9)), 1, x, 2), run(t, of(new(9)), 2, x, 2), "a seed of its own takes the model's place")
		layertest.Run(t, func() layers.Layer { return of(new(3)) },
			layertest.Case{Specs: []ops.Spec{{Shape: []int{3, 4, 5}, DType: ops.Float32}}, Trainable: new(0), NonTrainable: new(0)})
	}
}
