package initializers

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/saving"
)

type golden struct {
	Spreads []struct {
		Config       map[string]any
		Shape        []int
		Distribution Distribution
		Width        float64
	}
	Orthogonal struct{ A, Q [][]float64 }
	STFT       []struct {
		Config map[string]any
		Shape  []int
		Out    []float32
	}
	Words    map[string]*string
	Defaults map[string]map[string]any
}

func load(t *testing.T) golden {
	t.Helper()
	raw, err := os.ReadFile("testdata/initializers.json")
	require.NoError(t, err)
	var g golden
	require.NoError(t, json.Unmarshal(raw, &g))
	return g
}

func TestSpreadsAreKeras(t *testing.T) {
	t.Parallel()
	seen := map[any]bool{}
	for _, c := range load(t).Spreads {
		i, err := saving.Decode[Initializer](c.Config)
		require.NoError(t, err)
		v, ok := i.(VarianceScaling)
		if named, scaled := i.(interface{ scaling() VarianceScaling }); scaled {
			v, ok = named.scaling(), true
		}
		require.True(t, ok, "%T", i)
		seen[c.Config["class_name"]] = true
		d, width, err := v.spread(c.Shape)
		require.NoError(t, err)
		assert.Equal(t, c.Distribution, d, "%#v %v", i, c.Shape)
		assert.InEpsilon(t, c.Width, width, 1e-14, "%#v %v", i, c.Shape)
		sameConfig(t, c.Config, i)
	}
	assert.Greater(t, len(seen), 3)
}

// sameConfig asserts that what is written of i is in what Keras has written, and is read again as i.
func sameConfig(t *testing.T, config map[string]any, i Initializer) {
	t.Helper()
	written, err := saving.ToConfig(i)
	require.NoError(t, err)
	text, err := json.Marshal(written["config"])
	require.NoError(t, err)
	var ours map[string]any
	require.NoError(t, json.Unmarshal(text, &ours))
	for key, value := range ours {
		keras, ok := config["config"].(map[string]any)[key]
		assert.True(t, ok, "%T: %s", i, key)
		assert.Equal(t, keras, value, "%T: %s", i, key)
	}
	again, err := saving.Decode[Initializer](written)
	require.NoError(t, err)
	assert.Equal(t, i, again)
}

func TestSTFTIsKeras(t *testing.T) {
	t.Parallel()
	cases := load(t).STFT
	require.NotEmpty(t, cases)
	for _, c := range cases {
		i, err := saving.Decode[Initializer](c.Config)
		require.NoError(t, err)
		got := draw(t, i, c.Shape, "w")
		require.Len(t, got, len(c.Out))
		for k, want := range c.Out {
			// Keras rounds the angle three times, and its back ends do not agree on the last digit of its π.
			n := c.Shape[2]
			angle := math.Pi * float64(k/n*(k%n)) / float64(n-1)
			require.InDelta(t, want, got[k], 3e-7+angle*0x5p-24, "%#v %v at %d", i, c.Shape, k)
		}
		sameConfig(t, c.Config, i)
	}
}

func TestGetIsKeras(t *testing.T) {
	t.Parallel()
	words := load(t).Words
	require.Greater(t, len(words), 35)
	for word, class := range words {
		i, err := Get(word)
		if class == nil && strings.ToLower(word) != "constant" { // Keras wants a value for it even there.
			require.ErrorContains(t, err, word)
			continue
		}
		require.NoError(t, err, word)
		name, _ := saving.ClassName(i)
		if class != nil {
			assert.Equal(t, *class, name, word)
		}
	}
	_, err := Get("glorotuniform")
	require.EqualError(t, err, `initializers: Get: expected the name of an initializer, such as glorot_uniform or zeros, got "glorotuniform"`)
	i, err := Get("P>sevens")
	require.NoError(t, err)
	assert.Equal(t, []float32{7}, draw(t, i, []int{1}, "w"))
}

// sevens is an initializer of a user's own.
type sevens struct{}

func init() { saving.Register[sevens]("P>sevens", "") }

func (sevens) Init(dst []float32, _ []int, _ Stream) error {
	for i := range dst {
		dst[i] = 7
	}
	return nil
}

