package wholefile_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/gokeras/gokeras/internal/wholefile"
	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func TestReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	require.NoError(t, wholefile.Replace(path, text("first")))
	require.NoError(t, os.Chmod(path, 0o600))
	require.NoError(t, wholefile.Replace(path, text("second")))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "second", string(got))
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "the mode stays")

	err = wholefile.Replace(path, func(w io.Writer) error {
		require.NoError(t, text("third, but not all of it")(w))
		return errors.New("disk full")
	})
	require.ErrorContains(t, err, "disk full")
	got, err = os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "second", string(got))
	names, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, names, 1, "nothing is left behind")
	require.Error(t, wholefile.Replace(filepath.Join(path, "below a file"), text("")))
}
