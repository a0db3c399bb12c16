package hdf5

import (
	"io"
	"sort"

	"github.com/pkg/errors"
)

// maxDepth bounds how deep groups nest, in files read and in files written.
const maxDepth = 100

// ErrNotFound is the cause of an error about a group, data set or attribute that does not exist.
var ErrNotFound = errors.New("not found")

// A File is an open HDF5 file. It is safe for concurrent use when its reader is.
type File struct {
	r     io.ReaderAt
	size  uint64 // Usable bytes after base.
	base  uint64
	sizes widths
	root  *Group
}

// Open reads the superblock and the root group of the HDF5 file in the first size bytes of r.
func Open(r io.ReaderAt, size int64) (*File, error) {
	if size < 0 {
		return nil, errors.Errorf("hdf5: negative file size %d", size)
	}
	f := &File{r: r, size: uint64(size)}
	root, err := f.readSuperblock()
	if err != nil {
		return nil, errors.Wrap(err, "hdf5: superblock")
	}
	obj, err := f.object(root)
	if err != nil {
		return nil, errors.Wrap(err, "hdf5: /")
	}
	f.root, err = f.group(obj, "/", nil)
	return f, err
}

// Root is the group all paths start from.
func (f *File) Root() *Group { return f.root }

// Walk calls visit once for every data set, in the order of their paths. Soft and external links
// are passed over, an object that has several names is visited under its first.
func (f *File) Walk(visit func(path string, d *Dataset) error) error {
	return f.root.walk(map[uint64]bool{f.root.addr: true}, visit)
}

func (g *Group) walk(seen map[uint64]bool, visit func(string, *Dataset) error) error {
	for _, name := range g.names {
		l := g.links[name]
		if l.kind != hardLink || seen[l.addr] {
			continue
		}
		seen[l.addr] = true
		child, data, err := g.open(name)
		switch {
		case err != nil:
		case child != nil:
			err = child.walk(seen, visit)
		case data != nil:
			err = visit(data.path, data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// read returns n bytes at addr. Nothing is allocated for more than the file holds.
func (f *File) read(addr, n uint64, what string) ([]byte, error) {
	if err := f.inside(addr, n, what); err != nil {
		return nil, err
	}
	buf := make([]byte, n)
	return buf, f.readInto(buf, addr, what)
}

func (f *File) inside(addr, n uint64, what string) error {
	if addr > f.size || n > f.size-addr {
		return errors.Errorf("%s: %d bytes at %#x are beyond the file's %d", what, n, addr, f.size)
	}
	return nil
}

func (f *File) readInto(buf []byte, addr uint64, what string) error {
	n, err := f.r.ReadAt(buf, int64(f.base+addr))
	if n == len(buf) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return errors.Wrapf(err, "%s: %d bytes at %#x", what, len(buf), addr)
}

// cursorAt reads n bytes at addr and returns a cursor over them.
func (f *File) cursorAt(addr, n uint64, what string) (*cursor, error) {
	b, err := f.read(addr, n, what)
	return f.cursor(b), err
}

func (f *File) cursor(b []byte) *cursor { return &cursor{data: b, sizes: f.sizes} }

// visits remembers the blocks one traversal has read and how many bytes they have: more than the
// file has, or one block twice, and the file is no tree.
type visits struct {
	file  *File
	seen  map[uint64]bool
	bytes uint64
}

func (f *File) visits() *visits { return &visits{file: f, seen: map[uint64]bool{}} }

func (v *visits) add(addr, n uint64, what string) error {
	if v.seen[addr] {
		return errors.Errorf("%s at %#x is reached twice", what, addr)
	}
	v.seen[addr] = true
	if n > v.file.size-v.bytes {
		return errors.Errorf("%s at %#x of %d bytes: there is more of it than the file's %d bytes", what, addr, n, v.file.size)
	}
	v.bytes += n
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
