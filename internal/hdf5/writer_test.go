package hdf5

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write testdata/written anew; then run internal/golden/hdf5.py --check")

func encode(tb testing.TB, w *Writer) []byte {
	tb.Helper()
	var buf bytes.Buffer
	n, err := w.WriteTo(&buf)
	require.NoError(tb, err)
	require.Equal(tb, int64(buf.Len()), n)
	return buf.Bytes()
}

func reopen(tb testing.TB, w *Writer) *File {
	tb.Helper()
	b := encode(tb, w)
	f, err := Open(bytes.NewReader(b), int64(len(b)))
	require.NoError(tb, err)
	return f
}

// tree is the file that internal/golden/hdf5.py checks with h5py by the same formulas.
func tree(t *testing.T) *Writer {
	t.Helper()
	w := New()
	f4 := make([]float32, 6)
	for i := range f4 {
		f4[i] = float32(i) / 4
	}
	names := make([]string, 500)
	for i := range names {
		names[i] = fmt.Sprintf("layer_%d", i)
	}
	require.NoError(t, w.Dataset("arrays/f4", []int{2, 3}, f4))
	require.NoError(t, w.Dataset("arrays/f8", []int{2}, []float64{math.Pi, math.Inf(-1)}))
	require.NoError(t, w.Dataset("arrays/i4", []int{2}, []int32{math.MinInt32, math.MaxInt32}))
	require.NoError(t, w.Dataset("arrays/i8", []int{2}, []int64{math.MinInt64, math.MaxInt64}))
	require.NoError(t, w.Dataset("arrays/u4", []int{1}, []uint32{math.MaxUint32}))
	require.NoError(t, w.Dataset("arrays/scalar", nil, []int64{41}))
	require.NoError(t, w.Dataset("arrays/none", []int{0, 3}, []float32{}))
	require.NoError(t, w.Group("empty"))
	require.NoError(t, w.Group("a/b/c"))
	for i := range 300 {
		require.NoError(t, w.Dataset(fmt.Sprintf("many/m%d", i), nil, []int64{int64(i)}))
	}
	require.NoError(t, w.Attr("/", "text", "héllo"))
	require.NoError(t, w.Attr("", "blank", ""))
	require.NoError(t, w.Attr("", "int", int64(-5)))
	require.NoError(t, w.Attr("", "float", 0.1))
	require.NoError(t, w.Attr("arrays/f4", "names", names))
	require.NoError(t, w.Attr("empty", "none", []string{}))
	require.NoError(t, w.Attr("empty", "long", strings.Repeat("j", 9000)))
	return w
}

// copyOf reads a file that Keras wrote and returns a Writer with the same tree.
func copyOf(t *testing.T, f *File) *Writer {
	t.Helper()
	w := New()
	copyGroup(t, f.Root(), w)
	return w
}

func copyGroup(t *testing.T, g *Group, w *Writer) {
	t.Helper()
	require.NoError(t, w.Group(g.Path()))
	for _, name := range g.AttrNames() {
		v, err := g.Attr(name)
		require.NoError(t, err)
		require.NoError(t, w.Attr(g.Path(), name, v))
	}
	for _, name := range g.Names() {
		child, d, err := g.open(name)
		require.NoError(t, err)
		if child != nil {
			copyGroup(t, child, w)
			continue
		}
		var data any
		if d.Type() == "int32" {
			v, err := d.Int64s()
			require.NoError(t, err)
			narrow := make([]int32, len(v))
			for i := range v {
				narrow[i] = int32(v[i])
			}
			data = narrow
		} else {
			data, err = d.Float32s()
			require.NoError(t, err)
		}
		require.NoError(t, w.Dataset(d.Path(), d.Shape(), data))
	}
}

