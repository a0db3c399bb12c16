package layers_test

import (
	"math"
	"slices"
	"testing"

	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/layers/layertest"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// pixels are images in which no two numbers are equal.
func pixels(shape ...int) *tensor.Dense {
	x := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
	for i := range x.Float32s() {
		x.Float32s()[i] = float32(i%251) + float32(i/251)/1024
	}
	return x
}

func TestRandomFlipFlipsHalfOfTheImages(t *testing.T) {
	for _, k := range readImageCases(t).Flips {
		x, flipped := k.Input.dense(), k.Output.dense().Float32s()
		n := x.Shape()[0]
		size := len(flipped) / n
		sides := [2]int{}
		for step, y := range run(t, load[layers.Layer](t, k.Config), 7, x, 200) {
			for i := range n {
				got := y[i*size : (i+1)*size]
				if slices.Equal(got, x.Float32s()[i*size:(i+1)*size]) {
					sides[0]++
					continue
				}
				sides[1]++
				require.Equal(t, flipped[i*size:(i+1)*size], got, "%s, step %d", k.Name, step)
			}
		}
		// Five standard deviations, which happen once in two million times.
		require.InDelta(t, 0.5, float64(sides[1])/float64(sides[0]+sides[1]), 5*0.5/math.Sqrt(float64(200*n)), k.Name)
	}
}

func TestRandomCropCutsAnywhere(t *testing.T) {
	x := pixels(2, 5, 6, 3)
	at := map[[2]int]int{}
	const steps = 1200
	for _, y := range run(t, &layers.RandomCrop{Height: 3, Width: 4}, 3, x, steps) {
		place := [2]int{-1, -1}
		for top := range 3 {
			for left := range 3 {
				if y[0] == x.Float32s()[(top*6+left)*3] {
					place = [2]int{top, left}
				}
			}
		}
		at[place]++
		var want []float32
		for image := range 2 {
			for row := range 3 {
				from := ((image*5+place[0]+row)*6 + place[1]) * 3
				want = append(want, x.Float32s()[from:from+12]...)
			}
		}
		require.Equal(t, want, y, "the same place for all images of a batch")
	}
	require.Len(t, at, 9)
	for place, n := range at {
		require.InDelta(t, steps/9.0, n, 5*math.Sqrt(steps/9.0*8/9), "%v", place)
	}
}

func TestDrawsOfImageLayers(t *testing.T) {
	const n, steps = 200, 5
	flat := ones(n, 2, 2, 1)
	for i := range flat.Float32s() {
		flat.Float32s()[i] = 100
	}
	ramp := tensor.New(tensor.WithShape(n, 1, 9, 1), tensor.Of(tensor.Float32))
	for i := range ramp.Float32s() {
		ramp.Float32s()[i] = float32(i%9) + 100
	}
	middle := func(y []float32) float64 { return float64(y[4]) - 104 } // of a ramp, which is straight there
	slope := func(y []float32) float64 { return float64(y[5] - y[4]) }
	tests := []struct {
		name      string
		layer     layers.Layer
		x         *tensor.Dense
		draw      func(y []float32) float64
		low, high float64
	}{
		{"brightness", &layers.RandomBrightness{Factor: 0.2}, flat, func(y []float32) float64 { return float64(y[0]) - 100 }, -51, 51},
		{"brightness of a range", &layers.RandomBrightness{FactorRange: []float64{0.3, -0.1}}, flat, func(y []float32) float64 { return float64(y[0]) - 100 }, -25.5, 76.5},
		{"contrast", &layers.RandomContrast{Factor: 0.5}, ramp, slope, 1, 1.5},
		{"contrast of a range", &layers.RandomContrast{FactorRange: []float64{0.5, 0.75}}, ramp, slope, 0.5, 1.75},
		{"translation", &layers.RandomTranslation{WidthFactor: 0.4}, ramp, middle, -3.6, 3.6},
		{"translation of a range", &layers.RandomTranslation{WidthRange: []float64{0.1, 0.3}}, ramp, func(y []float32) float64 { return -middle(y) }, 0.9, 2.7},
		{"zoom", &layers.RandomZoom{HeightFactor: 0.5}, ramp, slope, 0.5, 1.5},
		{"zoom of the width", &layers.RandomZoom{WidthRange: []float64{-0.5, -0.25}}, ramp, slope, 0.5, 0.75},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var draws []float64
			for _, y := range run(t, tt.layer, 11, tt.x, steps) {
				size := len(y) / n
				for i := range n {
					draws = append(draws, tt.draw(y[i*size:(i+1)*size]))
				}
			}
			requireUniform(t, draws, tt.low, tt.high)
		})
	}
}

