package shuffle

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPermutationIsEven(t *testing.T) {
	t.Parallel()
	const n, rounds = 4, 24000
	seen := map[[n]int]int{}
	for s := range uint64(rounds) {
		seen[[n]int(Permutation(n, 7, s))]++
	}
	assert.Len(t, seen, 24)
	for p, count := range seen {
		assert.InDelta(t, 1000, count, 5*math.Sqrt(1000), "%v: five standard deviations", p)
	}
}

func TestPermutationDependsOnSeedAndStream(t *testing.T) {
	t.Parallel()
	a := Permutation(100, 1, 2)
	assert.Equal(t, a, Permutation(100, 1, 2))
	assert.NotEqual(t, a, Permutation(100, 2, 2))
	assert.NotEqual(t, a, Permutation(100, 1, 3))
	assert.NotEqual(t, a, Permutation(100, 2, 1))
	assert.Empty(t, Permutation(0, 1, 1))
}

func TestWindowKeepsTheBufferSize(t *testing.T) {
	t.Parallel()
	order := Permutation(0, 0, 0)
	for i := range 300 {
		order = append(order, i)
	}
	Window(order, 10, 1, 1)
	furthest := 0
	for i, v := range order {
		furthest = max(furthest, v-i)
	}
	assert.Equal(t, 9, furthest)
}
