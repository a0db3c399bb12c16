package hdf5

import (
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// A Writer collects a tree of groups, data sets and attributes, and writes it as one HDF5 file.
// The bytes depend on the tree alone, not on the order it was put together in.
type Writer struct{ root *node }

// A node is a group, or a data set when it has data.
type node struct {
	children map[string]*node
	attrs    map[string]any
	shape    []int
	data     any
}

// New returns a Writer with an empty root group.
func New() *Writer { return &Writer{root: newNode()} }

func newNode() *node { return &node{children: map[string]*node{}, attrs: map[string]any{}} }

// Group makes the group at path, and those above it, where they do not exist yet.
func (w *Writer) Group(path string) error {
	_, err := w.group(components(path), path)
	return err
}

func (w *Writer) group(names []string, path string) (*node, error) {
	if len(names) > maxDepth {
		return nil, errors.Errorf("hdf5: write %s: groups nest more than %d deep", path, maxDepth)
	}
	n := w.root
	for _, name := range names {
		if name == "." || len(name) >= maxNameLength || !isText(name) {
			return nil, errors.Errorf("hdf5: write %s: %q cannot be a name", path, name)
		}
		child := n.children[name]
		if child == nil {
			child = newNode()
			n.children[name] = child
		}
		if child.data != nil {
			return nil, errors.Errorf("hdf5: write %s: %q is a data set, not a group", path, name)
		}
		n = child
	}
	return n, nil
}

// Dataset adds the array at path, and the groups above it. Data is a []float32, []float64,
// []int32, []int64 or []uint32 in row-major order, which is not copied: it must stay as it is
// until WriteTo returns. An empty shape is a scalar, for which data has one element.
func (w *Writer) Dataset(path string, shape []int, data any) error {
	names := components(path)
	if len(names) == 0 {
		return errors.Errorf("hdf5: write data set: empty path %q", path)
	}
	array, err := newArray(data)
	if err != nil {
		return errors.Wrapf(err, "hdf5: write %s", path)
	}
	count, err := product(shape)
	if err != nil || len(shape) > maxRank {
		return errors.Errorf("hdf5: write %s: shape %v is not possible", path, shape)
	}
	if count != uint64(array.len()) {
		return errors.Errorf("hdf5: write %s: shape %v has %d elements, got %d", path, shape, count, array.len())
	}
	last := len(names) - 1
	parent, err := w.group(names[:last], path)
	if err != nil {
		return err
	}
	if parent.children[names[last]] != nil {
		return errors.Errorf("hdf5: write %s: it exists already", path)
	}
	n, err := w.group(names, path)
	if err != nil {
		return err
	}
	n.shape, n.data = slices.Clone(shape), array
	return nil
}

// Attr sets an attribute of the existing group or data set at path: a string, []string, int64 or
// float64. One attribute holds at most about 64 KiB, of which a string in an array takes 16 bytes
// whatever its length.
func (w *Writer) Attr(path, name string, value any) error {
	n := w.root
	for _, part := range components(path) {
		if n = n.children[part]; n == nil {
			return errors.Wrapf(ErrNotFound, "hdf5: write attribute %q of %s", name, path)
		}
	}
	if err := checkAttr(name, value); err != nil {
		return errors.Wrapf(err, "hdf5: write attribute %q of %s", name, path)
	}
	if s, ok := value.([]string); ok {
		value = slices.Clone(s)
	}
	n.attrs[name] = value
	return nil
}

func checkAttr(name string, value any) error {
	if name == "" || !isText(name) {
		return errors.New("expected a name of UTF-8 text without NUL")
	}
	elements := []string{}
	switch v := value.(type) {
	case string:
		elements = append(elements, v)
	case []string:
		elements = v
	case int64, float64:
	default:
		return errors.Errorf("expected string, []string, int64 or float64, got %T", value)
	}
	for _, s := range elements {
		if !isText(s) {
			return errors.Errorf("expected UTF-8 text without NUL, got %.40q", s)
		}
	}
	if size := attrSize(name, value); size > maxMessageSize {
		return errors.Errorf("takes %d bytes, at most %d are possible: split it", size, maxMessageSize)
	}
	return nil
}

func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// WriteTo writes the file, and returns how many bytes that were.
func (w *Writer) WriteTo(out io.Writer) (int64, error) {
	p := newPlan(w.root)
	root := p.emit(w.root)
	p.heap.finish()
	stream := &stream{out: out}
	stream.write(superblock(root, p.end()))
	p.eachArray(w.root, stream.array)
	stream.pad()
	stream.write(p.meta)
	return stream.written, errors.Wrap(stream.err, "hdf5: write")
}
