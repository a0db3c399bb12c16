package hdf5

import (
	"bytes"
	"math"
	"strings"

	"github.com/pkg/errors"
)

// How fixed strings are filled up.
const (
	padTerminated = 0
	padSpaces     = 2
)

// attributes are what a group or data set carries besides its content.
type attributes struct {
	file  *File
	path  string
	names []string
	byKey map[string]*attribute
}

type attribute struct {
	space dataspace
	typ   datatype
	data  []byte
	err   error // Why it cannot be read; told when it is asked for.
}

func (f *File) attributes(o *object, path string) (attributes, error) {
	a := attributes{file: f, path: path, byKey: map[string]*attribute{}}
	for i := range o.messages {
		m := &o.messages[i]
		var err error
		switch m.kind {
		case msgAttribute:
			err = a.add(m)
		case msgAttributeInfo:
			err = f.refuseDenseAttributes(m)
		}
		if err != nil {
			return a, err
		}
	}
	a.names = sortedKeys(a.byKey)
	return a, nil
}

func (f *File) refuseDenseAttributes(m *message) error {
	c := f.cursor(m.data)
	c.skip(1)
	if flags := c.u8(); flags&1 != 0 {
		c.skip(2)
	}
	heap := c.offset()
	if err := c.err("attribute info message"); err != nil {
		return err
	}
	if heap != undefined {
		return errors.New("attributes in dense storage (a fractal heap) are not supported")
	}
	return nil
}

func (a *attributes) add(m *message) error {
	if m.flags&flagShared != 0 {
		return errors.New("shared attributes are not supported")
	}
	c := a.file.cursor(m.data)
	version, flags := c.u8(), c.u8()
	nameSize, typeSize, spaceSize := int(c.u16()), int(c.u16()), int(c.u16())
	field := func(n int) []byte { return c.take(uint64(n)) }
	switch version {
	case 1:
		field = c.padded
		flags = 0
	case 2:
	case 3:
		c.skip(1) // The name's character set.
	default:
		return errors.Errorf("attribute version %d, expected 1 to 3", version)
	}
	name := trimString(field(nameSize), padTerminated)
	typ, space := field(typeSize), field(spaceSize)
	if err := c.err("attribute"); err != nil {
		return err
	}
	attr := &attribute{data: c.data}
	if flags != 0 {
		attr.err = errors.New("shared datatypes are not supported")
	} else {
		attr.err = attr.parse(a.file, typ, space)
	}
	a.byKey[name] = attr
	return nil
}

func (a *attribute) parse(f *File, typ, space []byte) (err error) {
	if a.typ, err = f.datatype(typ); err != nil {
		return err
	}
	if a.space, err = f.dataspace(space); err != nil {
		return err
	}
	if have := uint64(len(a.data)); a.space.count > have/uint64(a.typ.size) {
		return errors.Errorf("%d elements of %d bytes in %d bytes", a.space.count, a.typ.size, have)
	}
	return nil
}

// AttrNames returns the names of the attributes, sorted.
func (a *attributes) AttrNames() []string { return append([]string(nil), a.names...) }

// Attr returns an attribute: string, int64 or float64 for a scalar, []string, []int64 or
// []float64 in row-major order for an array, nil for an empty one (h5py.Empty). What is missing
// has the cause ErrNotFound.
func (a *attributes) Attr(name string) (any, error) {
	attr, ok := a.byKey[name]
	if !ok {
		return nil, errors.Wrapf(ErrNotFound, "hdf5: %s: attribute %q", a.path, name)
	}
	v, err := attr.value(a.file)
	return v, errors.Wrapf(err, "hdf5: %s: attribute %q", a.path, name)
}

func (a *attribute) value(f *File) (any, error) {
	if a.err != nil || a.space.null {
		return nil, a.err
	}
	n, t := int(a.space.count), a.typ
	raw := bytes.Clone(a.data[:n*t.size])
	if t.bigEndian {
		swapElements(raw, t.size)
	}
	scalar := len(a.space.dims) == 0
	switch {
	case t.isString():
		s, err := f.decodeStrings(raw, n, t)
		return scalarOr(s, scalar), err
	case t.isInteger():
		v := make([]int64, n)
		if err := checkRange(raw, t); err != nil {
			return nil, err
		}
		decode(v, raw, t)
		return scalarOr(v, scalar), nil
	case t.isNumber():
		v := make([]float64, n)
		decode(v, raw, t)
		return scalarOr(v, scalar), nil
	}
	return nil, errors.Errorf("type %s is not supported", t)
}

func scalarOr[T any](v []T, scalar bool) any {
	if scalar && len(v) == 1 {
		return v[0]
	}
	return v
}

// checkRange refuses unsigned numbers that an int64 cannot hold.
func checkRange(raw []byte, t datatype) error {
	if t.kind != uintKind || t.size != 8 {
		return nil
	}
	for i := 7; i < len(raw); i += 8 {
		if raw[i]&0x80 != 0 {
			return errors.Errorf("element %d is over %d", i/8, int64(math.MaxInt64))
		}
	}
	return nil
}

func (f *File) decodeStrings(raw []byte, n int, t datatype) ([]string, error) {
	if t.kind == varStringKind {
		return f.globalHeap().strings(raw, n)
	}
	out := make([]string, n)
	for i := range out {
		out[i] = trimString(raw[i*t.size:(i+1)*t.size], t.padding)
	}
	return out, nil
}

func trimString(b []byte, padding uint8) string {
	switch padding {
	case padTerminated:
		if end := bytes.IndexByte(b, 0); end >= 0 {
			b = b[:end]
		}
		return string(b)
	case padSpaces:
		return strings.TrimRight(string(b), " ")
	}
	return strings.TrimRight(string(b), "\x00")
}
