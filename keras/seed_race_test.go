package keras_test

import (
	"sync"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Others predict and evaluate while a model is compiled anew with another seed; the race detector watches.
func TestSeedChangesWhileOthersPredict(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1})
	o := keras.CompileOptions{Loss: losses.MeanSquaredError{}, Seed: 1}
	require.NoError(t, m.Compile(o))
	x := column(1, 2, 3, 4)
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() {
			for range 20 {
				_, err := m.Predict(t.Context(), x)
				assert.NoError(t, err)
				_, err = m.Evaluate(t.Context(), x, x)
				assert.NoError(t, err)
			}
		})
	}
	for seed := range uint64(20) {
		o.Seed = seed + 2
		assert.NoError(t, m.Compile(o))
		assert.Equal(t, o.Seed, m.Seed())
		assert.NoError(t, m.SetSeed(seed))
	}
	wait.Wait()
}
