package main

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"github.com/sbinet/npyio/npy"
	"gorgonia.org/tensor"
)

// arrays are the arrays of an npz file by their names.
type arrays map[string]*tensor.Dense

// readArrays reads an npz file.
func readArrays(path string) (arrays, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, errors.Wrap(withPath(err, path), "read arrays")
	}
	all := arrays{}
	for _, f := range z.File {
		name := strings.TrimSuffix(f.Name, ".npy")
		if all[name] != nil {
			err = errors.New("two arrays have this name")
		} else {
			all[name], err = readArray(f)
		}
		if err != nil {
			err = errors.Wrapf(err, "read arrays: %s: %s", path, name)
			break
		}
	}
	if cerr := z.Close(); err == nil {
		err = cerr
	}
	return all, err
}

// withPath names the file in an error that may not.
func withPath(err error, path string) error {
	if strings.Contains(err.Error(), path) {
		return err
	}
	return errors.Wrap(err, path)
}

// readArray reads one array. The sizes that its header tells are held against the member's before memory is taken.
func readArray(f *zip.File) (a *tensor.Dense, err error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := r.Close(); err == nil {
			err = cerr
		}
	}()
	defer func() {
		if p := recover(); p != nil { // The reader of npy files takes well-formed headers for granted.
			err = errors.New("expected an array in numpy's npy format")
		}
	}()
	b := bufio.NewReaderSize(r, 1<<16)
	head, err := headerSize(b)
	if err != nil {
		return nil, err
	}
	if f.UncompressedSize64 < head {
		return nil, errors.New("the file ends within the header")
	}
	n, err := npy.NewReader(b)
	if err != nil {
		return nil, err
	}
	return readElements(n, f.UncompressedSize64-head)
}

// headerSize is the size of an npy file's header, which must be a usual one.
func headerSize(b *bufio.Reader) (uint64, error) {
	const most = 1 << 16
	head, err := b.Peek(12)
	if err != nil || string(head[:6]) != "\x93NUMPY" {
		return 0, errors.New("expected an array in numpy's npy format")
	}
	size := 10 + uint64(binary.LittleEndian.Uint16(head[8:]))
	if head[6] > 1 {
		size = 12 + uint64(binary.LittleEndian.Uint32(head[8:]))
	}
	if size > most {
		return 0, errors.Errorf("the header has more than %d bytes", most)
	}
	return size, nil
}

// readElements reads an array of any numeric type from what stands behind the header, so many bytes.
func readElements(n *npy.Reader, bytes uint64) (*tensor.Dense, error) {
	d := n.Header.Descr
	if d.Fortran && len(d.Shape) > 1 {
		return nil, errors.New("expected an array in C order: save numpy.ascontiguousarray(a)")
	}
	if len(d.Shape) == 0 || slices.Contains(d.Shape, 0) {
		return nil, errors.Errorf("expected samples along the first axis, got shape %v", d.Shape)
	}
	size, ok := elementSizes[strings.TrimLeft(d.Type, "<>|=")]
	if !ok {
		return nil, errors.Errorf("expected numbers, got elements of type %q", d.Type)
	}
	count := uint64(1)
	for _, k := range d.Shape {
		if k < 0 || count > bytes/uint64(k) {
			return nil, errors.Errorf("shape %v: more elements than the file has bytes", d.Shape)
		}
		count *= uint64(k)
	}
	if count*size != bytes {
		return nil, errors.Errorf("shape %v of %s: expected %d bytes, got %d", d.Shape, d.Type, count*size, bytes)
	}
	data, err := readData(n, strings.TrimLeft(d.Type, "<>|="))
	if err != nil {
		return nil, err
	}
	return tensor.New(tensor.WithShape(d.Shape...), tensor.WithBacking(data)), nil
}

var elementSizes = map[string]uint64{"b1": 1, "i1": 1, "i2": 2, "i4": 4, "i8": 8, "u1": 1, "u2": 2, "u4": 4, "u8": 8, "f4": 4, "f8": 8}

