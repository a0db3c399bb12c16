package hdf5

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"sync"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func openFile(tb testing.TB, name string) *File {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(tb, err)
	f, err := Open(bytes.NewReader(b), int64(len(b)))
	require.NoError(tb, err)
	return f
}

// expectedFile is what h5py read from a fixture.
type expectedFile struct {
	Datasets map[string]struct {
		Shape  []int
		Type   string
		Values []any
	}
	Attrs map[string]map[string]any
}

func expectedFiles(t *testing.T) map[string]expectedFile {
	t.Helper()
	b, err := os.ReadFile("testdata/expected.json")
	require.NoError(t, err)
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var files map[string]expectedFile
	require.NoError(t, d.Decode(&files))
	require.NotEmpty(t, files)
	return files
}

// toFloat converts a JSON number, or the word for a float that JSON has no number for.
func toFloat(t *testing.T, v any) float64 {
	t.Helper()
	s, ok := v.(string)
	if !ok {
		s = v.(json.Number).String()
	}
	f, err := strconv.ParseFloat(s, 64)
	require.NoError(t, err)
	return f
}

func TestReadEqualsH5py(t *testing.T) {
	for name, want := range expectedFiles(t) {
		t.Run(name, func(t *testing.T) {
			f := openFile(t, name)
			for path, d := range want.Datasets {
				got, err := f.Root().Dataset(path)
				require.NoError(t, err)
				assert.Equal(t, d.Type, got.Type(), path)
				assert.Equal(t, len(d.Shape), len(got.Shape()), path)
				for i, n := range d.Shape {
					assert.Equal(t, n, got.Shape()[i], path)
				}
				assertValues(t, got, d.Values)
			}
			for path, attrs := range want.Attrs {
				assertAttrs(t, f, path, attrs)
			}
		})
	}
}

func assertValues(t *testing.T, d *Dataset, want []any) {
	t.Helper()
	if d.Type() == "string" {
		got, err := d.Strings()
		require.NoError(t, err, d.Path())
		for i, s := range want {
			assert.Equal(t, s, got[i], d.Path())
		}
		return
	}
	floats, err := d.Float32s()
	require.NoError(t, err, d.Path())
	require.Len(t, floats, len(want), d.Path())
	for i, v := range want {
		assert.Equal(t, float32(toFloat(t, v)), floats[i], "%s[%d]", d.Path(), i)
	}
	ints, err := d.Int64s()
	if !d.typ.isInteger() {
		require.ErrorContains(t, err, "expected integers, got elements of type "+d.Type())
		return
	}
	require.NoError(t, err, d.Path())
	for i, v := range want {
		n, err := v.(json.Number).Int64()
		require.NoError(t, err)
		assert.Equal(t, n, ints[i], "%s[%d]", d.Path(), i)
	}
}

func assertAttrs(t *testing.T, f *File, path string, want map[string]any) {
	t.Helper()
	var holder func(string) (any, error)
	var names func() []string
	if d, err := f.Root().Dataset(path); err == nil {
		holder, names = d.Attr, d.AttrNames
	} else {
		g, err := f.Root().Group(path)
		require.NoError(t, err)
		holder, names = g.Attr, g.AttrNames
	}
	keys := make([]string, 0, len(want))
	for name, v := range want {
		keys = append(keys, name)
		got, err := holder(name)
		require.NoError(t, err, "%s %s", path, name)
		assert.Equal(t, sameKind(t, v, got), got, "%s %s", path, name)
	}
	sort.Strings(keys)
	assert.Equal(t, keys, names())
}

// sameKind converts what JSON holds to the Go type of got.
func sameKind(t *testing.T, v, got any) any {
	t.Helper()
	switch got.(type) {
	case int64:
		n, err := v.(json.Number).Int64()
		require.NoError(t, err)
		return n
	case float64:
		return toFloat(t, v)
	case []int64:
		return convertAll(v, func(v any) int64 { return sameKind(t, v, int64(0)).(int64) })
	case []float64:
		return convertAll(v, func(v any) float64 { return toFloat(t, v) })
	case []string:
		return convertAll(v, func(v any) string { return v.(string) })
	}
	return v
}

