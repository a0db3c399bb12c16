package data

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return len(entries)
}

// It does not run beside other tests, whose files it would count.
func TestFilesAreClosed(t *testing.T) {
	path := write(t, "a\n"+strings.Repeat("1\n", 100))
	cached := filepath.Join(t.TempDir(), "elements")
	kept := CSV(CSVOptions{}, path).Cache(CacheOptions{Filename: cached})
	assert.Len(t, seen(t, kept), 100)
	before := openFiles(t)
	for _, p := range []Pipeline{
		CSV(CSVOptions{}, path, path), TextLines(path, path), kept,
		Zip(CSV(CSVOptions{}, path), TextLines(path)), CSV(CSVOptions{}, path).Prefetch(3),
		CSV(CSVOptions{}, path, "none"), CSV(CSVOptions{Types: map[string]tensor.Dtype{"a": tensor.Bool}}, path, write(t, "a\nx\n")),
	} {
		for _, most := range []int{1, 5, 1000} {
			n := 0
			for range p.Elements(0, 0) {
				if n++; n == most {
					break
				}
			}
			require.Equal(t, before, openFiles(t))
		}
	}
}
