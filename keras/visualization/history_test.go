package visualization_test

import (
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/visualization"
	"github.com/gokeras/gokeras/keras/visualization/internal/picturetest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func history() *keras.History {
	return &keras.History{Epoch: []int{0, 1, 2, 3}, Metrics: map[string][]float64{
		"loss": {1, 0.5, math.NaN(), 0.25}, "val_loss": {1, 0.75, 0.5, math.Inf(1)}, "accuracy": {0, 0, 0, 0}, "val_accuracy": {0.25, 0.5, 0.75, 1},
		"learning_rate": {1e-3, 1e-3, 1e-4, 1e-4},
	}}
}

func TestHistory(t *testing.T) {
	p, err := visualization.History(history())
	require.NoError(t, err)
	texts := picturetest.Texts(t, p)
	var titles []string
	for _, s := range texts {
		if _, ok := history().Metrics[s]; ok {
			titles = append(titles, s)
		}
	}
	assert.Equal(t, []string{"loss", "accuracy", "learning_rate"}, titles, "validation shares the diagram of its metric")
	assert.Contains(t, texts, "validation")
	assert.Equal(t, []float64{1080, 270}, []float64{p.Width, p.Height})
	assert.Equal(t, image.Pt(2160, 540), picturetest.Pixels(t, p).Bounds().Size())

	p, err = visualization.History(history(), visualization.HistoryOptions{Metrics: []string{"loss"}, Logarithmic: true, Width: 100, Height: 80, DPI: 72})
	require.NoError(t, err)
	assert.Equal(t, image.Pt(100, 80), picturetest.Pixels(t, p).Bounds().Size())
}

// ends are the first and the last dot of a color, by columns, below the legend.
func ends(img image.Image, c color.RGBA) (left, right image.Point) {
	left, right = image.Pt(-1, -1), image.Pt(-1, -1)
	for x := range img.Bounds().Dx() {
		for y := 60; y < img.Bounds().Dy(); y++ {
			if at(img, x, y) == c {
				if left.X < 0 {
					left = image.Pt(x, y)
				}
				right = image.Pt(x, y)
			}
		}
	}
	return left, right
}

// The curves are where their values are: the one that rises ends at the top right, in validation's color.
func TestCurvesAreWhereTheirValuesAre(t *testing.T) {
	h := &keras.History{Epoch: []int{0, 1}, Metrics: map[string][]float64{"m": {1, 1}, "val_m": {0, 1}}}
	p, err := visualization.History(h)
	require.NoError(t, err)
	img := picturetest.Pixels(t, p)
	left, right := ends(img, color.RGBA{255, 127, 14, 255})
	require.GreaterOrEqual(t, left.X, 0, "the curve is there")
	assert.Greater(t, right.X-left.X, img.Bounds().Dx()/2)
	assert.Less(t, right.Y-left.Y, -img.Bounds().Dy()/2, "rows count downwards")
}

func TestHistoriesOfOneEpochAndOfNothing(t *testing.T) {
	one := &keras.History{Epoch: []int{0}, Metrics: map[string][]float64{"loss": {0.5}}}
	p, err := visualization.History(one)
	require.NoError(t, err)
	assert.Contains(t, picturetest.Texts(t, p), "1")
	lost := &keras.History{Epoch: []int{0}, Metrics: map[string][]float64{"loss": {math.NaN()}}}
	for _, log := range []bool{false, true} {
		p, err = visualization.History(lost, visualization.HistoryOptions{Logarithmic: log})
		require.NoError(t, err)
		assert.Contains(t, picturetest.Texts(t, p), "loss")
	}
	for _, h := range []*keras.History{nil, {}} {
		_, err = visualization.History(h)
		assert.ErrorContains(t, err, "no epoch")
	}
}

func TestValidationNowAndThen(t *testing.T) {
	h := &keras.History{Epoch: []int{0, 1, 2, 3, 4}, Metrics: map[string][]float64{"loss": {5, 4, 3, 2, 1}, "val_loss": {4.5, 2.5}}}
	p, err := visualization.History(h, visualization.HistoryOptions{ValidationFreq: 2})
	require.NoError(t, err)
	img := picturetest.Pixels(t, p)
	from, to := ends(img, color.RGBA{31, 119, 180, 255})
	left, right := ends(img, color.RGBA{255, 127, 14, 255})
	epoch := float64(to.X-from.X) / 4
	assert.InDelta(t, float64(from.X)+epoch, left.X, 4, "after the second epoch")
	assert.InDelta(t, float64(from.X)+3*epoch, right.X, 4, "after the fourth epoch")
	_, err = visualization.History(h)
	assert.ErrorContains(t, err, "val_loss has 2 values, expected 5")
	_, err = visualization.History(h, visualization.HistoryOptions{Metrics: []string{"mae"}})
	assert.ErrorContains(t, err, "no such metric")
	_, err = visualization.History(h, visualization.HistoryOptions{Width: -1})
	assert.ErrorContains(t, err, "not negative")
}
