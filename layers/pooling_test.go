package layers_test

import (
	"testing"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
)

func TestPoolingRefusals(t *testing.T) {
	sequence, image, volume := input(2, 3, 4), input(2, 5, 2, 3), input(2, 2, 5, 5, 1)
	for _, c := range []struct {
		layer layers.Layer
		x     ops.Tensor
		want  string
	}{
		{&layers.MaxPooling1D{PoolSize: []int{4}}, sequence, "a window of 4 along axis 1 of shape [2 3 4]: expected at least 4 elements there, got 3"},
		{&layers.AveragePooling2D{PoolSize: []int{2, 3}}, image, "a window of 3 along axis 2 of shape [2 5 2 3]: expected at least 3 elements there, got 2"},
		{&layers.MaxPooling3D{PoolSize: []int{3, 2, 2}}, volume, "a window of 3 along axis 1 of shape [2 2 2 2 1]: expected at least 3 elements there, got 2"},
		{&layers.MaxPooling2D{PoolSize: []int{1, 2, 3}}, image, "pool_size [1 2 3]: expected one number, or one for each of 2 axes, got 3"},
		{&layers.MaxPooling2D{Strides: []int{0}}, image, "strides [0]: expected numbers of at least 1, got 0"},
		{&layers.MaxPooling1D{Padding: "causal"}, sequence, `padding "causal": expected`},
		{&layers.AveragePooling1D{}, sequence, "pool_size is required"},
		{&layers.MaxPooling1D{}, image, "input of shape [2 5 2 3]: expected 3 axes with the batch and the channels, got 4"},
		{&layers.GlobalMaxPooling3D{}, image, "expected 5 axes with the batch and the channels, got 4"},
		{&layers.GlobalAveragePooling1D{DataFormat: "nwc"}, sequence, `data_format "nwc": expected`},
		{&layers.AdaptiveMaxPooling1D{}, sequence, "output_size is required"},
		{&layers.AdaptiveAveragePooling2D{OutputSize: []int{2, -1}}, image, "output_size [2 -1]: expected numbers of at least 1, got -1"},
	} {
		_, err := trace(c.layer, false, c.x)
		require.ErrorContains(t, err, c.want)
		require.ErrorContains(t, err, "inner ("+layers.ClassName(c.layer)+")")
	}
}

// Sizes that are not known yet stay so, except where the layer says what they become.
func TestPoolingOfUnknownSizes(t *testing.T) {
	const n = ops.Unknown
	for _, c := range []struct {
		layer layers.Layer
		x     ops.Tensor
		want  []int
	}{
		{&layers.MaxPooling1D{}, input(n, n, 4), []int{n, n, 4}},
		{&layers.AveragePooling2D{PoolSize: []int{2}, Padding: layers.Same}, input(n, n, 7, 3), []int{n, n, 4, 3}},
		{&layers.MaxPooling3D{DataFormat: layers.ChannelsFirst}, input(n, 2, n, 4, 5), []int{n, 2, n, 2, 2}},
		{&layers.GlobalAveragePooling2D{KeepDims: true}, input(n, n, n, 3), []int{n, 1, 1, 3}},
		{&layers.AdaptiveMaxPooling2D{OutputSize: []int{2, 3}}, input(n, n, n, 3), []int{n, 2, 3, 3}},
	} {
		y, err := trace(c.layer, false, c.x)
		require.NoError(t, err)
		require.Equal(t, c.want, y.Shape(), layers.ClassName(c.layer))
	}
}
