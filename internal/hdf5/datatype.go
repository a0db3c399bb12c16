package hdf5

import (
	"strconv"

	"github.com/pkg/errors"
)

type kind uint8

const (
	unsupportedKind kind = iota
	intKind
	uintKind
	floatKind
	bfloatKind
	fixedStringKind
	varStringKind
)

// The classes of the format.
const (
	classFixed  = 0
	classFloat  = 1
	classString = 3
	classOpaque = 5
	classEnum   = 8
	classVarLen = 9
)

var classNames = [...]string{"integer", "float", "time", "string", "bitfield", "opaque", "compound", "reference", "enum", "sequence", "array"}

// A datatype says what an element's bytes mean.
type datatype struct {
	kind      kind
	class     uint8
	size      int // Bytes of an element.
	bigEndian bool
	padding   uint8 // Of fixed strings: NUL terminated, NUL padded, space padded.
}

// datatype parses a datatype message. Types this package cannot read are no error here, but when
// their elements are asked for.
func (f *File) datatype(b []byte) (datatype, error) {
	c := f.cursor(b)
	classVersion := c.u8()
	bits := uint32(c.uint(3))
	size := c.u32()
	t := datatype{class: classVersion & 15, size: int(size)}
	if size == 0 || size > 1<<30 {
		return t, errors.Errorf("datatype of %d bytes", size)
	}
	switch t.class {
	case classFixed:
		t.fixed(c, bits)
	case classFloat:
		t.float(c, bits)
	case classString:
		t.kind, t.padding = fixedStringKind, uint8(bits&15)
	case classEnum:
		// An enumeration is stored as its base type; h5py keeps booleans so.
		base, err := f.datatype(c.data)
		if err != nil || base.class != classFixed || base.size != t.size {
			return t, errors.New("enumeration over another type than an integer of its size")
		}
		return base, nil
	case classVarLen:
		if bits&15 == 1 && t.size == 8+f.sizes.offset {
			t.kind = varStringKind
		}
	}
	return t, c.err("datatype")
}

func (t *datatype) fixed(c *cursor, bits uint32) {
	shift, precision := c.u16(), int(c.u16())
	if shift != 0 || precision != 8*t.size || (t.size != 1 && !validWidth(t.size)) {
		return
	}
	t.bigEndian = bits&1 != 0
	t.kind = uintKind
	if bits&8 != 0 {
		t.kind = intKind
	}
}

// A floatFormat is where a float has its parts, as a datatype message tells it.
type floatFormat struct {
	size, precision                            int
	exponentAt, exponent, mantissaAt, mantissa uint8
	bias                                       uint32
}

func (t *datatype) float(c *cursor, bits uint32) {
	shift := c.u16()
	format := floatFormat{t.size, int(c.u16()), c.u8(), c.u8(), c.u8(), c.u8(), c.u32()}
	if shift != 0 || bits&0x40 != 0 {
		return
	}
	t.bigEndian = bits&1 != 0
	switch format {
	case floatFormat{2, 16, 10, 5, 0, 10, 15}, floatFormat{4, 32, 23, 8, 0, 23, 127}, floatFormat{8, 64, 52, 11, 0, 52, 1023}:
		t.kind = floatKind
	case floatFormat{2, 16, 7, 8, 0, 7, 127}:
		t.kind = bfloatKind
	}
}

// String is the type's name in numpy.
func (t datatype) String() string {
	bits := strconv.Itoa(8 * t.size)
	switch t.kind {
	case intKind:
		return "int" + bits
	case uintKind:
		return "uint" + bits
	case floatKind:
		return "float" + bits
	case bfloatKind:
		return "bfloat16"
	case fixedStringKind, varStringKind:
		return "string"
	}
	name := "class " + strconv.Itoa(int(t.class))
	if int(t.class) < len(classNames) {
		name = classNames[t.class]
	}
	return name + " of " + strconv.Itoa(t.size) + " bytes"
}

func (t datatype) isInteger() bool { return t.kind == intKind || t.kind == uintKind }
func (t datatype) isNumber() bool {
	return t.isInteger() || t.kind == floatKind || t.kind == bfloatKind
}
func (t datatype) isString() bool { return t.kind == fixedStringKind || t.kind == varStringKind }
