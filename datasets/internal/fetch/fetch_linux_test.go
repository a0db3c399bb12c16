package fetch

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFileOnAFullDisk(t *testing.T) {
	t.Parallel()
	r := start(t, &server{})
	require.NoError(t, os.MkdirAll(filepath.Dir(r.Path), 0o700))
	require.NoError(t, os.Symlink("/dev/full", r.Path+partSuffix))
	err := Client{}.File(t.Context(), r)
	require.ErrorIs(t, err, syscall.ENOSPC)
	assert.ErrorContains(t, err, r.Path+partSuffix)
	assert.NoFileExists(t, r.Path)
}

func TestFileInAReadOnlyPlace(t *testing.T) {
	t.Parallel()
	r := start(t, &server{})
	r.Path = "/proc/self/gokeras/file"
	require.ErrorContains(t, Client{}.File(t.Context(), r), "/proc/self/gokeras")

	// A file that is there needs no writing.
	r.Path = "/proc/self/cmdline"
	require.NoError(t, Client{}.File(t.Context(), r))
}
