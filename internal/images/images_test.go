package images

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

type pixels struct {
	Shape []int
	Data  []float32
}

func (p pixels) dense() *tensor.Dense {
	return tensor.New(tensor.WithShape(p.Shape...), tensor.WithBacking(p.Data))
}

// furthest is the largest distance of a pixel, and the mean one.
func (p pixels) furthest(t *testing.T, got *tensor.Dense) (most, mean float64) {
	t.Helper()
	require.Equal(t, tensor.Shape(p.Shape), got.Shape())
	for i, v := range got.Float32s() {
		d := math.Abs(float64(v - p.Data[i]))
		most, mean = max(most, d), mean+d/float64(len(p.Data))
	}
	return most, mean
}

type golden struct {
	Files []struct {
		Kind            string
		File            []byte
		ColorMode       string `json:"color_mode"`
		TargetSize      []int  `json:"target_size"`
		Interpolation   string
		KeepAspectRatio bool `json:"keep_aspect_ratio"`
		Want            pixels
	}
	Resizes []struct {
		X, Want            pixels
		Height, Width      int
		Interpolation, How string
	}
}

func readGolden(t *testing.T) (g golden) {
	t.Helper()
	f, err := os.Open("testdata/images.json.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	require.NoError(t, json.NewDecoder(z).Decode(&g))
	require.NotEmpty(t, g.Files)
	require.NotEmpty(t, g.Resizes)
	return g
}

func TestDecodeAsPillow(t *testing.T) {
	t.Parallel()
	for i, c := range readGolden(t).Files {
		name := fmt.Sprintf("%d %s %s %s %v", i, c.Kind, c.ColorMode, c.Interpolation, c.TargetSize)
		o := Options{ColorMode: c.ColorMode, Interpolation: c.Interpolation, KeepAspectRatio: c.KeepAspectRatio}
		if c.TargetSize != nil {
			o.Height, o.Width = c.TargetSize[0], c.TargetSize[1]
		}
		x, err := Decode(bytes.NewReader(c.File), o)
		require.NoError(t, err, name)
		if c.ColorMode == "rgba" && c.Interpolation != "" {
			multiply(c.Want.Data, c.Want.Data)
			multiply(x.Float32s(), c.Want.Data)
		}
		most, mean := c.Want.furthest(t, x)
		limit := 0.0
		if c.Kind[0] == 'j' { // So do decoders of JPEG.
			limit = 4
		}
		assert.LessOrEqual(t, most, limit, name)
		if len(c.Want.Data) > 100 {
			assert.LessOrEqual(t, mean, limit/4, name)
		}
	}
}

// multiply multiplies colors by opacities: where next to nothing is seen, its color is anybody's.
func multiply(colors, opacities []float32) {
	for i := range colors {
		if i%4 != 3 {
			colors[i] *= opacities[i|3] / 255
		}
	}
}

func TestResizeAsTensorFlow(t *testing.T) {
	t.Parallel()
	how := map[string]func(x *tensor.Dense, height, width int, interpolation string) (*tensor.Dense, error){
		"plain": Resize, "crop": ResizeWithCrop, "pad": ResizeWithPad,
	}
	for i, c := range readGolden(t).Resizes {
		name := fmt.Sprintf("%d %s %s %v to %d x %d", i, c.How, c.Interpolation, c.X.Shape, c.Height, c.Width)
		x, err := how[c.How](c.X.dense(), c.Height, c.Width, c.Interpolation)
		require.NoError(t, err, name)
		most, _ := c.Want.furthest(t, x)
		assert.LessOrEqual(t, most, 2e-3, name)
	}
}

func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	const height, width = 9, 14
	for _, c := range []struct {
		suffix    string
		channels  int
		mode      string
		tolerance float64
	}{
		{"png", 1, "grayscale", 0},
		{"PNG", 3, "rgb", 0},
		{"png", 4, "rgba", 0},
		{"bmp", 3, "rgb", 0},
		{"bmp", 1, "grayscale", 0},
		{"jpg", 1, "grayscale", 6},
		{"jpeg", 3, "rgb", 12},
		{"jpeg", 4, "rgb", 12},
	} {
		x := pixels{Shape: []int{height, width, c.channels}}
		want := pixels{Shape: []int{height, width, min(c.channels, map[string]int{"grayscale": 1, "rgb": 3, "rgba": 4}[c.mode])}}
		for i := range height * width {
			for ch := range c.channels {
				v := float32(i + 20*ch)
				x.Data = append(x.Data, v+0.9)
				if ch < want.Shape[2] {
					want.Data = append(want.Data, v)
				}
			}
		}
		path := filepath.Join(t.TempDir(), "x."+c.suffix)
		require.NoError(t, Save(path, x.dense()))
		got, err := Load(path, Options{ColorMode: c.mode})
		require.NoError(t, err)
		most, _ := want.furthest(t, got)
		assert.LessOrEqual(t, most, c.tolerance, "%+v", c)
	}
	path := filepath.Join(t.TempDir(), "x.png")
	require.NoError(t, Save(path, tensor.New(tensor.WithShape(1, 4, 1), tensor.WithBacking([]float32{-7, 300, float32(math.NaN()), 12}))))
	got, err := Load(path, Options{ColorMode: "grayscale"})
	require.NoError(t, err)
	assert.Equal(t, []float32{0, 255, 0, 12}, got.Float32s())
}

