package keras

import (
	"slices"
	"sync"
	"testing"

	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/assert"
)

// Steps over the same models lock them in one order, whichever they call first.
func TestStepsLockModelsInOneOrder(t *testing.T) {
	g, d, e := Sequential(&layers.Dense{Units: 1}), Sequential(&layers.Dense{Units: 1}), Sequential(&layers.Dense{Units: 1})
	want := modelsIn([]layers.Part{g, d, e})
	assert.True(t, slices.Equal(want, modelsIn([]layers.Part{e, d, g})))
	assert.Len(t, want, 3)

	var wg sync.WaitGroup
	for _, parts := range [][]layers.Part{{g, d}, {d, g}} {
		wg.Go(func() {
			for range 100_000 {
				ms := modelsIn(parts)
				for _, m := range ms {
					m.weights.Lock()
				}
				for _, m := range ms {
					m.weights.Unlock()
				}
			}
		})
	}
	wg.Wait()
}
