package visualization_test

import (
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"github.com/gokeras/gokeras/keras/visualization"
	"github.com/gokeras/gokeras/keras/visualization/internal/picturetest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func array(data any, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
}

func at(img image.Image, x, y int) color.RGBA {
	return color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)
}

func TestGalleryPixels(t *testing.T) {
	gray := func(v uint8) color.RGBA { return color.RGBA{v, v, v, 255} }
	pictures := array([]float32{0, 0.5, 1, 0.25, 1, 1, 0, float32(math.NaN()), 0, 0, 0, 2}, 3, 2, 2)
	p, err := visualization.Gallery(pictures, visualization.GalleryOptions{Columns: 2, Scale: 3, Range: [2]float64{0, 1}})
	require.NoError(t, err)
	img := picturetest.Pixels(t, p)
	assert.Equal(t, image.Pt(2*(6+8)+8, 2*(6+8)+8), img.Bounds().Size())
	for _, c := range []struct {
		x, y int
		want color.RGBA
	}{
		{8, 8, gray(0)},
		{10, 10, gray(0)},
		{11, 8, gray(128)},
		{13, 10, gray(128)},
		{8, 11, gray(255)},
		{13, 13, gray(64)},
		{22, 8, gray(255)},
		{22, 13, gray(0)},
		{27, 13, gray(0)},
		{8, 22, gray(0)},
		{13, 27, gray(255)},
		{14, 8, gray(255)},
		{22, 22, gray(255)},
	} {
		assert.Equal(t, c.want, at(img, c.x, c.y), "dot %d, %d", c.x, c.y)
	}

	p, err = visualization.Gallery(array([]uint8{0, 0, 255, 255, 255, 0}, 1, 1, 2, 3), visualization.GalleryOptions{Scale: 1})
	require.NoError(t, err)
	img = picturetest.Pixels(t, p)
	assert.Equal(t, color.RGBA{0, 0, 255, 255}, at(img, 8, 8))
	assert.Equal(t, color.RGBA{255, 255, 0, 255}, at(img, 9, 8))
}

func TestHeatLiesOverPictures(t *testing.T) {
	full := 1.0
	pictures, heat := array([]float32{0, 1, 0, 1}, 1, 2, 2), array([]float32{-3, 7}, 1, 1, 2)
	p, err := visualization.Gallery(pictures, visualization.GalleryOptions{Scale: 2, Heat: heat, HeatOpacity: &full})
	require.NoError(t, err)
	img := picturetest.Pixels(t, p)
	cold, hot := at(img, 9, 9), at(img, 11, 11)
	assert.Greater(t, cold.B, cold.R)
	assert.Greater(t, hot.R, hot.B)
	half, err := visualization.Gallery(pictures, visualization.GalleryOptions{Scale: 2, Heat: heat})
	require.NoError(t, err)
	assert.InDelta(t, (int(cold.B)+0)/2, int(at(picturetest.Pixels(t, half), 9, 9).B), 1, "black below, half hidden")
}

func TestGalleryOfManyHasLabels(t *testing.T) {
	p, err := visualization.Gallery(array(make([]float32, 5*4), 5, 2, 2), visualization.GalleryOptions{Labels: strings.Split("a,b,c,d,é", ",")})
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b", "c", "d", "é"}, picturetest.Texts(t, p))
	assert.Equal(t, []float64{3*(96+8) + 8, 2*(96+8+18) + 8}, []float64{p.Width, p.Height})
}

func TestWrongGalleries(t *testing.T) {
	pictures := array(make([]float32, 8), 2, 2, 2)
	much := 1.5
	for want, c := range map[string]struct {
		a *tensor.Dense
		o visualization.GalleryOptions
	}{
		"nil":                {nil, visualization.GalleryOptions{}},
		"channels last":      {array(make([]float32, 8), 1, 2, 2, 2), visualization.GalleryOptions{}},
		"[n, height, width]": {array(make([]float32, 4), 2, 2), visualization.GalleryOptions{}},
		"numbers":            {array([]string{"a"}, 1, 1, 1), visualization.GalleryOptions{}},
		"2 pictures":         {pictures, visualization.GalleryOptions{Labels: []string{"one"}}},
		"smaller":            {pictures, visualization.GalleryOptions{Range: [2]float64{1, 0}}},
		"not negative":       {pictures, visualization.GalleryOptions{Columns: -1}},
		"divides":            {pictures, visualization.GalleryOptions{Heat: array(make([]float32, 18), 2, 3, 3)}},
		"opacity":            {pictures, visualization.GalleryOptions{Heat: pictures, HeatOpacity: &much}},
	} {
		_, err := visualization.Gallery(c.a, c.o)
		assert.ErrorContains(t, err, want)
	}
}
