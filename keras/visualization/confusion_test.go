package visualization_test

import (
	"math"
	"testing"

	"github.com/gokeras/gokeras/keras/visualization"
	"github.com/gokeras/gokeras/keras/visualization/internal/picturetest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func TestConfusions(t *testing.T) {
	want := [][]int{{1, 1, 0}, {0, 0, 1}, {1, 0, 2}}
	truth := array([]int32{0, 0, 1, 2, 2, 2}, 6)
	for name, c := range map[string]struct{ yTrue, yPred *tensor.Dense }{
		"class numbers": {truth, array([]int32{0, 1, 2, 0, 2, 2}, 6)},
		"probabilities": {truth, array([]float32{
			0.5, 0.25, 0.25, 0.25, 0.5, 0.25, 0, 0.25, 0.75, 0.5, 0.5, 0, 0, 0, 1, 0.25, 0.25, 0.5,
		}, 6, 3)},
		"one-hot labels": {array([]float32{1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1}, 6, 3), array([]int64{0, 1, 2, 0, 2, 2}, 6, 1)},
	} {
		got, err := visualization.Confusions(c.yTrue, c.yPred)
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
	}
	got, err := visualization.Confusions(array([]uint8{0, 1, 1}, 3), array([]float32{0.5, 0.5, 0.75}, 3, 1))
	require.NoError(t, err)
	assert.Equal(t, [][]int{{1, 0}, {1, 1}}, got, "0.5 is not above 0.5")
}

func TestConfusionMatrix(t *testing.T) {
	a, b := array([]int32{0, 0, 0, 1}, 4), array([]int32{0, 0, 1, 1}, 4)
	p, err := visualization.ConfusionMatrix(a, b, visualization.ConfusionOptions{Labels: []string{"no", "yes", "never"}})
	require.NoError(t, err)
	assert.Equal(t, []string{"no", "2", "1", "0", "yes", "0", "1", "0", "never", "0", "0", "0", "no", "yes", "never", "predicted", "true"}, picturetest.Texts(t, p))
	p, err = visualization.ConfusionMatrix(a, b, visualization.ConfusionOptions{Normalize: true})
	require.NoError(t, err)
	assert.Equal(t, []string{"0", "66.7", "33.3", "1", "0.0", "100.0", "0", "1", "predicted", "true"}, picturetest.Texts(t, p))
	assert.NotEmpty(t, picturetest.Written(t, p, visualization.PNG))
}

func TestWrongConfusions(t *testing.T) {
	two := array([]int32{0, 1}, 2)
	for want, c := range map[string]struct{ yTrue, yPred *tensor.Dense }{
		"as many predictions": {two, array([]int32{0, 1, 1}, 3)},
		"yTrue: expected an":  {nil, two},
		"class from 0":        {two, array([]int32{0, -1}, 2)},
		"probability, got":    {two, array([]float32{0, 7}, 2)},
		"for class 1":         {two, array([]float32{0, 1, 1, float32(math.NaN())}, 2, 2)},
		"got an array of":     {two, array(make([]float32, 8), 2, 2, 2)},
		"numbers, got":        {two, array([]string{"a", "b"}, 2)},
	} {
		_, err := visualization.ConfusionMatrix(c.yTrue, c.yPred)
		assert.ErrorContains(t, err, want)
	}
	_, err := visualization.ConfusionMatrix(two, two, visualization.ConfusionOptions{Labels: []string{"one"}})
	assert.ErrorContains(t, err, "a label for each of 2")
}