// The committed files are those that h5py, h5dump and Keras read.
func TestWrittenFilesAreThoseThatWereChecked(t *testing.T) {
	for name, w := range map[string]*Writer{
		"tree.h5":          tree(t),
		"keras.weights.h5": copyOf(t, openFile(t, "keras.weights.h5")),
	} {
		path := filepath.Join("testdata", "written", name)
		got := encode(t, w)
		if *update {
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.NoError(t, os.WriteFile(path, got, 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.True(t, bytes.Equal(want, got), "%s: run with -update and check the new file", name)
	}
}

func TestRoundTrip(t *testing.T) {
	f := reopen(t, tree(t))
	d, err := f.Root().Dataset("arrays/i8")
	require.NoError(t, err)
	ints, err := d.Int64s()
	require.NoError(t, err)
	assert.Equal(t, []int64{math.MinInt64, math.MaxInt64}, ints)
	d, err = f.Root().Dataset("arrays/none")
	require.NoError(t, err)
	assert.Equal(t, []int{0, 3}, d.Shape())
	floats, err := d.Float32s()
	require.NoError(t, err)
	assert.Empty(t, floats)
	d, err = f.Root().Dataset("arrays/f4")
	require.NoError(t, err)
	names, err := d.Attr("names")
	require.NoError(t, err)
	require.Len(t, names, 500)
	assert.Equal(t, "layer_499", names.([]string)[499])
	long, err := f.Root().Attr("text")
	require.NoError(t, err)
	assert.Equal(t, "héllo", long)
}

// 10,000 members need a B-tree of three levels.
func TestManyMembers(t *testing.T) {
	const n = 10_000
	w := New()
	for i := range n {
		require.NoError(t, w.Dataset(fmt.Sprint("g/", i), nil, []int32{int32(i)}))
	}
	g, err := reopen(t, w).Root().Group("g")
	require.NoError(t, err)
	assert.Len(t, g.Names(), n)
	for i := 0; i < n; i += 321 {
		d, err := g.Dataset(fmt.Sprint(i))
		require.NoError(t, err)
		v, err := d.Int64s()
		require.NoError(t, err)
		assert.Equal(t, []int64{int64(i)}, v)
	}
}

func TestTheOrderOfPuttingTogetherDoesNotMatter(t *testing.T) {
	first, second := New(), New()
	for i := range 30 {
		for w, name := range map[*Writer]int{first: i, second: 29 - i} {
			path := fmt.Sprintf("g%d/x", name)
			require.NoError(t, w.Dataset(path, []int{1}, []float32{float32(name)}))
			require.NoError(t, w.Attr(path, "n", fmt.Sprint(name)))
		}
	}
	assert.Equal(t, encode(t, first), encode(t, second))
}

func TestDeepGroups(t *testing.T) {
	w := New()
	path := strings.Repeat("/g", maxDepth)
	require.NoError(t, w.Group(path))
	_, err := reopen(t, w).Root().Group(path)
	require.NoError(t, err)
	assert.ErrorContains(t, w.Group(path+"/g"), "nest more than 100 deep")
}

func TestWriterRefuses(t *testing.T) {
	w := New()
	require.NoError(t, w.Dataset("x", []int{2}, []float32{1, 2}))
	for want, err := range map[string]error{
		"hdf5: write a: shape [2 2] has 4 elements, got 3": w.Dataset("a", []int{2, 2}, make([]float32, 3)),
		"hdf5: write s: shape [] has 1 elements, got 2":    w.Dataset("s", nil, make([]int64, 2)),
		"hdf5: write n: shape [-1] is not possible":        w.Dataset("n", []int{-1}, []float32{}),
		"hdf5: write t: expected []float32, []float64":     w.Dataset("t", []int{1}, []int8{1}),
		"hdf5: write x: it exists already":                 w.Dataset("x", []int{1}, []float32{1}),
		`hdf5: write x/y: "x" is a data set, not a group`:  w.Group("x/y"),
		"empty path":                                                     w.Dataset("/", nil, []float32{1}),
		`"a\x00b" cannot be a name`:                                      w.Group("a\x00b"),
		`hdf5: write attribute "n" of y: not found`:                      w.Attr("y", "n", "v"),
		"expected string, []string, int64 or float64, got int":           w.Attr("x", "n", 1),
		`hdf5: write attribute "n" of x: expected UTF-8 text`:            w.Attr("x", "n", "a\x00"),
		"takes 80056 bytes, at most 65528 are possible: split it":        w.Attr("x", "names", make([]string, 5000)),
		`hdf5: write attribute "" of x: expected a name of UTF-8 text`:   w.Attr("x", "", "v"),
		`hdf5: write attribute "m" of x: expected UTF-8 text without NU`: w.Attr("x", "m", []string{"ok", "\xff"}),
	} {
		assert.ErrorContains(t, err, want)
	}
	require.NoError(t, w.Attr("x", "names", make([]string, 4000)), "just below the limit")
	root := reopen(t, w).Root()
	assert.Equal(t, []string{"x"}, root.Names(), "what was refused left nothing behind")
	d, err := root.Dataset("x")
	require.NoError(t, err)
	assert.Equal(t, []string{"names"}, d.AttrNames())
}

// A failing writer is reported with how far it came.
func TestWriteError(t *testing.T) {
	full := errors.New("disk full")
	n, err := tree(t).WriteTo(&limited{left: 1000, err: full})
	require.ErrorIs(t, err, full)
	assert.Equal(t, int64(1000), n)
}

type limited struct {
	left int
	err  error
}

func (l *limited) Write(b []byte) (int, error) {
	n := min(l.left, len(b))
	l.left -= n
	if n < len(b) {
		return n, l.err
	}
	return n, nil
}

func BenchmarkWrite(b *testing.B) {
	w := New()
	require.NoError(b, w.Dataset("w", []int{1 << 22}, make([]float32, 1<<22)))
	b.SetBytes(1 << 24)
	for b.Loop() {
		_, _ = w.WriteTo(io.Discard)
	}
}
