package keras_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The models are those of write_summaries in internal/golden/models.py.
func TestSummaryOfModelsThatHaveSeenNoData(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "summaries.json"))
	require.NoError(t, err)
	var want map[string]string
	require.NoError(t, json.Unmarshal(text, &want))
	open := keras.Sequential(
		&layers.Conv2D{Filters: 2, KernelSize: []int{3}}, &layers.BatchNormalization{}, &layers.MaxPooling2D{}, &layers.GlobalAveragePooling2D{},
		&layers.Dropout{Rate: 0.5}, &layers.Flatten{}, &layers.Reshape{TargetShape: []int{2}}, &layers.Activation{Activation: activations.ReLU},
		&layers.Embedding{InputDim: 3, OutputDim: 2}, &layers.LSTM{Units: 2},
		keras.Sequential(&layers.Input{Shape: []int{3}}, layers.Named("dense", &layers.Dense{Units: 2})),
		keras.Sequential(&layers.Dense{Units: 2}), layers.Named("dense_2", &layers.Dense{Units: 1}),
	)
	frozen := &layers.Dense{Units: 300}
	frozen.SetTrainable(false)
	closed := keras.Sequential(
		&layers.Input{Shape: []int{4}}, frozen, keras.Sequential(&layers.Dense{Units: 30}, &layers.BatchNormalization{}), &layers.Dropout{Rate: 0.5},
	)
	closed.Name = "closed"
	x := keras.Input(layers.Input{Shape: []int{4}})
	inner := layers.Named("dense_1", &layers.Dense{Units: 3}) // Python makes the last layer first.
	chain := keras.NewModel([]ops.Tensor{x}, []ops.Tensor{keras.Apply(&layers.Dense{Units: 2}, keras.Apply(inner, x))})
	for name, m := range map[string]*keras.Model{"open": open, "closed": closed, "chain": chain} {
		var b bytes.Buffer
		require.NoError(t, m.Summary(&b), name)
		assert.Equal(t, want[name], b.String(), name)
		assert.Empty(t, m.Weights(), "a summary takes no memory")
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestSummaryReturnsErrors(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{4}}, &layers.Dense{Units: 1})
	assert.ErrorContains(t, m.Summary(brokenWriter{}), "disk full")
	wrong := keras.Sequential(&layers.Input{Shape: []int{4}}, &layers.Conv2D{Filters: 1, KernelSize: []int{3}})
	assert.ErrorContains(t, wrong.Summary(&bytes.Buffer{}), "conv2d (Conv2D)")
	assert.ErrorContains(t, keras.Sequential().Summary(&bytes.Buffer{}), "at least one layer")
}