func convertAll[T any](v any, one func(any) T) []T {
	out := []T{}
	for _, v := range v.([]any) {
		out = append(out, one(v))
	}
	return out
}

func TestNamesAreSorted(t *testing.T) {
	g := openFile(t, "many.h5").Root()
	names := g.Names()
	assert.Len(t, names, 301)
	assert.True(t, sort.StringsAreSorted(names))
	assert.Equal(t, []string{"data", "m0", "m1", "m10", "m100"}, names[:5])
	assert.True(t, g.Has("m299"))
	assert.False(t, g.Has("m300"))
}

func TestWalkVisitsEachDatasetOnce(t *testing.T) {
	var paths []string
	visit := func(path string, d *Dataset) error {
		paths = append(paths, path)
		assert.Equal(t, path, d.Path())
		return nil
	}
	require.NoError(t, openFile(t, "many.h5").Walk(visit))
	assert.Equal(t, []string{"/data"}, paths, "300 further links lead to the same data set")

	paths = nil
	require.NoError(t, openFile(t, "keras.weights.h5").Walk(visit))
	assert.Equal(t, []string{
		"/layers/dense/vars/0", "/layers/dense/vars/1", "/layers/dense_1/vars/0", "/layers/dense_1/vars/1",
	}, paths[:4])

	stop := errors.New("stop")
	assert.ErrorIs(t, openFile(t, "legacy.h5").Walk(func(string, *Dataset) error { return stop }), stop)
}

func TestPathsThatLeadNowhere(t *testing.T) {
	root := openFile(t, "keras.weights.h5").Root()
	_, err := root.Group("layers/conv2d")
	require.ErrorIs(t, err, ErrNotFound)
	require.ErrorContains(t, err, "hdf5: /layers/conv2d (the group has dense, dense_1, dropout)")
	_, err = root.Dataset("layers/dense/vars")
	require.ErrorContains(t, err, "/layers/dense/vars: expected a data set, got a group")
	_, err = root.Group("layers/dense/vars/0")
	require.ErrorContains(t, err, "/layers/dense/vars/0: expected a group, got a data set")
	_, err = root.Dataset("")
	require.ErrorContains(t, err, "expected a data set")
	g, err := root.Group("/layers//dropout/vars/")
	require.NoError(t, err)
	assert.Equal(t, "/layers/dropout/vars", g.Path())
	assert.Empty(t, g.Names())
	_, err = g.Attr("dtype")
	require.ErrorIs(t, err, ErrNotFound)
}

func TestRefused(t *testing.T) {
	dataset := func(path string) func(*File) error {
		return func(f *File) error {
			d, err := f.Root().Dataset(path)
			if err != nil {
				return err
			}
			_, err = d.Float32s()
			return err
		}
	}
	group := func(path string) func(*File) error {
		return func(f *File) error { _, err := f.Root().Group(path); return err }
	}
	attr := func(f *File) error { _, err := f.Root().Attr("ref"); return err }
	huge := func(f *File) error {
		d, err := f.Root().Dataset("huge")
		require.NoError(t, err)
		_, err = d.Int64s()
		return err
	}
	for _, c := range []struct {
		file string
		open func(*File) error
		want string
	}{
		{"refused.h5", dataset("soft"), `/soft: a soft link to "/a/x" is not followed`},
		{"refused.h5", dataset("links/external"), "/links/external: a link into another file is not followed"},
		{"refused.h5", group("a/loop"), "/a/loop: the group contains itself"},
		{"refused.h5", group("a/self"), "/a/self: the group contains itself"},
		{"refused.h5", group("named"), "/named: expected a group or a data set, got another kind"},
		{"refused.h5", dataset("complex"), "/complex: expected numbers, got elements of type compound of 16 bytes"},
		{"refused.h5", dataset("compound"), "/compound: expected numbers, got elements of type compound of 8 bytes"},
		{"refused.h5", huge, "/huge: element 0 is over 9223372036854775807"},
		{"refused.h5", dataset("checked"), "filter 3 fletcher32 is not supported"},
		{"refused.h5", dataset("lzf"), "filter 32000 lzf is not supported"},
		{"refused.h5", dataset("outside"), "data in other files is not read"},
		{"refused.h5", dataset("vast"), "/vast: shape [1048576 1048576] of float32 is beyond the file's"},
		{"refused.h5", attr, `attribute "ref": type reference of 8 bytes is not supported`},
		{"dense.h5", group("links"), "links in dense storage"},
		{"dense.h5", group("attributes"), "attributes in dense storage"},
		{"dense.h5", dataset("growing"), "chunk index of type 4"},
		{"dense.h5", dataset("tree2"), "chunk index of type 5"},
		{"dense.h5", dataset("pages"), "several pages (2000 chunks)"},
	} {
		assert.ErrorContains(t, c.open(openFile(t, c.file)), c.want)
	}
	ok, err := openFile(t, "refused.h5").Root().Attr("ok")
	require.NoError(t, err, "what is refused leaves the rest readable")
	assert.Equal(t, int64(1), ok)
}

