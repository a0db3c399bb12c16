package hdf5

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// damaged is a small written file in which the first occurrence of a pattern, after skip bytes of
// it, was overwritten.
func damaged(t *testing.T, pattern string, skip int, with []byte) *File {
	t.Helper()
	f, err := openDamaged(t, pattern, skip, with)
	require.NoError(t, err)
	return f
}

func openDamaged(t *testing.T, pattern string, skip int, with []byte) (*File, error) {
	t.Helper()
	w := New()
	require.NoError(t, w.Dataset("g/x", []int{3, 5}, make([]float32, 15)))
	require.NoError(t, w.Attr("g/x", "name", "text"))
	b := encode(t, w)
	at := bytes.Index(b, []byte(pattern))
	require.GreaterOrEqual(t, at, 0)
	copy(b[at+skip:], with)
	return Open(bytes.NewReader(b), int64(len(b)))
}

func u64(v uint64) []byte { return binary.LittleEndian.AppendUint64(nil, v) }

func TestHostileSizes(t *testing.T) {
	shape := string(append(u64(3), u64(5)...))
	read := func(f *File) error {
		d, err := f.Root().Dataset("g/x")
		if err != nil {
			return err
		}
		if _, err := d.Attr("name"); err != nil {
			return err
		}
		_, err = d.Float32s()
		return err
	}
	for _, c := range []struct {
		pattern string
		skip    int
		with    []byte
		want    string
	}{
		{shape, 0, u64(1 << 62), "has too many elements"},
		{shape, 0, u64(1 << 63), "dimension 0 of size 9223372036854775808"},
		{shape, 0, u64(1 << 40), "is beyond the file's"},
		{shape, 0, u64(4), "shape [4 5] of float32 in 60 bytes"},
		{"GCOL", 8, u64(1 << 60), "global heap at 0xa0 of 1152921504606846976 bytes: there is more of it than the file's"},
		{"GCOL", 8, u64(8), "of 8 bytes"},
		{"GCOL", 24, u64(1 << 50), "global heap object 1 of 1125899906842624 bytes is cut short"},
		{"name\x00", 40, []byte{255, 255, 255, 255}, "string of 4294967295 bytes in a heap object of 4"},
	} {
		assert.ErrorContains(t, read(damaged(t, c.pattern, c.skip, c.with)), c.want)
	}
}

func TestHostileStructure(t *testing.T) {
	for _, c := range []struct {
		pattern string
		skip    int
		with    []byte
		want    string
	}{
		{"TREE", 0, []byte("FREE"), "no B-tree node at"},
		{"TREE", 4, []byte{1}, "of type 1, expected 0"},
		{"TREE", 6, []byte{255, 255}, "there is more of it than the file's"},
		{"SNOD", 6, []byte{255, 255}, "there is more of it than the file's"},
		{"HEAP", 8, u64(1 << 40), "are beyond the file's"},
		{"SNOD", 8, u64(4000), "name at 4000 is beyond the local heap's 16 bytes"},
	} {
		f, err := openDamaged(t, c.pattern, c.skip, c.with)
		if err == nil {
			_, err = f.Root().Group("g")
		}
		assert.ErrorContains(t, err, c.want)
	}
}

// A B-tree node that is its own child at a lower level, and a header that continues itself.
func TestCycles(t *testing.T) {
	w := New()
	require.NoError(t, w.Group("g"))
	b := encode(t, w)
	root := bytes.LastIndex(b, []byte("TREE"))
	b[root+5] = 1
	copy(b[root+32:], u64(uint64(root)))
	_, err := Open(bytes.NewReader(b), int64(len(b)))
	assert.ErrorContains(t, err, "of level 1, expected 0")

	header := binary.LittleEndian.Uint64(b[64:])
	b = encode(t, w)
	b[header+16] = msgContinuation
	copy(b[header+24:], append(u64(header+16), u64(24)...))
	_, err = Open(bytes.NewReader(b), int64(len(b)))
	assert.ErrorContains(t, err, "is reached twice")
}

// A chunk whose few bytes claim to be very many is refused before memory is taken.
func TestInflationBomb(t *testing.T) {
	u := &unfilterer{filters: []filter{{id: filterDeflate}}}
	_, err := u.apply(make([]byte, 100), 0, 1<<20)
	assert.ErrorContains(t, err, "100 bytes of gzip cannot hold a chunk of 1048576")
	_, err = u.apply([]byte("not zlib"), 0, 8)
	assert.ErrorContains(t, err, "gzip chunk")
	_, err = (&unfilterer{filters: []filter{{id: filterShuffle, size: 0}}}).apply(make([]byte, 8), 0, 8)
	assert.ErrorContains(t, err, "shuffle of elements of 0 bytes")
}
