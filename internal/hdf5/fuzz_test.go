package hdf5

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
)

var errEnough = errors.New("enough")

// exercise asks for everything a file offers, of a bounded number of data sets.
func exercise(b []byte) {
	f, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return
	}
	attrs(f.Root().AttrNames(), f.Root().Attr)
	seen := 0
	_ = f.Walk(func(path string, d *Dataset) error {
		if seen++; seen > 40 {
			return errEnough
		}
		attrs(d.AttrNames(), d.Attr)
		_, _ = d.Float32s()
		_, _ = d.Int64s()
		_, _ = d.Strings()
		_, _ = f.Root().Dataset(path)
		return nil
	})
}

func attrs(names []string, get func(string) (any, error)) {
	for _, name := range names {
		_, _ = get(name)
	}
}

func seeds(tb testing.TB) [][]byte {
	tb.Helper()
	w := New()
	require.NoError(tb, w.Dataset("g/x", []int{2}, []float32{1, 2}))
	require.NoError(tb, w.Attr("g", "names", []string{"a", "b"}))
	out := [][]byte{encode(tb, w)}
	for _, name := range []string{"latest.h5", "userblock.h5", "refused.h5", "v108.h5", "chunks.h5", "types.h5"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(tb, err)
		out = append(out, b)
	}
	return out
}

func FuzzOpen(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		exercise(b)
		runtime.ReadMemStats(&after)
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(256<<20+2000*len(b)); got > most {
			t.Fatalf("allocated %d bytes for a file of %d, expected at most %d", got, len(b), most)
		}
	})
}

// Every byte of a small file, set to what breaks sizes and addresses, is survived.
func TestEveryByteDamaged(t *testing.T) {
	original := seeds(t)[0]
	for i := range original {
		for _, v := range []byte{0x00, 0x01, 0x7f, 0xff} {
			b := bytes.Clone(original)
			b[i] = v
			exercise(b)
		}
	}
}

// Every truncation is an error or reads less, never a panic.
func TestEveryTruncation(t *testing.T) {
	for _, original := range seeds(t)[:3] {
		for n := 0; n < len(original); n += 7 {
			exercise(original[:n])
		}
	}
}