func TestFloat16(t *testing.T) {
	for _, c := range []struct {
		bits uint16
		want float64
	}{
		{0x0000, 0},
		{0x0001, math.Pow(2, -24)},
		{0x03ff, 1023 * math.Pow(2, -24)},
		{0x0400, math.Pow(2, -14)},
		{0x3c00, 1},
		{0xc500, -5},
		{0x7bff, 65504},
		{0x7c00, math.Inf(1)},
		{0xfc00, math.Inf(-1)},
	} {
		assert.Equal(t, float32(c.want), float16(c.bits), "%#x", c.bits)
	}
	assert.Equal(t, uint32(1)<<31, math.Float32bits(float16(0x8000)), "minus zero")
	assert.True(t, math.IsNaN(float64(float16(0x7e00))))
}

func TestOpenRefusesOtherFiles(t *testing.T) {
	for _, b := range [][]byte{nil, []byte("PK\x03\x04"), bytes.Repeat([]byte{0}, 5000), []byte(fileSignature)} {
		_, err := Open(bytes.NewReader(b), int64(len(b)))
		assert.Error(t, err)
	}
	_, err := Open(bytes.NewReader(nil), -1)
	assert.ErrorContains(t, err, "negative file size")
}

// A reader that is shorter than it was said to be is an error, not a hang or zeros.
func TestShorterThanSaid(t *testing.T) {
	b, err := os.ReadFile("testdata/keras.weights.h5")
	require.NoError(t, err)
	f, err := Open(bytes.NewReader(b[:len(b)-100]), int64(len(b)))
	require.NoError(t, err)
	err = f.Walk(func(_ string, d *Dataset) error { _, err := d.Float32s(); return err })
	assert.ErrorContains(t, err, "unexpected EOF")
}

func BenchmarkRead(b *testing.B) {
	w := New()
	require.NoError(b, w.Dataset("w", []int{1 << 22}, make([]float32, 1<<22)))
	var buf bytes.Buffer
	_, err := w.WriteTo(&buf)
	require.NoError(b, err)
	f, err := Open(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	require.NoError(b, err)
	d, err := f.Root().Dataset("w")
	require.NoError(b, err)
	b.SetBytes(1 << 24)
	for b.Loop() {
		_, _ = d.Float32s()
	}
}

// One open file serves many goroutines; the race detector looks on.
func TestConcurrentReads(t *testing.T) {
	f := openFile(t, "types.h5")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			err := f.Walk(func(_ string, d *Dataset) error {
				if d.Type() == "string" {
					_, err := d.Strings()
					return err
				}
				_, err := d.Float32s()
				return err
			})
			assert.NoError(t, err)
		})
	}
	wg.Wait()
}