func readData(n *npy.Reader, kind string) (any, error) {
	switch kind {
	case "b1":
		return read[bool](n)
	case "i1":
		return read[int8](n)
	case "i2":
		return read[int16](n)
	case "i4":
		return read[int32](n)
	case "i8":
		return read[int64](n)
	case "u1":
		return read[uint8](n)
	case "u2":
		return read[uint16](n)
	case "u4":
		return read[uint32](n)
	case "u8":
		return read[uint64](n)
	case "f4":
		return read[float32](n)
	}
	return read[float64](n)
}

func read[T any](n *npy.Reader) (any, error) {
	var v []T
	err := n.Read(&v)
	return v, err
}

// take removes the arrays of a kind: name, or name0, name1, ..., or those with the given names.
func (a arrays) take(name string, names []string) ([]*tensor.Dense, error) {
	keys := names
	switch {
	case a[name] != nil:
		keys = []string{name}
	case a[name+"0"] != nil:
		keys = nil
		for i := 0; a[name+strconv.Itoa(i)] != nil; i++ {
			keys = append(keys, name+strconv.Itoa(i))
		}
	}
	if len(keys) != len(names) {
		return nil, errors.Errorf("expected %d arrays for %s, got %d: %s", len(names), strings.Join(names, ", "), len(keys), strings.Join(keys, ", "))
	}
	var out []*tensor.Dense
	for _, key := range keys {
		if a[key] == nil {
			return nil, errors.Errorf("expected an array %s, or %s, got %s", numbered(name, len(names)), strings.Join(names, ", "), a.names())
		}
		out = append(out, a[key])
		delete(a, key)
	}
	return out, nil
}

// numbered is how the arrays of a kind are called: x, or x0, x1.
func numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	var all []string
	for i := range n {
		all = append(all, name+strconv.Itoa(i))
	}
	return strings.Join(all, ", ")
}

func (a arrays) names() string {
	if len(a) == 0 {
		return "none"
	}
	var names []string
	for name := range a {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// writeArrays writes arrays as y, or y0, y1, ..., to an npz file, which is complete or not there.
func writeArrays(path string, as []*tensor.Dense) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return errors.Wrapf(err, "write %s", path)
	}
	z := zip.NewWriter(f)
	for i, a := range as {
		name := "y"
		if len(as) > 1 {
			name += strconv.Itoa(i)
		}
		if err = writeArray(z, name, a); err != nil {
			break
		}
	}
	if zerr := z.Close(); err == nil {
		err = zerr
	}
	if err == nil {
		err = f.Chmod(0o644)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		if rerr := os.Remove(f.Name()); rerr != nil {
			err = errors.WithMessage(err, rerr.Error())
		}
	}
	return errors.Wrapf(err, "write %s", path)
}

// writeArray writes an npy file of version 1; npyio's writer knows vectors and matrices only.
func writeArray(z *zip.Writer, name string, a *tensor.Dense) error {
	w, err := z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Deflate})
	if err != nil {
		return err
	}
	kind := map[tensor.Dtype]string{tensor.Float32: "<f4", tensor.Int32: "<i4", tensor.Bool: "|b1"}[a.Dtype()]
	sizes := make([]string, len(a.Shape()))
	for i, n := range a.Shape() {
		sizes[i] = strconv.Itoa(n) + ","
	}
	const aligned = 64
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, strings.Join(sizes, " "))
	head += strings.Repeat(" ", aligned-(10+len(head)+1)%aligned) + "\n"
	if _, err := io.WriteString(w, "\x93NUMPY\x01\x00"); err != nil {
		return err
	}
	if err := binary.Write(w, binary.LittleEndian, uint16(len(head))); err != nil {
		return err
	}
	if _, err := io.WriteString(w, head); err != nil {
		return err
	}
	return binary.Write(w, binary.LittleEndian, a.Data())
}