func TestNamedInitializersPassTheirAxesOn(t *testing.T) {
	t.Parallel()
	in, out := []int{0}, []int{1}
	for _, v := range []VarianceScaling{
		GlorotUniform{nil, in, out}.scaling(), GlorotNormal{nil, in, out}.scaling(), HeUniform{nil, in, out}.scaling(),
		HeNormal{nil, in, out}.scaling(), LecunUniform{nil, in, out}.scaling(), LecunNormal{nil, in, out}.scaling(),
	} {
		assert.Equal(t, in, v.InputAxes)
		assert.Equal(t, out, v.OutputAxes)
	}
}

// Keras's defaults, read as explicit values, do the same as fields that were left alone.
func TestDefaultsAreKeras(t *testing.T) {
	t.Parallel()
	d := load(t).Defaults
	require.Len(t, d, 16)
	for name, config := range d {
		explicit, err := saving.Decode[Initializer](config)
		require.NoError(t, err)
		bare, err := Get(name)
		require.NoError(t, err)
		shape := []int{6, 4}
		if name == "STFT" {
			shape = []int{6, 1, 4}
		}
		assert.Equal(t, draw(t, explicit, shape, "w"), draw(t, bare, shape, "w"), name)
	}
	assert.Empty(t, d["Identity"]["config"], "Keras does not save an identity's gain")
}

func draw(t *testing.T, i Initializer, shape []int, path string) []float32 {
	t.Helper()
	n := 1
	for _, d := range shape {
		n *= d
	}
	w := make([]float32, n)
	require.NoError(t, i.Init(w, shape, NewStream(1, path)))
	return w
}

func moments(w []float32) (mean, dev, lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range w {
		mean += float64(v) / float64(len(w))
		lo, hi = min(lo, float64(v)), max(hi, float64(v))
	}
	for _, v := range w {
		dev += (float64(v) - mean) * (float64(v) - mean) / float64(len(w))
	}
	return mean, math.Sqrt(dev), lo, hi
}

// The tolerances are five standard errors of the mean and of the deviation over n values.
func TestMoments(t *testing.T) {
	t.Parallel()
	shape := []int{3, 3, 64, 96}
	const n = 3 * 3 * 64 * 96
	in, out := 3*3*64.0, 3*3*96.0
	cases := []struct {
		i         Initializer
		mean, dev float64
		bound     float64 // the largest distance from the mean, 0: none
	}{
		{GlorotUniform{}, 0, math.Sqrt(2 / (in + out)), math.Sqrt(6 / (in + out))},
		{GlorotNormal{}, 0, math.Sqrt(2 / (in + out)), 2 * math.Sqrt(2/(in+out)) / afterCut},
		{HeUniform{}, 0, math.Sqrt(2 / in), math.Sqrt(6 / in)},
		{HeNormal{}, 0, math.Sqrt(2 / in), 2 * math.Sqrt(2/in) / afterCut},
		{LecunUniform{}, 0, math.Sqrt(1 / in), math.Sqrt(3 / in)},
		{LecunNormal{}, 0, math.Sqrt(1 / in), 2 * math.Sqrt(1/in) / afterCut},
		{VarianceScaling{Scale: 3, Mode: FanOut, Distribution: Untruncated}, 0, math.Sqrt(3 / out), 0},
		{RandomNormal{Mean: 2, Stddev: new(0.5)}, 2, 0.5, 0},
		{TruncatedNormal{Mean: -1, Stddev: new(0.5)}, -1, 0.5 * afterCut, 1},
		{RandomUniform{Minval: new(1.0), Maxval: new(3.0)}, 2, 2 / math.Sqrt(12), 1},
		{RandomUniform{Minval: new(0.0)}, 0.025, 0.05 / math.Sqrt(12), 0.025},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%T", c.i), func(t *testing.T) {
			t.Parallel()
			mean, dev, lo, hi := moments(draw(t, c.i, shape, "w"))
			assert.InDelta(t, c.mean, mean, 5*c.dev/math.Sqrt(n))
			assert.InDelta(t, c.dev, dev, 5*c.dev/math.Sqrt(2*n))
			if c.bound == 0 {
				assert.Greater(t, hi-c.mean, 3.5*c.dev, "a normal distribution has tails")
				return
			}
			slack := 1e-6 * c.bound
			assert.GreaterOrEqual(t, lo, c.mean-c.bound-slack)
			assert.LessOrEqual(t, hi, c.mean+c.bound+slack)
			assert.Greater(t, hi-lo, 1.99*c.bound, "the whole interval is used")
		})
	}
}

