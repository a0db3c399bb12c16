package visualization_test

import (
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/gokeras/gokeras/keras/visualization"
	"github.com/gokeras/gokeras/keras/visualization/internal/picturetest"
	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// square is red but for a margin of a quarter at the left.
func square() *visualization.Picture {
	return &visualization.Picture{Width: 72, Height: 36, Draw: func(c draw.Canvas) error {
		c.SetColor(color.RGBA{R: 255, A: 255})
		c.Fill(vg.Rectangle{Min: vg.Point{X: 18}, Max: c.Max}.Path())
		return nil
	}}
}

func TestAPictureOfOnesOwn(t *testing.T) {
	red, white := color.RGBA{255, 0, 0, 255}, color.RGBA{255, 255, 255, 255}
	for dpi, dots := range map[int]int{0: 144, 72: 72, 200: 200} {
		p := square()
		p.DPI = dpi
		img := picturetest.Pixels(t, p)
		assert.Equal(t, dots, img.Bounds().Dx())
		assert.Equal(t, dots/2, img.Bounds().Dy())
		assert.Equal(t, white, at(img, dots/4-2, dots/4))
		assert.Equal(t, red, at(img, dots/4+2, dots/4))
	}
	assert.Empty(t, picturetest.Texts(t, square()))
}

func TestFilesAreReplacedWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "picture.PNG")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	p := square()
	p.Draw = func(draw.Canvas) error { return errors.New("no ink") }
	require.ErrorContains(t, p.Save(path), "no ink")
	old, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "old", string(old))
	require.NoError(t, square().Save(path))
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	_, err = png.Decode(f)
	require.NoError(t, err)
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, left, 1)
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWrongPictures(t *testing.T) {
	p := square()
	assert.ErrorContains(t, p.Save(filepath.Join(t.TempDir(), "picture.gif")), "ends in .png or .svg")
	assert.ErrorContains(t, p.Save(filepath.Join(t.TempDir(), "none", "picture.svg")), "visualization: save")
	assert.ErrorContains(t, p.Write(io.Discard, "gif"), "unknown format")
	assert.ErrorContains(t, p.Write(broken{}, visualization.SVG), "disk full")
	assert.ErrorContains(t, p.Write(broken{}, visualization.PNG), "disk full")
	for want, change := range map[string]func(){
		"no Draw":        func() { p.Draw = nil },
		"positive Width": func() { p.Width = 0 },
		"not negative":   func() { p.DPI = -1 },
		"may have":       func() { p.Height = 1e9 },
	} {
		p = square()
		change()
		for _, f := range []visualization.Format{visualization.PNG, visualization.SVG} {
			assert.ErrorContains(t, p.Write(io.Discard, f), want)
		}
	}
}
