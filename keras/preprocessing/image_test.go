package preprocessing

import (
	"image"
	"image/color"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func TestLoadImageIsKeras(t *testing.T) {
	t.Parallel()
	for _, c := range load(t).Pictures {
		x, err := LoadImage(filepath.Join("testdata", c.File), LoadImageOptions{
			ColorMode: c.ColorMode, TargetSize: c.TargetSize, Interpolation: c.Interpolation, KeepAspectRatio: c.KeepAspectRatio, DataFormat: c.DataFormat,
		})
		require.NoError(t, err)
		tolerance := 0.0
		if filepath.Ext(c.File) == ".jpg" {
			tolerance = 4.0 / 255 // Decoders differ by a step, which filters with negative weights enlarge.
		}
		closeTo(t, c.Out, x, tolerance, 255, c.File)
	}
}

func TestArrayToImageIsKeras(t *testing.T) {
	t.Parallel()
	for _, c := range load(t).Drawn {
		m, err := ArrayToImage(c.X.dense(), ArrayToImageOptions{DataFormat: c.DataFormat, Scale: &c.Scale})
		require.NoError(t, err)
		for i, want := range c.Out.floats() {
			channels := c.Out.Shape[2]
			pixel := color.NRGBAModel.Convert(m.At(i/channels%4, i/channels/4)).(color.NRGBA)
			assert.InDelta(t, want, [4]uint8{pixel.R, pixel.G, pixel.B, pixel.A}[i%channels], 0)
			if channels == 3 {
				assert.EqualValues(t, 255, pixel.A)
			}
		}
	}
}

func TestSmartResizeIsKeras(t *testing.T) {
	t.Parallel()
	for _, c := range load(t).Resized {
		x, err := SmartResize(c.X.dense(), c.Size, SmartResizeOptions{Interpolation: c.Interpolation, DataFormat: c.DataFormat})
		require.NoError(t, err)
		closeTo(t, c.Out, x, 1e-5, 255, c.Interpolation)
	}
}

func TestImagesThereAndBack(t *testing.T) {
	t.Parallel()
	samples := []float32{0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200, 210, 220, 254}
	for _, channels := range []int{1, 3, 4} {
		x := tensor.New(tensor.WithShape(2, 3, channels), tensor.WithBacking(append([]float32(nil), samples[:6*channels]...)))
		path := filepath.Join(t.TempDir(), "x.png")
		require.NoError(t, SaveImage(path, x, ArrayToImageOptions{Scale: new(false)}))
		mode := map[int]string{1: "grayscale", 3: "rgb", 4: "rgba"}[channels]
		y, err := LoadImage(path, LoadImageOptions{ColorMode: mode})
		require.NoError(t, err)
		assert.Equal(t, x.Data(), y.Data())

		m, err := ArrayToImage(x, ArrayToImageOptions{Scale: new(false)})
		require.NoError(t, err)
		z, err := ImageToArray(m, "")
		require.NoError(t, err)
		assert.Equal(t, x.Shape(), z.Shape())
		assert.Equal(t, x.Data(), z.Data())
		first, err := ImageToArray(m, "channels_first")
		require.NoError(t, err)
		assert.Equal(t, tensor.Shape{channels, 2, 3}, first.Shape())
		assert.Equal(t, x.Float32s()[channels], first.Float32s()[1], "the second pixel of the first channel")
		back, err := ArrayToImage(first, ArrayToImageOptions{DataFormat: "channels_first", Scale: new(false)})
		require.NoError(t, err)
		assert.Equal(t, m, back)
		assert.Equal(t, samples[:6*channels], x.Data(), "x stays as it is")
	}
}

func TestImageErrors(t *testing.T) {
	t.Parallel()
	x := tensor.New(tensor.WithShape(2, 3, 2), tensor.WithBacking(make([]float32, 12)))
	flatArray := tensor.New(tensor.WithShape(12), tensor.WithBacking(make([]float32, 12)))
	_, err := LoadImage("testdata/none.png", LoadImageOptions{})
	require.ErrorContains(t, err, "testdata/none.png")
	_, err = LoadImage("testdata/picture.png", LoadImageOptions{DataFormat: "last"})
	require.ErrorContains(t, err, `expected "channels_last" or "channels_first", got "last"`)
	_, err = LoadImage("testdata/picture.png", LoadImageOptions{TargetSize: [2]int{3, -1}})
	require.Error(t, err)
	_, err = ImageToArray(nil, "")
	require.ErrorContains(t, err, "expected an image with pixels")
	_, err = ImageToArray(image.NewGray(image.Rect(0, 0, 0, 4)), "")
	require.ErrorContains(t, err, "expected an image with pixels")
	_, err = ArrayToImage(x, ArrayToImageOptions{})
	require.ErrorContains(t, err, "expected 1, 3 or 4 channels, got 2")
	_, err = ArrayToImage(nil, ArrayToImageOptions{})
	require.ErrorContains(t, err, "got nil")
	require.ErrorContains(t, SaveImage("x.png", flatArray, ArrayToImageOptions{}), "expected an image of 3 axes, got (12)")
	_, err = SmartResize(flatArray, [2]int{2, 2}, SmartResizeOptions{})
	require.ErrorContains(t, err, "expected an image of 3 axes or a batch of 4, got (12)")
	_, err = SmartResize(x, [2]int{0, 2}, SmartResizeOptions{})
	require.Error(t, err)
	_, err = SmartResize(x, [2]int{2, 2}, SmartResizeOptions{Interpolation: "cubic"})
	require.ErrorContains(t, err, `got "cubic"`)
}
