package main

import (
	"bytes"
	"image"
	_ "image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNoiseIsTakenOff(t *testing.T) {
	var out bytes.Buffer
	directory := t.TempDir()
	r, err := run(t.Context(), &out, directory)
	require.NoError(t, err)
	require.Less(t, r.denoised, 0.2*r.noisy)
	f, err := os.Open(filepath.Join(directory, "digits.png"))
	require.NoError(t, err)
	defer f.Close()
	picture, _, err := image.DecodeConfig(f)
	require.NoError(t, err)
	require.Equal(t, shown*(3*side+8)+8, picture.Width)
	require.Equal(t, 3*(3*side+8)+8, picture.Height)
	for _, name := range []string{"curves.png", "model.png"} {
		require.FileExists(t, filepath.Join(directory, name))
	}
}
