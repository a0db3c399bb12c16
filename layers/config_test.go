package layers_test

import (
	"testing"

	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
)

// TestConfigsAreKerass writes arguments in the form that Keras's constructors take: one number for both axes is no list, a rate of 0 is said, and a
// size that is the input's is null.
func TestConfigsAreKerass(t *testing.T) {
	for _, c := range []struct {
		layer any
		name  string
		want  any
	}{
		{&layers.Conv2D{Filters: 2, KernelSize: []int{3}}, "kernel_size", int64(3)},
		{&layers.Conv2D{Filters: 2, KernelSize: []int{3, 2}}, "kernel_size", []any{int64(3), int64(2)}},
		{&layers.Conv2D{Filters: 2, KernelSize: []int{3}, Strides: []int{2}}, "strides", int64(2)},
		{&layers.MaxPooling2D{PoolSize: []int{2}}, "pool_size", int64(2)},
		{&layers.Dropout{}, "rate", 0.0},
		{&layers.Dropout{Rate: 0.5, NoiseShape: []int{-1, 1}}, "noise_shape", []any{nil, int64(1)}},
		{&layers.SpatialDropout2D{}, "rate", 0.0},
	} {
		o, err := saving.ToConfig(c.layer)
		require.NoError(t, err)
		require.Equal(t, c.want, o["config"].(map[string]any)[c.name], "%T: %s", c.layer, c.name)
	}
}
