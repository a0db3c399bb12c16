package main

import (
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCloudsAreToldApart(t *testing.T) {
	picture := filepath.Join(t.TempDir(), "blobs.png")
	accuracy, err := run(t.Context(), io.Discard, picture)
	require.NoError(t, err)
	require.GreaterOrEqual(t, accuracy, 0.99)

	f, err := os.Open(picture)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	img, err := png.Decode(f)
	require.NoError(t, err)
	require.Greater(t, img.Bounds().Dx(), 200)
}
