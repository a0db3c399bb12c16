package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOwnStepIsFit(t *testing.T) {
	var out strings.Builder
	within, err := run(t.Context(), &out) // which compares all weights
	require.NoError(t, err)
	require.Greater(t, within, 0.7)
	require.Contains(t, out.String(), "the same bits")
}
