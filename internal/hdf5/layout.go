package hdf5

import (
	"bytes"

	"github.com/pkg/errors"
)

type layoutClass uint8

const (
	compactLayout layoutClass = iota
	contiguousLayout
	chunkedLayout
)

// How chunks are found.
const (
	indexSingle     = 1
	indexImplicit   = 2
	indexFixedArray = 3
	indexTree       = 0 // A B-tree of version 1, in layouts before version 4.
)

// A layout is where a data set's elements lie.
type layout struct {
	class   layoutClass
	compact []byte
	addr    uint64
	size    uint64 // Of contiguous data, where the layout says it.
	sized   bool

	chunk      []int // Shape of a chunk, without the element size the file appends.
	index      uint8
	storedSize uint64 // Of a single filtered chunk.
	mask       uint32
}

func (f *File) layout(b []byte) (layout, error) {
	c := f.cursor(b)
	var l layout
	var err error
	switch version := c.u8(); version {
	case 1, 2:
		err = l.parseOld(c)
	case 3:
		err = l.parse3(c)
	case 4:
		err = l.parse4(c)
	default:
		err = errors.Errorf("layout version %d, expected 1 to 4", version)
	}
	if err != nil {
		return l, err
	}
	return l, c.err("layout")
}

func (l *layout) parseOld(c *cursor) error {
	rank := int(c.u8())
	l.class = layoutClass(c.u8())
	c.skip(5)
	if l.class > chunkedLayout {
		return errors.Errorf("layout class %d is not supported", l.class)
	}
	if l.class != compactLayout {
		l.addr = c.offset()
	}
	dims := l.dims(c, rank, 4)
	switch l.class {
	case compactLayout:
		l.compact = c.take(uint64(c.u32()))
	case chunkedLayout:
		return l.setChunk(dims)
	}
	return nil
}

func (l *layout) parse3(c *cursor) error {
	l.class = layoutClass(c.u8())
	switch l.class {
	case compactLayout:
		l.compact = c.take(uint64(c.u16()))
	case contiguousLayout:
		l.addr, l.size, l.sized = c.offset(), c.length(), true
	case chunkedLayout:
		rank := int(c.u8())
		l.addr = c.offset()
		return l.setChunk(l.dims(c, rank, 4))
	default:
		return errors.Errorf("layout class %d is not supported", l.class)
	}
	return nil
}

func (l *layout) parse4(c *cursor) error {
	if len(c.data) > 0 && c.data[0] != byte(chunkedLayout) {
		return l.parse3(c)
	}
	l.class = layoutClass(c.u8())
	flags := c.u8()
	rank, width := int(c.u8()), int(c.u8())
	if width == 0 || width > 8 {
		return errors.Errorf("chunk dimensions of %d bytes", width)
	}
	if err := l.setChunk(l.dims(c, rank, width)); err != nil {
		return err
	}
	l.index = c.u8()
	switch l.index {
	case indexSingle:
		if flags&2 != 0 {
			l.storedSize, l.mask = c.length(), c.u32()
		}
	case indexImplicit:
	case indexFixedArray:
		c.skip(1)
	default:
		return errors.Errorf("chunk index of type %d (an extensible array or B-tree of version 2) is not supported", l.index)
	}
	l.addr = c.offset()
	return nil
}

func (l *layout) dims(c *cursor, rank, width int) []int {
	if rank > maxRank+1 {
		c.short = true
		return nil
	}
	dims := make([]int, rank)
	for i := range dims {
		dims[i] = int(c.uint(width))
	}
	return dims
}

// setChunk takes the dimensions of a chunk, of which the last is the element's size.
func (l *layout) setChunk(dims []int) error {
	for _, n := range dims {
		if n <= 0 {
			return errors.Errorf("chunks of shape %v", dims)
		}
	}
	if len(dims) < 2 {
		return errors.Errorf("chunks of shape %v", dims)
	}
	l.chunk = dims[:len(dims)-1]
	return nil
}

// unwrittenLimit is how many bytes of a data set need not be in the file.
const unwrittenLimit = 1 << 20

// checkSize holds the data set's size against what the file stores of it, before memory is taken.
func (d *Dataset) checkSize() error {
	size := uint64(d.typ.size)
	if d.space.count > d.file.size*maxInflation/size && d.space.count > unwrittenLimit/size {
		return errors.Errorf("shape %v of %s is beyond the file's %d bytes", d.space.dims, d.typ, d.file.size)
	}
	need := d.space.count * size
	l := &d.layout
	if need == 0 || l.class == chunkedLayout {
		return nil // Chunks are weighed when their index has been read.
	}
	if len(d.filters) > 0 {
		return errors.New("filters without chunks")
	}
	switch {
	case l.class == compactLayout:
		if uint64(len(l.compact)) < need {
			return errors.Errorf("shape %v of %s in %d bytes", d.space.dims, d.typ, len(l.compact))
		}
	case l.addr == undefined:
		if need > unwrittenLimit {
			return errors.Errorf("shape %v was never written", d.space.dims)
		}
	case l.sized && l.size < need:
		return errors.Errorf("shape %v of %s in %d bytes", d.space.dims, d.typ, l.size)
	default:
		return d.file.inside(l.addr, need, "data")
	}
	return nil
}

// each hands over the data set's elements in runs: raw holds little-endian elements from index at
// on, and is only valid during the call.
func (d *Dataset) each(emit func(at int, raw []byte) error) error {
	if d.space.count == 0 {
		return nil
	}
	native := func(at int, raw []byte) error {
		if d.typ.bigEndian {
			swapElements(raw, d.typ.size)
		}
		return emit(at, raw)
	}
	switch {
	case d.layout.class == chunkedLayout:
		return d.eachChunked(native)
	case d.layout.class == compactLayout:
		return native(0, bytes.Clone(d.layout.compact[:int(d.space.count)*d.typ.size]))
	case d.layout.addr == undefined:
		return d.eachFill(native)
	}
	return d.eachContiguous(native)
}

func (d *Dataset) eachContiguous(emit func(int, []byte) error) error {
	size := d.typ.size
	perRun := max(1, (256<<10)/size)
	buf := make([]byte, min(perRun, int(d.space.count))*size)
	for at := 0; at < int(d.space.count); at += perRun {
		run := buf[:min(perRun, int(d.space.count)-at)*size]
		if err := d.file.readInto(run, d.layout.addr+uint64(at)*uint64(size), "data"); err != nil {
			return err
		}
		if err := emit(at, run); err != nil {
			return err
		}
	}
	return nil
}

// eachFill hands over fill values for all elements, nothing where those are zero.
func (d *Dataset) eachFill(emit func(int, []byte) error) error {
	if d.fill == nil {
		return nil
	}
	for at := range int(d.space.count) {
		if err := emit(at, bytes.Clone(d.fill)); err != nil {
			return err
		}
	}
	return nil
}
