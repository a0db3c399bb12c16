package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTumoursAreFound(t *testing.T) {
	r, err := run(t.Context(), io.Discard)
	require.NoError(t, err)
	require.Greater(t, r.auc, 0.98)
	require.Greater(t, r.recall, 0.95)
	require.Greater(t, r.precision, 0.8)
	require.Greater(t, r.threshold, 0.0)
}
