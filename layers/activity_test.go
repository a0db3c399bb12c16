package layers_test

import (
	"testing"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
)

// losses is how many penalties a layer adds.
func losses(t *testing.T, l layers.Layer, x ops.Tensor) (int, error) {
	t.Helper()
	tr := &layers.Trace{}
	layers.NewBuilder(tr, &wrapper{Inner: l}, "", true).Apply(l, x)
	return len(tr.Losses), tr.Err()
}

func TestActivityRegularizerCountsOnce(t *testing.T) {
	r := regularizers.L2{}
	for want, l := range map[int]layers.Layer{
		0: &layers.Dense{Units: 1},
		1: &layers.Dense{Units: 1, ActivityRegularizer: r},
		2: &layers.Dense{Units: 1, ActivityRegularizer: r, KernelRegularizer: r},
	} {
		n, err := losses(t, l, input(2, 3))
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	n, err := losses(t, layers.Named("x", &layers.Dropout{Base: layers.Base{ActivityRegularizer: r}}), input(2, 3))
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

// Keras has no such argument for these.
func TestActivityRegularizerRefused(t *testing.T) {
	base := layers.Base{ActivityRegularizer: regularizers.L2{}}
	for _, l := range []layers.Layer{
		&layers.SpatialDropout1D{Base: base, Rate: 0.5}, &layers.ActivityRegularization{Base: base, L1: 1}, &layers.Discretization{Base: base, BinBoundaries: []float64{0}},
	} {
		_, err := losses(t, l, input(2, 3, 4))
		require.ErrorContains(t, err, "activity_regularizer: Keras has none for a "+layers.ClassName(l))
	}
	_, err := losses(t, &layers.Dense{Base: base, Units: 1}, input(2, 3))
	require.ErrorContains(t, err, "activity_regularizer: set the field of Dense itself, not that of its Base")
}
