package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryRemedyHelps(t *testing.T) {
	results, err := run(t.Context(), io.Discard)
	require.NoError(t, err)
	require.Len(t, results, 6)
	none := results[0]
	require.Less(t, none.loss, 0.01, "the network has not learned its samples by heart")
	require.Greater(t, none.valLoss, 0.5)
	for _, r := range results[1:] {
		require.Less(t, r.valLoss, none.valLoss, r.remedy)
		require.Greater(t, r.valAccuracy, 0.65, r.remedy)
	}
	require.Less(t, results[5].epochs, epochs, "early stopping")
}