func TestUniformNeverReachesMaxval(t *testing.T) {
	t.Parallel()
	// Between these neighbours in float32 there is nothing, so that any rounding up would show.
	lo := float32(1)
	hi := math.Nextafter32(lo, 2)
	for _, v := range draw(t, RandomUniform{Minval: new(float64(lo)), Maxval: new(float64(hi))}, []int{1000}, "w") {
		require.Equal(t, lo, v)
	}
}

func TestConstants(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []float32{0, 0, 0, 0}, draw(t, Zeros{}, []int{4}, ""))
	assert.Equal(t, []float32{1, 1, 1, 1}, draw(t, Ones{}, []int{2, 2}, ""))
	assert.Equal(t, []float32{-0.1, -0.1}, draw(t, Constant{Value: -0.1}, []int{2}, ""))
	assert.Equal(t, []float32{7}, draw(t, Constant{Value: 7}, nil, ""))
	assert.Equal(t, []float32{1, 0, 0, 0, 1, 0}, draw(t, Identity{}, []int{2, 3}, ""))
	assert.Equal(t, []float32{0.5, 0, 0, 0.5, 0, 0}, draw(t, Identity{Gain: new(0.5)}, []int{3, 2}, ""))
	assert.Equal(t, []float32{0, 0, 0, 0}, draw(t, Identity{Gain: new(0.0)}, []int{2, 2}, ""))

	w := []float32{9, 9}
	require.NoError(t, Zeros{}.Init(w, []int{2}, Stream{}))
	assert.Equal(t, []float32{0, 0}, w, "what was there before does not matter")
}

func TestOrthonormalizeIsKerasQR(t *testing.T) {
	t.Parallel()
	o := load(t).Orthogonal
	rows := transpose(o.A)
	require.True(t, orthonormalize(rows))
	for j, col := range transpose(o.Q) {
		assert.InDeltaSlice(t, col, rows[j], 1e-13)
	}
	assert.False(t, orthonormalize([][]float64{{1, 2}, {2, 4}}), "dependent vectors")
	assert.False(t, orthonormalize([][]float64{{0, 0}}))
}

func transpose(m [][]float64) [][]float64 {
	r := make([][]float64, len(m[0]))
	for j := range r {
		for i := range m {
			r[j] = append(r[j], m[i][j])
		}
	}
	return r
}

func TestOrthogonal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		shape []int
		gain  *float64
	}{{[]int{8, 8}, nil}, {[]int{32, 128}, nil}, {[]int{40, 7}, new(1.5)}, {[]int{3, 3, 4, 10}, new(0.5)}, {[]int{1, 2, 3, 50}, nil}} {
		w := draw(t, Orthogonal{Gain: c.gain}, c.shape, "w")
		cols := c.shape[len(c.shape)-1]
		rows := len(w) / cols
		at := func(i, k int) float64 { return float64(w[i*cols+k]) }
		if rows > cols {
			at = func(i, k int) float64 { return float64(w[k*cols+i]) }
		}
		want := optional.Or(c.gain, 1) * optional.Or(c.gain, 1)
		for i := range min(rows, cols) {
			for j := range min(rows, cols) {
				sum := 0.0
				for k := range max(rows, cols) {
					sum += at(i, k) * at(j, k)
				}
				if i == j {
					sum -= want
				}
				require.InDelta(t, 0, sum, 1e-6, "%v: vectors %d and %d", c.shape, i, j)
			}
		}
	}
}

func TestStreams(t *testing.T) {
	t.Parallel()
	shape := []int{5, 7}
	for _, i := range []Initializer{GlorotUniform{}, HeNormal{}, RandomNormal{}, Orthogonal{}} {
		a := draw(t, i, shape, "dense/kernel")
		assert.Equal(t, a, draw(t, i, shape, "dense/kernel"), "%T: same stream, same bits", i)
		assert.NotEqual(t, a, draw(t, i, shape, "dense_1/kernel"), "%T: another path", i)
		b := make([]float32, len(a))
		require.NoError(t, i.Init(b, shape, NewStream(2, "dense/kernel")))
		assert.NotEqual(t, a, b, "%T: another seed", i)
	}
	distinct := map[Stream]bool{}
	for seed := range uint64(100) {
		for k := range 100 {
			distinct[NewStream(seed, fmt.Sprintf("dense_%d/kernel", k))] = true
		}
	}
	assert.Len(t, distinct, 100*100)
}

