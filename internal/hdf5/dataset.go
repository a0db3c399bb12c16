package hdf5

import (
	"slices"

	"github.com/pkg/errors"
)

// A Dataset is an array with attributes. Its elements are read when they are asked for.
type Dataset struct {
	attributes
	space   dataspace
	typ     datatype
	layout  layout
	filters []filter
	fill    []byte // One element, where the file defines it.
}

func (f *File) dataset(o *object, path string) (*Dataset, error) {
	d := &Dataset{}
	err := d.parse(f, o)
	if err == nil {
		d.attributes, err = f.attributes(o, path)
	}
	if err != nil {
		return nil, errors.Wrapf(err, "hdf5: %s", path)
	}
	d.markBFloat16()
	return d, nil
}

func (d *Dataset) parse(f *File, o *object) error {
	if o.find(msgExternalFiles) != nil {
		return errors.New("data in other files is not read")
	}
	m, err := o.required(msgDataspace, "dataspace")
	if err != nil {
		return err
	}
	if d.space, err = f.dataspace(m.data); err != nil {
		return err
	}
	if m, err = o.required(msgDatatype, "datatype"); err != nil {
		return err
	}
	if d.typ, err = f.datatype(m.data); err != nil {
		return err
	}
	if m, err = o.required(msgLayout, "layout"); err != nil {
		return err
	}
	if d.layout, err = f.layout(m.data); err != nil {
		return err
	}
	if m := o.find(msgFilters); m != nil {
		if d.filters, err = f.filters(m.data); err != nil {
			return err
		}
	}
	if m := o.find(msgFill); m != nil {
		d.fill, err = f.fillValue(m.data, d.typ.size)
	}
	return err
}

// fillValue returns the element that stands for what was never written, nil for zero.
func (f *File) fillValue(b []byte, elementSize int) ([]byte, error) {
	c := f.cursor(b)
	var defined bool
	switch version := c.u8(); version {
	case 1, 2:
		c.skip(2)
		defined = c.u8() != 0 || version == 1
	case 3:
		defined = c.u8()&0x20 != 0
	default:
		return nil, errors.Errorf("fill value version %d, expected 1 to 3", version)
	}
	if !defined {
		return nil, nil
	}
	size := c.u32()
	v := c.take(uint64(size))
	if err := c.err("fill value"); err != nil {
		return nil, err
	}
	if size == 0 {
		return nil, nil
	}
	if int(size) != elementSize {
		return nil, errors.Errorf("fill value of %d bytes for elements of %d", size, elementSize)
	}
	return v, nil
}

// markBFloat16 recognizes how Keras stores bfloat16: two opaque bytes and an attribute that says so.
func (d *Dataset) markBFloat16() {
	if d.typ.class != classOpaque || d.typ.size != 2 {
		return
	}
	if v, err := d.Attr("dtype"); err == nil && v == "bfloat16" {
		d.typ.kind = bfloatKind
	}
}

// Path is where the data set is in its file.
func (d *Dataset) Path() string { return d.path }

// Shape returns the sizes of the dimensions; a scalar has none.
func (d *Dataset) Shape() []int { return slices.Clone(d.space.dims) }

// Type is the element type by its name in numpy: "float32", "uint8", "bfloat16", "string". Of
// types that cannot be read it names class and size.
func (d *Dataset) Type() string { return d.typ.String() }

// Float32s returns the elements in row-major order, converted from any integer or float type.
func (d *Dataset) Float32s() ([]float32, error) {
	if !d.typ.isNumber() {
		return nil, d.wrongType("numbers")
	}
	out, err := readAll[float32](d)
	return out, errors.Wrapf(err, "hdf5: %s", d.path)
}

// Int64s returns the elements in row-major order, converted from any integer type.
func (d *Dataset) Int64s() ([]int64, error) {
	if !d.typ.isInteger() {
		return nil, d.wrongType("integers")
	}
	out, err := readAll[int64](d)
	return out, errors.Wrapf(err, "hdf5: %s", d.path)
}

// Strings returns the elements in row-major order, of fixed-length or variable-length strings.
func (d *Dataset) Strings() ([]string, error) {
	if !d.typ.isString() {
		return nil, d.wrongType("strings")
	}
	out, err := d.readStrings()
	return out, errors.Wrapf(err, "hdf5: %s", d.path)
}

func (d *Dataset) wrongType(expected string) error {
	return errors.Errorf("hdf5: %s: expected %s, got elements of type %s", d.path, expected, d.typ)
}

func readAll[T number](d *Dataset) ([]T, error) {
	if err := d.checkSize(); err != nil {
		return nil, err
	}
	out := make([]T, d.space.count)
	err := d.each(func(at int, raw []byte) error {
		if d.typ.kind == uintKind && d.typ.size == 8 {
			if _, integers := any(out).([]int64); integers {
				if err := checkRange(raw, d.typ); err != nil {
					return err
				}
			}
		}
		decode(out[at:at+len(raw)/d.typ.size], raw, d.typ)
		return nil
	})
	return out, err
}

func (d *Dataset) readStrings() ([]string, error) {
	if err := d.checkSize(); err != nil {
		return nil, err
	}
	size := d.typ.size
	all := make([]byte, int(d.space.count)*size)
	err := d.each(func(at int, raw []byte) error {
		copy(all[at*size:], raw)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return d.file.decodeStrings(all, int(d.space.count), d.typ)
}
