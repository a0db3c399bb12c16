package main

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheNetworkPointsAtTheDigit(t *testing.T) {
	var out bytes.Buffer
	picture := filepath.Join(t.TempDir(), "gradcam.png")
	r, err := run(t.Context(), &out, picture)
	require.NoError(t, err)
	require.Greater(t, r.accuracy, 0.8)
	require.Greater(t, r.pointing, 0.85, "pointing anywhere hits a ninth")
	require.FileExists(t, picture)
}