func TestExplicitSeedReplacesThePath(t *testing.T) {
	t.Parallel()
	shape := []int{5, 7}
	for _, mk := range []func(seed *int) Initializer{
		func(s *int) Initializer { return RandomNormal{Seed: s} },
		func(s *int) Initializer { return RandomUniform{Seed: s} },
		func(s *int) Initializer { return TruncatedNormal{Seed: s} },
		func(s *int) Initializer { return VarianceScaling{Seed: s} },
		func(s *int) Initializer { return GlorotUniform{Seed: s} },
		func(s *int) Initializer { return GlorotNormal{Seed: s} },
		func(s *int) Initializer { return HeUniform{Seed: s} },
		func(s *int) Initializer { return HeNormal{Seed: s} },
		func(s *int) Initializer { return LecunUniform{Seed: s} },
		func(s *int) Initializer { return LecunNormal{Seed: s} },
		func(s *int) Initializer { return Orthogonal{Seed: s} },
	} {
		i := mk(new(0))
		assert.Equal(t, draw(t, i, shape, "a"), draw(t, i, shape, "b"), "%T", i)
		assert.NotEqual(t, draw(t, i, shape, "a"), draw(t, mk(new(1)), shape, "a"), "%T", i)
		assert.NotEqual(t, draw(t, i, shape, "a"), draw(t, mk(nil), shape, "a"), "%T", i)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		i     Initializer
		n     int
		shape []int
		says  string
	}{
		{GlorotUniform{}, 5, []int{2, 3}, "GlorotUniform: shape [2 3]: expected 6 values to fill, got 5"},
		{Zeros{}, 0, []int{2, 0}, "axis 1 of shape [2 0]: expected a positive size, got 0"},
		{RandomNormal{}, 6, []int{-2, -3}, "axis 0 of shape [-2 -3]"},
		{Identity{}, 8, []int{2, 2, 2}, "expected rank 2, got rank 3"},
		{Identity{}, 3, []int{2, 2}, "Identity"},
		{Orthogonal{}, 4, []int{4}, "expected rank 2 or more, got rank 1"},
		{Orthogonal{}, 5, []int{2, 2}, "expected 4 values"},
		{VarianceScaling{Scale: -1}, 4, []int{4}, "Scale: expected a positive number, got -1"},
		{VarianceScaling{Scale: math.NaN()}, 4, []int{4}, "Scale"},
		{VarianceScaling{Mode: "fan"}, 4, []int{4}, `got "fan"`},
		{VarianceScaling{Distribution: "cauchy"}, 4, []int{4}, `got "cauchy"`},
		{VarianceScaling{InputAxes: []int{2}, OutputAxes: []int{0}}, 4, []int{4}, "InputAxes: shape [4]: expected axes in [-1, 1), got 2"},
		{GlorotNormal{InputAxes: []int{0}, OutputAxes: []int{-2}}, 4, []int{4}, "GlorotNormal: OutputAxes"},
		{RandomUniform{Minval: new(2.0), Maxval: new(1.0)}, 4, []int{4}, "expected Minval <= Maxval, got 2 and 1"},
		{RandomUniform{}, 3, []int{4}, "RandomUniform"},
		{STFT{}, 4, []int{2, 2}, "STFT: shape [2 2]: expected [frame, 1, frequencies] of 2 frequencies or more"},
		{STFT{}, 2, []int{2, 1, 1}, "2 frequencies or more"},
		{STFT{}, 3, []int{2, 1, 2}, "STFT: shape [2 1 2]: expected 4 values to fill, got 3"},
		{STFT{Side: "left"}, 4, []int{2, 1, 2}, `Side: expected "real" or "imag", got "left"`},
		{STFT{Scaling: "power"}, 4, []int{2, 1, 2}, `Scaling: expected "density", "spectrum" or "none", got "power"`},
		{STFT{Window: "kaiser"}, 4, []int{2, 1, 2}, `Window: "kaiser" is not supported`},
		{TruncatedNormal{Stddev: new(-1.0)}, 4, []int{4}, "Stddev: expected 0 or more, got -1"},
	} {
		w := make([]float32, c.n)
		for i := range w {
			w[i] = 42
		}
		err := c.i.Init(w, c.shape, Stream{})
		require.ErrorContains(t, err, c.says, "%#v", c.i)
		assert.ErrorContains(t, err, "initializers: ")
		for _, v := range w {
			require.EqualValues(t, 42, v, "%#v: untouched on an error", c.i)
		}
	}
}
