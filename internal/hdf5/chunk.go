package hdf5

import (
	"github.com/pkg/errors"
)

// A chunk is one block of a chunked data set.
type chunk struct {
	origin []int // Index of its first element along each axis.
	addr   uint64
	stored uint64 // Bytes in the file.
	mask   uint32 // Filters that were left out.
}

// smallBomb is what may be inflated whatever the file's size; beyond it, 64 times the file.
const smallBomb = 64 << 20

func (d *Dataset) eachChunked(emit func(int, []byte) error) error {
	if len(d.layout.chunk) != len(d.space.dims) {
		return errors.Errorf("chunks of shape %v in a data set of shape %v", d.layout.chunk, d.space.dims)
	}
	chunkCount, err := product(d.layout.chunk)
	if err != nil {
		return err
	}
	if chunkCount > (1<<32)/uint64(d.typ.size) {
		return errors.Errorf("chunks of shape %v are over 4 GiB", d.layout.chunk)
	}
	size := chunkCount * uint64(d.typ.size)
	if err := d.eachFill(emit); err != nil {
		return err
	}
	chunks, err := d.chunks(size)
	if err != nil {
		return err
	}
	if err := d.weighChunks(chunks); err != nil {
		return err
	}
	u := &unfilterer{filters: d.filters}
	for _, c := range chunks {
		raw, err := d.file.read(c.addr, c.stored, "chunk")
		if err == nil {
			raw, err = u.apply(raw, c.mask, int(size))
		}
		if err == nil {
			err = d.scatter(c.origin, raw, emit)
		}
		if err != nil {
			return errors.Wrapf(err, "chunk %v", c.origin)
		}
	}
	return nil
}

// weighChunks holds the data set's size against the bytes its chunks have in the file.
func (d *Dataset) weighChunks(chunks []chunk) error {
	need := d.space.count * uint64(d.typ.size)
	var stored uint64
	for _, c := range chunks {
		if c.stored > d.file.size-stored {
			return errors.New("chunks overlap")
		}
		stored += c.stored
	}
	limit := stored + unwrittenLimit
	if len(d.filters) > 0 {
		limit = min(stored*maxInflation, max(smallBomb, 64*d.file.size)) + unwrittenLimit
	}
	if need > limit {
		return errors.Errorf("shape %v of %s from %d stored bytes", d.space.dims, d.typ, stored)
	}
	return nil
}

// chunks reads the index of a data set whose chunks have size bytes when unfiltered.
func (d *Dataset) chunks(size uint64) ([]chunk, error) {
	l := &d.layout
	if l.addr == undefined {
		return nil, nil
	}
	switch l.index {
	case indexSingle:
		c := chunk{origin: make([]int, len(l.chunk)), addr: l.addr, stored: size, mask: l.mask}
		if len(d.filters) > 0 {
			c.stored = l.storedSize
		}
		return []chunk{c}, nil
	case indexImplicit:
		return d.gridChunks(size, func(i int) (chunk, bool, error) {
			return chunk{addr: l.addr + uint64(i)*size, stored: size}, true, nil
		})
	case indexFixedArray:
		return d.fixedArray(size)
	}
	return d.treeChunks()
}

// treeChunks reads a B-tree whose keys are a chunk's size, mask and place.
func (d *Dataset) treeChunks() ([]chunk, error) {
	var chunks []chunk
	rank := len(d.layout.chunk)
	w := treeWalk{kind: chunkNode, keySize: 8 + 8*(rank+1), visits: d.file.visits()}
	w.leaf = func(key *cursor, child uint64) error {
		c := chunk{addr: child, stored: uint64(key.u32()), mask: key.u32(), origin: make([]int, rank)}
		for i := range c.origin {
			at := key.uint(8)
			if at >= uint64(d.space.dims[i]) || at%uint64(d.layout.chunk[i]) != 0 {
				return errors.Errorf("chunk at %d on axis %d of shape %v", at, i, d.space.dims)
			}
			c.origin[i] = int(at)
		}
		chunks = append(chunks, c)
		return d.file.inside(c.addr, c.stored, "chunk")
	}
	return chunks, d.file.walkTree(w, d.layout.addr)
}

