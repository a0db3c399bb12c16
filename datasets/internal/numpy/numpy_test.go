package numpy

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// file writes an archive of members.
func file(t *testing.T, members map[string][]byte) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, data := range members {
		f, err := w.Create(name)
		require.NoError(t, err)
		_, err = f.Write(data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	path := filepath.Join(t.TempDir(), "file.npz")
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
	return path
}

// npy writes version 1 of the format.
func npy(head string, data ...byte) []byte {
	b := append([]byte("\x93NUMPY\x01\x00"), 0, 0)
	binary.LittleEndian.PutUint16(b[8:], uint16(len(head)))
	return append(append(b, head...), data...)
}

func head(descr, fortran, shape string) string {
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }    \n", descr, fortran, shape)
}

func TestArrays(t *testing.T) {
	t.Parallel()
	long := npy(head("|u1", "False", "(2, 2)"), 1, 2, 3, 4)
	long = append([]byte("\x93NUMPY\x02\x00"), append(binary.LittleEndian.AppendUint32(nil, uint32(len(long)-14)), long[10:]...)...)
	a, err := Open(file(t, map[string][]byte{
		"u1.npy": npy(head("|u1", "False", "(3,)"), 1, 2, 255),
		"i4.npy": npy(head("<i4", "False", "(2,)"), 1, 0, 0, 0, 255, 255, 255, 255),
		"i8.npy": npy(head("<i8", "False", "(1, 1)"), 0, 1, 0, 0, 0, 0, 0, 0),
		"f4.npy": npy(head("<f4", "False", "(1,)"), 0, 0, 0x80, 0x3f),
		"f8.npy": npy(head("<f8", "False", "(1,)"), 0, 0, 0, 0, 0, 0, 0xf0, 0xbf),
		"f.npy":  npy(head("|u1", "True", "(2, 3)"), 0, 10, 1, 11, 2, 12),
		"v2.npy": long,
	}))
	require.NoError(t, err)
	for name, want := range map[string]struct {
		shape tensor.Shape
		data  any
	}{
		"u1": {tensor.Shape{3}, []uint8{1, 2, 255}},
		"i4": {tensor.Shape{2}, []int32{1, -1}},
		"i8": {tensor.Shape{1, 1}, []int64{256}},
		"f4": {tensor.Shape{1}, []float32{1}},
		"f8": {tensor.Shape{1}, []float64{-1}},
		"f":  {tensor.Shape{2, 3}, []uint8{0, 1, 2, 10, 11, 12}},
	} {
		d, err := a.Dense(t.Context(), name)
		require.NoError(t, err, name)
		assert.Equal(t, want.shape, d.Shape(), name)
		assert.Equal(t, want.data, d.Data(), name)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = a.Dense(cancelled, "u1")
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, a.Close())
}

