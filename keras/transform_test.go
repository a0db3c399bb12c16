package keras_test

import (
	"sync"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// TestTransformDraws runs a stack of random layers: anew in training, and as it is in inference.
func TestTransformDraws(t *testing.T) {
	ones := tensor.New(tensor.WithShape(4, 50), tensor.WithBacking(tensor.Random(tensor.Float32, 200)))
	m := keras.Sequential(&layers.Dropout{Rate: 0.5, Seed: new(1)})
	same, err := m.Transform(t.Context(), ones, false)
	require.NoError(t, err)
	require.Equal(t, ones.Float32s(), same.Float32s())
	seen := map[float32]bool{}
	var wait sync.WaitGroup
	var lock sync.Mutex
	for range 8 { // No two of them draw the same numbers.
		wait.Go(func() {
			y, err := m.Transform(t.Context(), ones, true)
			lock.Lock()
			defer lock.Unlock()
			require.NoError(t, err)
			sum := float32(0)
			for _, v := range y.Float32s() {
				sum += v
			}
			seen[sum] = true
		})
	}
	wait.Wait()
	require.Len(t, seen, 8)

	again := keras.Sequential(&layers.Dropout{Rate: 0.5, Seed: new(1)})
	y, err := again.Transform(t.Context(), ones, true)
	require.NoError(t, err)
	sum := float32(0)
	for _, v := range y.Float32s() {
		sum += v
	}
	require.True(t, seen[sum], "the first draw of the same seed")
}
