package keras_test

import (
	"bytes"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
)

// The field freezes all that is within, whatever that says of itself.
func TestTheFieldFreezesWhatIsWithin(t *testing.T) {
	norm := &layers.BatchNormalization{}
	norm.SetTrainable(true)
	inner := keras.Sequential(&layers.Input{Shape: []int{3}}, &layers.Dense{Units: 2}, norm)
	m := keras.Sequential(inner, &layers.Dense{Units: 1})
	inner.Trainable = new(false)
	compileMSE(t, m)
	require.Equal(t, []string{"dense_1/kernel", "dense_1/bias"}, weightPaths(m.TrainableWeights()))
	before := inner.GetWeights()
	_, err := m.Fit(t.Context(), ones(4, 3), ones(4, 1), keras.FitOptions{})
	require.NoError(t, err)
	for i, w := range inner.GetWeights() {
		require.Equal(t, before[i].Data(), w.Data(), "weights and statistics stay")
	}
	inner.SetTrainable(true)
	require.Len(t, m.TrainableWeights(), 6, "SetTrainable has the last word")
}

// A layer that is shared with a frozen model is frozen everywhere.
func TestSharedLayersAreFrozenEverywhere(t *testing.T) {
	shared := &layers.Dense{Units: 3}
	inner := keras.Sequential(&layers.Input{Shape: []int{3}}, shared)
	inner.SetTrainable(false)
	x := keras.Input(layers.Input{Shape: []int{3}})
	m := keras.NewModel([]ops.Tensor{x}, []ops.Tensor{keras.Apply(shared, keras.Apply(inner, x))})
	compileMSE(t, m)
	require.Empty(t, m.TrainableWeights())
	var b bytes.Buffer
	require.NoError(t, m.Summary(&b))
	require.Contains(t, b.String(), "Non-trainable params: 12 (48.00 B)")
}

func TestLayerRangesOfSummaries(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{3}}, &layers.Dense{Units: 2}, &layers.Flatten{}, &layers.Dense{Units: 1})
	show := func(first, last string) (string, error) {
		var b bytes.Buffer
		err := m.Summary(&b, keras.SummaryOptions{LayerRange: [2]string{first, last}})
		return b.String(), err
	}
	for _, order := range [][2]string{{"flat", "dense_1"}, {"dense_1", "flat"}} {
		text, err := show(order[0], order[1])
		require.NoError(t, err)
		require.Contains(t, text, "flatten (Flatten)")
		require.Contains(t, text, "dense_1 (Dense)")
		require.NotContains(t, text, "dense (Dense)")
	}
	_, err := show("nose", "dense")
	require.ErrorContains(t, err, `LayerRange: expected the beginning of a layer's name, got "nose"`)
	_, err = show("(", "dense")
	require.ErrorContains(t, err, "LayerRange: error parsing regexp")
}
