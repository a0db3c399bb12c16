package diagram_test

import (
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/visualization"
	"github.com/gokeras/gokeras/keras/visualization/diagram"
	"github.com/gokeras/gokeras/keras/visualization/internal/picturetest"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func small() *keras.Model {
	return keras.Sequential(
		&layers.Input{Shape: []int{4}}, &layers.Dense{Units: 3, Activation: activations.ReLU}, layers.Named("a<b>&\"c\"", &layers.Dense{Units: 1}),
	)
}

func TestDiagramAsPicture(t *testing.T) {
	o := diagram.Options{ShowShapes: true, ShowLayerNames: true, ShowLayerActivations: true, DPI: 72}
	p, err := diagram.Model(small(), o)
	require.NoError(t, err)
	texts := picturetest.Texts(t, p)
	for _, want := range []string{"dense", " (Dense)", "(None, 4)", "(None, 3)", "relu", "a<b>&\"c\""} {
		assert.Contains(t, texts, want)
	}
	img := picturetest.Pixels(t, p)
	assert.InDelta(t, p.Width, img.Bounds().Dx(), 1)
	assert.InDelta(t, p.Height, img.Bounds().Dy(), 1)
	assert.Equal(t, color.RGBA{A: 255}, color.RGBAModel.Convert(img.At(img.Bounds().Dx()/2, 10)), "the first layer's name stands on black")
	assert.Equal(t, color.RGBA{255, 255, 255, 255}, color.RGBAModel.Convert(img.At(0, 0)), "the sheet is white")

	o.DPI = 0
	p, err = diagram.Model(small(), o)
	require.NoError(t, err)
	assert.InDelta(t, p.Width*200/72, picturetest.Pixels(t, p).Bounds().Dx(), 1, "Keras's resolution is 200 dots per inch")
	again, err := diagram.Model(small(), o)
	require.NoError(t, err)
	assert.Equal(t, picturetest.Written(t, p, visualization.PNG), picturetest.Written(t, again, visualization.PNG))
}

// A long model lies on its side where it is told to.
func TestDirectionOfADiagram(t *testing.T) {
	down, err := diagram.Model(small())
	require.NoError(t, err)
	across, err := diagram.Model(small(), diagram.Options{RankDir: "LR"})
	require.NoError(t, err)
	assert.Less(t, down.Width, down.Height)
	assert.Less(t, across.Height, across.Width)
}

func TestLargeDiagramsStayWithinBounds(t *testing.T) {
	var stack []layers.Layer
	for range 120 {
		stack = append(stack, &layers.ReLU{})
	}
	m := keras.Sequential(append([]layers.Layer{&layers.Input{Shape: []int{1}}}, stack...)...)
	p, err := diagram.Model(m, diagram.Options{DPI: 300})
	require.NoError(t, err)
	require.Greater(t, p.Height*300/72, 32767.0)
	got := picturetest.Pixels(t, p).Bounds().Dy()
	assert.LessOrEqual(t, got, 32767)
	assert.Greater(t, got, 32000)
}

func TestDiagramsOfTooManyNodes(t *testing.T) {
	stack := []layers.Layer{&layers.Input{Shape: []int{1}}}
	for range 500 {
		stack = append(stack, &layers.ReLU{})
	}
	p, err := diagram.Model(keras.Sequential(stack...))
	require.NoError(t, err)
	assert.Greater(t, p.Height, 500*50.0)
	more := keras.Sequential(append(stack, &layers.ReLU{})...)
	_, err = diagram.Model(more)
	assert.ErrorContains(t, err, "501 nodes")
	text, err := diagram.Dot(more)
	require.NoError(t, err)
	assert.Contains(t, text, "n499 -> n500")
}

func TestDiagramsAtOnce(t *testing.T) {
	want, err := diagram.Model(small())
	require.NoError(t, err)
	bytes := picturetest.Written(t, want, visualization.SVG)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			p, err := diagram.Model(small())
			if assert.NoError(t, err) {
				assert.Equal(t, bytes, picturetest.Written(t, p, visualization.SVG))
			}
		})
	}
	all.Wait()
}

func TestAFileIsReplacedWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.PNG")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	require.ErrorContains(t, diagram.Plot(path, keras.Sequential()), "at least one layer")
	old, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "old", string(old))
	require.NoError(t, diagram.Plot(path, small()))
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	_, err = png.Decode(f)
	require.NoError(t, err)
	info, err := f.Stat()
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "the mode stays")
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, left, 1)
}

func TestWrongDiagrams(t *testing.T) {
	assert.ErrorContains(t, diagram.Plot(filepath.Join(t.TempDir(), "model.gif"), small()), "ends in .png or .svg")
	for want, o := range map[string]diagram.Options{
		"RankDir": {RankDir: "down"}, "Splines": {Splines: "straight"}, "DPI": {DPI: -1},
	} {
		_, err := diagram.Model(small(), o)
		assert.ErrorContains(t, err, want)
	}
	_, err := diagram.Model(nil)
	assert.ErrorContains(t, err, "nil")
	_, err = diagram.Model(keras.Sequential(&layers.Dense{Units: 1}))
	assert.ErrorContains(t, err, "not known yet")
}