func TestArraysRefused(t *testing.T) {
	t.Parallel()
	for says, data := range map[string][]byte{
		"expected the file to begin as NumPy's do":      []byte("plain"),
		"expected version 1, 2 or 3 and a head":         []byte("\x93NUMPY\x04\x00\x00\x00\x00\x00"),
		"got version 2 and 2 bytes":                     []byte("\x93NUMPY\x02\x00\x00\x00"),
		"expected a head of 65535 bytes, got 1":         []byte("\x93NUMPY\x01\x00\xff\xff{"),
		"expected a head with descr":                    npy("__import__('os').system('true')"),
		"got \"<c8\"":                                   npy(head("<c8", "False", "(1,)"), 1, 2, 3, 4, 5, 6, 7, 8),
		"got \">f4\"":                                   npy(head(">f4", "False", "(1,)"), 1, 2, 3, 4),
		"expected 12 bytes for 3 elements, got 4":       npy(head("<f4", "False", "(3,)"), 1, 2, 3, 4),
		"expected 4 bytes for 1 elements, got 5":        npy(head("<f4", "False", "(1,)"), 1, 2, 3, 4, 5),
		"expected an array with elements":               npy(head("<f4", "False", "(0, 5)")),
		"1 to 64 axes, got 65 axes of shape [1 1 1":     npy(head("|u1", "False", "("+strings.Repeat("1, ", 65)+")"), 1),
		"1 to 64 axes, got 0 axes of shape []":          npy(head("<f4", "False", "()"), 1, 2, 3, 4),
		"expected at most 268435456 elements":           npy(head("|u1", "False", "(65536, 65536)"), 1),
		"expected at most 268435456 elements, got":      npy(head("|u1", "False", "(4611686018427387904, 4)"), 1),
		"value out of range":                            npy(head("|u1", "False", "(99999999999999999999,)"), 1),
		"elements of type uint8, int32, int64, float32": npy(head("|O", "False", "(1,)"), 1),
	} {
		a, err := Open(file(t, map[string][]byte{"x.npy": data}))
		require.NoError(t, err)
		_, err = a.Dense(t.Context(), "x")
		require.ErrorContains(t, err, `array "x"`)
		require.ErrorContains(t, err, says)
		_, err = a.Dense(t.Context(), "y")
		require.ErrorContains(t, err, `array "y": expected it in the archive, which holds ["x.npy"]`)
		require.NoError(t, a.Close())
	}
	_, err := Open(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestBombIsRefused(t *testing.T) {
	t.Parallel()
	path := file(t, map[string][]byte{"x.npy": npy(head("|u1", "False", "(3,)"), 1, 2, 3)})
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	// The size in the archive's directory, before which there are 24 bytes.
	at := bytes.Index(raw, []byte("PK\x01\x02"))
	for size, says := range map[uint32]string{1 << 29: "expected at most 268435456 bytes, got 536870912", 1 << 20: "unexpected EOF"} {
		binary.LittleEndian.PutUint32(raw[at+24:], size)
		require.NoError(t, os.WriteFile(path, raw, 0o600))
		a, err := Open(path)
		require.NoError(t, err)
		_, err = a.Dense(t.Context(), "x")
		require.ErrorContains(t, err, says)
		require.NoError(t, a.Close())
	}
}

const (
	newArray = "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R"
	bytesOf  = "cnumpy\ndtype\nX\x02\x00\x00\x00u1\x89\x88\x87R"
	object   = "cnumpy\ndtype\nX\x02\x00\x00\x00O8\x89\x88\x87R"
)

// arrayOf is the pickle of an array.
func arrayOf(shape, dtype, elements string) string {
	return "\x80\x03" + newArray + "(K\x01" + shape + dtype + "\x89" + elements + "tb."
}

func TestUnpickle(t *testing.T) {
	t.Parallel()
	v, err := Unpickle(t.Context(), []byte("\x80\x02](K\x01M\x00\x01J\xff\xff\xff\xff\x8a\x02\x00\x80\x8a\x00e."))
	require.NoError(t, err)
	ints, err := v.Int32s()
	require.NoError(t, err)
	assert.Equal(t, []int32{1, 256, -1, -32768, 0}, ints)

	// A list by single steps, a list and a tuple by the memo.
	v, err = Unpickle(t.Context(), []byte(arrayOf("K\x03\x85", object, "](]q\x01K\x07aK\x08ah\x01K\x09K\x0a\x86e")))
	require.NoError(t, err)
	rows, err := v.Sequences()
	require.NoError(t, err)
	assert.Equal(t, [][]int32{{7, 8}, {7, 8}, {9, 10}}, rows)

	v, err = Unpickle(t.Context(), []byte(arrayOf("K\x02K\x01\x86", object, "](K\x05K\x06e")))
	require.NoError(t, err)
	rows, err = v.Sequences()
	require.NoError(t, err)
	assert.Equal(t, [][]int32{{5}, {6}}, rows)

	v, err = Unpickle(t.Context(), []byte(arrayOf("K\x01K\x02\x86", bytesOf, "C\x02\x05\x06")))
	require.NoError(t, err)
	d, err := v.Dense()
	require.NoError(t, err)
	assert.Equal(t, tensor.Shape{1, 2}, d.Shape())
	assert.Equal(t, []uint8{5, 6}, d.Data())

	v, err = Unpickle(t.Context(), []byte("\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a](\x8c\x02xyC\x01zeU\x01bNu\x8c\x01aG\x3f\xf0\x00\x00\x00\x00\x00\x00s."))
	require.NoError(t, err)
	_, err = v.Entry("a")
	require.NoError(t, err)
	_, err = v.Entry("c")
	require.ErrorContains(t, err, `expected the key "c" in a dictionary of 3 keys`)
	v, err = Unpickle(t.Context(), []byte("\x80\x04](\x8c\x02xyC\x01ze."))
	require.NoError(t, err)
	texts, err := v.Strings()
	require.NoError(t, err)
	assert.Equal(t, []string{"xy", "z"}, texts)
}

func TestPicklesRefused(t *testing.T) {
	t.Parallel()
	for says, pickle := range map[string]string{
		`expected a name that puts an array together, got "os.system"`: "\x80\x03cos\nsystem\nX\x04\x00\x00\x00true\x85R.",
		`got "builtins.eval"`:        "\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R.",
		`got "numpy.f2py.compile"`:   "\x80\x03cnumpy.f2py\ncompile\n.",
		`got "numpy.ndarray.tofile"`: "\x80\x04\x8c\x05numpy\x8c\x0endarray.tofile\x93.",
		`got "."`:                    "\x80\x04NN\x93.",
		"expected the making of an array or a dtype, got the call of numpy.ndarr": "\x80\x03cnumpy\nndarray\n)R.",
		"got the call of a list":                                              "\x80\x03])R.",
		"expected arguments in a tuple, got None":                             "\x80\x03cnumpy\ndtype\nNR.",
		"expected numpy.core.multiarray._reconstruct of numpy.ndarray":        "\x80\x03cnumpy.core.multiarray\n_reconstruct\n)R.",
		"expected the state of an array or a dtype, got that of a dictionary": "\x80\x03})b.",
		"expected a state in a tuple, got a dictionary":                       "\x80\x03" + bytesOf + "}b.",
		"expected a dtype's state of at least 2 values, got 0":                "\x80\x03" + bytesOf + ")b.",
		"expected one state of 5 values, got another of 0":                    "\x80\x03" + newArray + ")b.",
		"expected an array's state of shape, dtype and order, got None, a":    arrayOf("N", bytesOf, "C\x01x"),
		"expected sizes up to 268435456 in a shape, got an integer -1":        arrayOf("J\xff\xff\xff\xff\x85", bytesOf, "C\x01x"),
		"expected sizes up to 268435456 in a shape, got None":                 arrayOf("N\x85", bytesOf, "C\x01x"),
		"expected the bytes of an array, got a list":                          arrayOf("K\x01\x85", bytesOf, "]"),
		"expected a list of 5 elements, got a list of 0":                      arrayOf("K\x05\x85", object, "]"),
		"expected at most 268435456 elements":                                 arrayOf("J\x00\x00\x00\x01J\x00\x00\x00\x01\x86", object, "]"),
		"expected an opcode that arrays and lists need, got 0x69":             "\x80\x02ios\nsystem\n.",
		"got 0x50":                              "\x80\x02P0\n.",
		"expected protocol 2 to 5, got 9":       "\x80\x09.",
		"expected a value on the stack":         "\x80\x03.",
		"expected one value at the end, got 1":  "\x80\x03NN.",
		"expected one value at the end, got 0":  "\x80\x03(N.",
		"expected a mark on the stack":          "\x80\x03Nt.",
		"expected a list, got None":             "\x80\x03N(NNe.",
		"expected a dictionary and pairs":       "\x80\x03}(Nu.",
		"expected number 3 in the memo":         "\x80\x03h\x03.",
		"expected 5 more bytes, got 1":          "\x80\x03C\x05x",
		"expected 1 more bytes, got 0":          "\x80\x03",
		"more bytes, got 3":                     "\x80\x03\x8d\xff\xff\xff\xff\xff\xff\xff\xffabc",
		"expected a line that ends":             "\x80\x03cnumpy",
		"expected an integer of up to 8 bytes,": "\x80\x03\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01.",
	} {
		_, err := Unpickle(t.Context(), []byte(pickle))
		require.ErrorContains(t, err, "pickle: ", says)
		require.ErrorContains(t, err, says)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Unpickle(cancelled, []byte("\x80\x03N."))
	require.ErrorIs(t, err, context.Canceled)
}

func TestValuesOfOtherTypes(t *testing.T) {
	t.Parallel()
	value := func(pickle string) Value {
		v, err := Unpickle(t.Context(), []byte(pickle))
		require.NoError(t, err)
		return v
	}
	_, err := value("\x80\x03N.").Entry("x")
	require.ErrorContains(t, err, "expected a dictionary")
	_, err = value("\x80\x03\x88.").Dense()
	require.ErrorContains(t, err, "expected an array, got a boolean")
	_, err = value("\x80\x03" + newArray + ".").Dense()
	require.ErrorContains(t, err, "expected an array")
	_, err = value(arrayOf("K\x05\x85", bytesOf, "C\x01x")).Dense()
	require.ErrorContains(t, err, "expected 5 bytes for 5 elements, got 1")
	_, err = value(arrayOf("K\x01\x85", bytesOf, "C\x01x")).Sequences()
	require.ErrorContains(t, err, "expected an array of objects")
	_, err = value(arrayOf("K\x01\x85", object, "](Ne")).Sequences()
	require.ErrorContains(t, err, "row 0: pickle: expected a list, got None")
	_, err = value(arrayOf("K\x01\x85", object, "](](Nee")).Sequences()
	require.ErrorContains(t, err, "element 0: expected an integer of 32 bits, got None")
	_, err = value(arrayOf(")", object, "](Ne")).Sequences()
	require.ErrorContains(t, err, "expected an array of lists with elements, got an array of shape []")
	_, err = value(arrayOf("J\x00\x00\x00\x10K\x00\x86", object, "]")).Sequences()
	require.ErrorContains(t, err, "got an array of shape [268435456 0]")
	_, err = value("\x80\x03](\x8a\x05\x00\x00\x00\x00\x01e.").Int32s()
	require.ErrorContains(t, err, "got an integer 4294967296")
	_, err = value("\x80\x03](K\x01e.").Strings()
	require.ErrorContains(t, err, "element 0: expected a text, got an integer")
	_, err = value("\x80\x03C\x01x.").Strings()
	require.ErrorContains(t, err, "expected a list, got a text")
}

func TestPickleOfTooMany(t *testing.T) {
	t.Parallel()
	m := &machine{rest: []byte("NNN"), made: maxValues - 2}
	for range 2 {
		m.do(none)
		require.NoError(t, m.failed)
	}
	m.do(none)
	require.ErrorContains(t, m.failed, "expected at most 16777216 values, got more")
}

// A pickle that holds itself is no trouble to who asks for lists of integers.
func TestPickleOfItself(t *testing.T) {
	t.Parallel()
	v, err := Unpickle(t.Context(), []byte("\x80\x03]q\x00h\x00a."))
	require.NoError(t, err)
	_, err = v.Int32s()
	require.ErrorContains(t, err, "element 0: expected an integer of 32 bits, got a list")
}

func FuzzUnpickle(f *testing.F) {
	f.Add([]byte(arrayOf("K\x03\x85", object, "](]q\x01K\x07aK\x08ah\x01K\x09K\x0a\x86e")))
	f.Add([]byte(arrayOf("K\x01K\x02\x86", bytesOf, "C\x02\x05\x06")))
	f.Add([]byte("\x80\x04}(\x8c\x01a](\x8c\x02xyC\x01zeU\x01bNu."))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Unpickle(t.Context(), data)
		if err != nil {
			return
		}
		rows, err := v.Sequences()
		if err == nil {
			assert.LessOrEqual(t, len(rows), len(data))
		}
		d, err := v.Dense()
		if err == nil {
			assert.LessOrEqual(t, d.Size(), len(data))
		}
	})
}

func FuzzNPY(f *testing.F) {
	f.Add(npy(head("<f4", "False", "(1,)"), 0, 0, 0x80, 0x3f))
	f.Add(npy(head("|u1", "True", "(2, 3)"), 0, 10, 1, 11, 2, 12))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, rest, err := splitNPY(data)
		if err != nil {
			return
		}
		d, err := l.dense(rest)
		if err == nil {
			assert.Equal(t, len(rest), d.Size()*int(d.Dtype().Size()))
		}
	})
}

func BenchmarkUnpickle(b *testing.B) {
	list := "](" + strings.Repeat("M\x01\x02K\x05", 120) + "e"
	data := []byte(arrayOf("M\xe8\x03\x85", object, "]("+strings.Repeat(list, 1000)+"e"))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		v, err := Unpickle(b.Context(), data)
		require.NoError(b, err)
		rows, err := v.Sequences()
		require.NoError(b, err)
		require.Len(b, rows, 1000)
	}
}
