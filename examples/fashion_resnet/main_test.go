package main

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gokeras/gokeras/keras/data"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func TestClothesAreToldApart(t *testing.T) {
	var out bytes.Buffer
	accuracy, err := run(t.Context(), &out)
	require.NoError(t, err)
	require.Greater(t, accuracy, 0.85)
	require.Contains(t, out.String(), "batch_normalization")
}

func TestPicturesAreMovedAndMirrored(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	places := map[int]int{}
	for range 2_000 {
		pixels := make([]uint8, side*side)
		pixels[10*side+5] = 255
		example := data.Batch{X: []*tensor.Dense{tensor.New(tensor.WithShape(side, side, 1), tensor.WithBacking(pixels))}}
		moved, err := augment(example, rng)
		require.NoError(t, err)
		places[slices.Index(moved.X[0].Uint8s(), 255)]++
	}
	require.Len(t, places, 5*5*2, "five rows, five columns, and as many in the mirror")
	for place := range places {
		y, x := place/side, place%side
		require.True(t, y >= 8 && y <= 12 && (x >= 3 && x <= 7 || x >= 20 && x <= 24), "row %d, column %d", y, x)
	}
}
