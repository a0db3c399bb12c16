package hdf5

import "github.com/pkg/errors"

// A globalHeap reads variable-length elements. Each collection is read once.
type globalHeap struct {
	file        *File
	visits      *visits
	collections map[uint64]map[uint16][]byte
	bytes       uint64 // Handed out so far.
}

func (f *File) globalHeap() *globalHeap {
	return &globalHeap{file: f, visits: f.visits(), collections: map[uint64]map[uint16][]byte{}}
}

// strings resolves an array of references to variable-length strings.
func (h *globalHeap) strings(raw []byte, count int) ([]string, error) {
	out := make([]string, count)
	c := h.file.cursor(raw)
	for i := range out {
		size, addr, index := c.u32(), c.offset(), c.u32()
		if c.short {
			return nil, errors.New("references to strings are cut short")
		}
		if size == 0 || addr == 0 {
			continue
		}
		b, err := h.object(addr, index)
		if err != nil {
			return nil, err
		}
		if uint64(size) > uint64(len(b)) {
			return nil, errors.Errorf("string of %d bytes in a heap object of %d", size, len(b))
		}
		// Many references to one long string would make more of a file than it holds.
		if h.bytes += uint64(size); h.bytes > h.file.size {
			return nil, errors.New("strings are longer than the file")
		}
		out[i] = trimString(b[:size], padTerminated)
	}
	return out, nil
}

func (h *globalHeap) object(addr uint64, index uint32) ([]byte, error) {
	objects, ok := h.collections[addr]
	if !ok {
		var err error
		if objects, err = h.collection(addr); err != nil {
			return nil, err
		}
		h.collections[addr] = objects
	}
	b, ok := objects[uint16(index)]
	if !ok || index > 0xffff {
		return nil, errors.Errorf("no object %d in the global heap at %#x", index, addr)
	}
	return b, nil
}

func (h *globalHeap) collection(addr uint64) (map[uint16][]byte, error) {
	f := h.file
	prefix := uint64(8 + f.sizes.length)
	c, err := f.cursorAt(addr, prefix, "global heap")
	if err != nil {
		return nil, err
	}
	if !c.signature("GCOL") {
		return nil, errors.Errorf("no global heap at %#x", addr)
	}
	c.skip(4)
	size := c.length()
	if size < prefix {
		return nil, errors.Errorf("global heap at %#x of %d bytes", addr, size)
	}
	if err := h.visits.add(addr, size, "global heap"); err != nil {
		return nil, err
	}
	if c, err = f.cursorAt(addr+prefix, size-prefix, "global heap"); err != nil {
		return nil, err
	}
	return heapObjects(c)
}

func heapObjects(c *cursor) (map[uint16][]byte, error) {
	objects := map[uint16][]byte{}
	for len(c.data) >= 8+c.sizes.length {
		index := c.u16()
		c.skip(6)
		size := c.length()
		if index == 0 {
			break // The free space at the end.
		}
		if size > uint64(len(c.data)) {
			return nil, errors.Errorf("global heap object %d of %d bytes is cut short", index, size)
		}
		objects[index] = c.padded(int(size))
	}
	return objects, nil
}