// gridChunks places chunks that are numbered in row-major order.
func (d *Dataset) gridChunks(size uint64, at func(i int) (chunk, bool, error)) ([]chunk, error) {
	rank := len(d.layout.chunk)
	grid := make([]int, rank)
	for i, n := range d.space.dims {
		grid[i] = (n-1)/d.layout.chunk[i] + 1
	}
	count, err := product(grid)
	if err != nil {
		return nil, err
	}
	if count > d.file.size {
		return nil, errors.Errorf("%d chunks in a file of %d bytes", count, d.file.size)
	}
	var chunks []chunk
	for i := range int(count) {
		c, ok, err := at(i)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		c.origin = make([]int, rank)
		for axis, rest := rank-1, i; axis >= 0; axis-- {
			c.origin[axis] = rest % grid[axis] * d.layout.chunk[axis]
			rest /= grid[axis]
		}
		if err := d.file.inside(c.addr, c.stored, "chunk"); err != nil {
			return nil, err
		}
		chunks = append(chunks, c)
	}
	return chunks, nil
}

// fixedArray reads the index of a data set that cannot grow, as far as it is one page.
func (d *Dataset) fixedArray(size uint64) ([]chunk, error) {
	f := d.file
	c, err := f.cursorAt(d.layout.addr, uint64(8+f.sizes.length+f.sizes.offset), "fixed array")
	if err != nil {
		return nil, err
	}
	if !c.signature("FAHD") {
		return nil, errors.Errorf("no fixed array at %#x", d.layout.addr)
	}
	c.skip(1)
	filtered := c.u8() == 1
	width, pageBits := int(c.u8()), c.u8()
	entries, block := c.length(), c.offset()
	if pageBits < 64 && entries > 1<<pageBits {
		return nil, errors.Errorf("a chunk index of several pages (%d chunks) is not supported", entries)
	}
	sizeWidth := width - f.sizes.offset - 4
	if filtered && (sizeWidth < 1 || sizeWidth > 8) || !filtered && width != f.sizes.offset {
		return nil, errors.Errorf("fixed array entries of %d bytes", width)
	}
	if entries > f.size {
		return nil, errors.Errorf("fixed array of %d entries", entries)
	}
	prefix := uint64(6 + f.sizes.offset)
	if c, err = f.cursorAt(block, prefix+entries*uint64(width), "fixed array"); err != nil {
		return nil, err
	}
	if !c.signature("FADB") {
		return nil, errors.Errorf("no fixed array block at %#x", block)
	}
	c.skip(int(prefix) - 4)
	return d.gridChunks(size, func(int) (chunk, bool, error) {
		one := chunk{addr: c.offset(), stored: size}
		if filtered {
			one.stored, one.mask = c.uint(sizeWidth), c.u32()
		}
		return one, one.addr != undefined, c.err("fixed array")
	})
}

// scatter hands over the part of a chunk that is inside the data set, row by row.
func (d *Dataset) scatter(origin []int, raw []byte, emit func(int, []byte) error) error {
	s := scatter{dims: d.space.dims, chunk: d.layout.chunk, origin: origin, size: d.typ.size, emit: emit}
	return s.axis(0, 0, 0, raw)
}

type scatter struct {
	dims, chunk, origin []int
	size                int
	emit                func(int, []byte) error
}

// axis goes along one axis; at and from are the row-major indices so far in data set and chunk.
func (s *scatter) axis(axis, at, from int, raw []byte) error {
	n := min(s.chunk[axis], s.dims[axis]-s.origin[axis])
	at = at*s.dims[axis] + s.origin[axis]
	from *= s.chunk[axis]
	if axis == len(s.dims)-1 {
		return s.emit(at, raw[from*s.size:(from+n)*s.size])
	}
	for i := range n {
		if err := s.axis(axis+1, at+i, from+i, raw); err != nil {
			return err
		}
	}
	return nil
}
