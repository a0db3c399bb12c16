package keras_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLoadedCellsGoOnAsInKeras loads models with cells, nested initial states and convolutional LSTMs that internal/golden/cell_models.py made, and saves
// them again.
func TestLoadedCellsGoOnAsInKeras(t *testing.T) {
	for _, name := range []string{"cells", "conv_lstm"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", "cells", name)
			var c modelCase
			text, err := os.ReadFile(path + ".json")
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(text, &c))
			m, err := keras.Load(path + ".keras")
			require.NoError(t, err)
			var summary bytes.Buffer
			require.NoError(t, m.Summary(&summary))
			assert.Equal(t, c.Summary, summary.String())
			assertPredictions(t, m, c, c.Predictions, 1e-5)

			file := filepath.Join(t.TempDir(), "again.keras")
			require.NoError(t, m.Save(file))
			again, err := keras.Load(file)
			require.NoError(t, err)
			assertSameWeights(t, m, again)
			losses := trainSteps(t, again, c, len(c.Loss))
			for i, want := range c.Loss {
				assert.InDelta(t, want, losses[i], 1e-4*max(1, math.Abs(want)), "loss of step %d", i)
			}
			ws := learned(again)
			require.Len(t, ws, len(c.Weights))
			for i, w := range ws {
				assertClose(t, w.Path, c.Weights[i], w.Float32s(), 1e-4)
			}
			assertPredictions(t, again, c, c.After, 1e-4)
		})
	}
}
