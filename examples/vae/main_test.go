package main

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDigitsLieInAPlane(t *testing.T) {
	var out bytes.Buffer
	picture := filepath.Join(t.TempDir(), "vae.png")
	r, err := run(t.Context(), &out, picture)
	require.NoError(t, err)
	require.Less(t, r.loss, 25.8, "the mean of all digits costs 26.6")
	require.Greater(t, r.order, 0.5, "chance is 0.1")
	require.FileExists(t, picture)
}