func TestErrors(t *testing.T) {
	t.Parallel()
	picture := tensor.New(tensor.WithShape(1, 1, 3), tensor.WithBacking([]float32{1, 2, 3}))
	dir := t.TempDir()
	path := filepath.Join(dir, "x.png")
	require.NoError(t, Save(path, picture))
	bad := filepath.Join(dir, "bad.png")
	require.NoError(t, os.WriteFile(bad, []byte("no picture"), 0o600))
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	cut := filepath.Join(dir, "cut.png")
	require.NoError(t, os.WriteFile(cut, raw[:len(raw)-20], 0o600))
	huge := filepath.Join(dir, "huge.gif")
	require.NoError(t, os.WriteFile(huge, []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00"), 0o600))
	for _, c := range []struct {
		call func() error
		says []string
	}{
		{func() error { _, err := Load(filepath.Join(dir, "none.png"), Options{}); return err }, []string{"none.png"}},
		{func() error { _, err := Load(bad, Options{}); return err }, []string{"bad.png", "expected a PNG, JPEG, GIF or BMP"}},
		{func() error { _, err := Load(cut, Options{}); return err }, []string{"cut.png"}},
		{func() error { _, err := Load(huge, Options{}); return err }, []string{"huge.gif", "65535"}},
		{func() error { _, err := Load(path, Options{ColorMode: "cmyk"}); return err }, []string{`got "cmyk"`}},
		{func() error { _, err := Load(path, Options{Height: 3}); return err }, []string{"got 3 x 0"}},
		{func() error { _, err := Load(path, Options{Height: 3, Width: -2}); return err }, []string{"got 3 x -2"}},
		{func() error { _, err := Load(path, Options{Height: 2, Width: 2, Interpolation: "area"}); return err }, []string{`got "area"`}},
		{func() error { return Save(filepath.Join(dir, "x.gif"), picture) }, []string{"x.gif", `got ".gif"`}},
		{func() error { return Save(filepath.Join(dir, "no", "x.png"), picture) }, []string{"x.png"}},
		{func() error { return Save(path, tensor.New(tensor.WithShape(1, 1, 2), tensor.Of(tensor.Float32))) }, []string{"got 2"}},
		{func() error { return Save(path, nil) }, []string{"got nil"}},
		{func() error { _, err := Resize(picture, 0, 1, ""); return err }, []string{"got 0 x 1"}},
		{func() error { _, err := ResizeWithCrop(picture, 1, 0, ""); return err }, []string{"got 1 x 0"}},
		{func() error { _, err := ResizeWithPad(picture, -1, 0, ""); return err }, []string{"got -1 x 0"}},
		{func() error { _, err := Resize(picture, 1, 1, "hamming"); return err }, []string{`got "hamming"`}},
		{func() error {
			_, err := Resize(tensor.New(tensor.WithShape(1, 1), tensor.Of(tensor.Int)), 1, 1, "")
			return err
		}, []string{"int (1, 1)"}},
	} {
		err := c.call()
		require.Error(t, err, c.says)
		for _, s := range c.says {
			require.ErrorContains(t, err, s)
		}
	}
}