// requireUniform holds numbers against the uniform distribution, by the largest distance of their distribution function from its (Kolmogorov).
func requireUniform(t *testing.T, draws []float64, low, high float64) {
	t.Helper()
	counts := make([]int, 20)
	for _, v := range draws {
		at := (v - low) / (high - low)
		require.True(t, at > -1e-4 && at < 1+1e-4, "%v is not between %v and %v", v, low, high)
		counts[min(max(int(at*20), 0), 19)]++
	}
	below := 0
	for i, c := range counts[:19] {
		below += c
		require.InDelta(t, float64(i+1)/20, float64(below)/float64(len(draws)), 2.7/math.Sqrt(float64(len(draws))), "share below part %d", i+1)
	}
	seen := map[float64]bool{}
	for _, v := range draws {
		seen[v] = true
	}
	require.Greater(t, len(seen), len(draws)*9/10, "each image has a draw of its own")
}

func TestRandomRotationDrawsAngles(t *testing.T) {
	// Of an image whose value grows to the right, the gradient at the middle turns with the image.
	const n = 200
	x := tensor.New(tensor.WithShape(n, 5, 5, 1), tensor.Of(tensor.Float32))
	for i := range x.Float32s() {
		x.Float32s()[i] = float32(i % 5)
	}
	var turns []float64
	for _, y := range run(t, &layers.RandomRotation{FactorRange: []float64{-0.1, 0.3}}, 2, x, 5) {
		for i := range n {
			at := y[i*25:]
			turns = append(turns, math.Atan2(float64(at[12]-at[17]), float64(at[13]-at[12]))/(2*math.Pi))
		}
	}
	requireUniform(t, turns, -0.1, 0.3)
}

func TestImageLayersDrawBySeed(t *testing.T) {
	x := pixels(3, 6, 7, 2)
	for name, build := range randomImageLayers() {
		t.Run(name, func(t *testing.T) {
			a := run(t, build(nil), 1, x, 6)
			require.Equal(t, a, run(t, build(nil), 1, x, 6), "same seed, same steps")
			require.NotEqual(t, a, run(t, build(nil), 2, x, 6))
			own := run(t, build(new(9)), 1, x, 6)
			require.Equal(t, own, run(t, build(new(9)), 2, x, 6), "a seed of its own takes the model's place")
			different := 0
			for i := range a {
				for j := range i {
					if !equal(a[i], a[j]) {
						different++
					}
				}
			}
			require.Greater(t, different, 4, "steps draw anew")
		})
	}
}

func equal(a, b []float32) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func randomImageLayers() map[string]func(seed *int) layers.Layer {
	return map[string]func(seed *int) layers.Layer{
		"RandomFlip":     func(s *int) layers.Layer { return &layers.RandomFlip{Seed: s} },
		"RandomRotation": func(s *int) layers.Layer { return &layers.RandomRotation{Factor: 0.3, Seed: s} },
		"RandomZoom":     func(s *int) layers.Layer { return &layers.RandomZoom{HeightFactor: 0.3, Seed: s} },
		"RandomTranslation": func(s *int) layers.Layer {
			return &layers.RandomTranslation{HeightFactor: 0.3, WidthFactor: 0.2, Seed: s}
		},
		"RandomContrast":   func(s *int) layers.Layer { return &layers.RandomContrast{Factor: 0.3, Seed: s} },
		"RandomBrightness": func(s *int) layers.Layer { return &layers.RandomBrightness{Factor: 0.3, Seed: s} },
		"RandomCrop":       func(s *int) layers.Layer { return &layers.RandomCrop{Height: 3, Width: 4, Seed: s} },
	}
}

func TestRandomImageLayersKeepTheContract(t *testing.T) {
	x := pixels(3, 6, 7, 2)
	for name, build := range randomImageLayers() {
		c := layertest.Case{Inputs: []*tensor.Dense{x}, Outputs: []*tensor.Dense{x}, Trainable: new(0), NonTrainable: new(0)}
		if name == "RandomCrop" { // The largest part of the ratio 3:4 is scaled.
			c.Outputs = nil
		}
		t.Run(name, func(t *testing.T) { layertest.Run(t, func() layers.Layer { return build(nil) }, c) })
	}
}

func TestRandomCropInInferenceScalesTheMiddle(t *testing.T) {
	in := pixels(1, 4, 6, 1)
	layertest.Run(t, func() layers.Layer { return &layers.RandomCrop{Height: 2, Width: 2} }, layertest.Case{
		Inputs:  []*tensor.Dense{in}, // columns 1 to 4, and of these the mean of 2 by 2
		Outputs: []*tensor.Dense{tensor.New(tensor.WithShape(1, 2, 2, 1), tensor.WithBacking([]float32{4.5, 6.5, 16.5, 18.5}))},
	})
}

// What is added to integers loses its fraction before, as in Keras: -2.55 is -2.
func TestRandomBrightnessOfIntegers(t *testing.T) {
	whole := func(v ...int32) []*tensor.Dense {
		return []*tensor.Dense{tensor.New(tensor.WithShape(1, 1, 2, 1), tensor.WithBacking(v))}
	}
	layertest.Run(t, func() layers.Layer { return &layers.RandomBrightness{FactorRange: []float64{-0.01, -0.01}} }, layertest.Case{
		Inputs: whole(10, 1), Training: true, Outputs: whole(8, 0),
	})
}
