package hdf5

import "math"

// Datatype messages as they stand in files.
var (
	// typeText is a variable-length UTF-8 string over unsigned bytes.
	typeText    = []byte{0x19, 1, 1, 0, 16, 0, 0, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0}
	typeFloat32 = []byte{0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0}
	typeFloat64 = []byte{0x11, 0x20, 63, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 255, 3, 0, 0}
	typeInt32   = []byte{0x10, 8, 0, 0, 4, 0, 0, 0, 0, 0, 32, 0}
	typeInt64   = []byte{0x10, 8, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0}
	typeUint32  = []byte{0x10, 0, 0, 0, 4, 0, 0, 0, 0, 0, 32, 0}
)

// spaceMessage is a dataspace of version 1 that cannot grow.
func spaceMessage(shape []int) []byte {
	b := []byte{1, byte(len(shape)), 0, 0, 0, 0, 0, 0}
	for _, n := range shape {
		b = le.AppendUint64(b, uint64(n))
	}
	return b
}

func attrSize(name string, value any) int {
	const fixed = 8 + 24 + 16 // Prefix, the longest datatype and dataspace.
	size := 16
	if s, ok := value.([]string); ok {
		size = 16 * len(s)
	}
	return fixed + int(align(uint64(len(name)+1))) + size
}

// attrMessage is an attribute of version 1; its strings go to the global heap.
func (p *plan) attrMessage(name string, value any) []byte {
	var typ, space, data []byte
	space = spaceMessage(nil)
	switch v := value.(type) {
	case string:
		typ, data = typeText, p.heap.append(nil, v)
	case []string:
		typ, space = typeText, spaceMessage([]int{len(v)})
		for _, s := range v {
			data = p.heap.append(data, s)
		}
	case int64:
		typ, data = typeInt64, le.AppendUint64(nil, uint64(v))
	case float64:
		typ, data = typeFloat64, le.AppendUint64(nil, math.Float64bits(v))
	}
	b := []byte{1, 0}
	b = le.AppendUint16(b, uint16(len(name)+1))
	b = le.AppendUint16(b, uint16(len(typ)))
	b = le.AppendUint16(b, uint16(len(space)))
	b = appendPadded(b, append([]byte(name), 0))
	b = appendPadded(b, typ)
	b = appendPadded(b, space)
	return append(b, data...)
}

func appendPadded(b, field []byte) []byte {
	b = append(b, field...)
	return append(b, make([]byte, -len(field)&7)...)
}

const (
	collectionSize   = 4096 // The smallest the format allows.
	collectionHeader = 16
	maxHeapIndex     = 0xffff
)

// A heapWriter puts strings into collections of the global heap, inside the plan's meta.
type heapWriter struct {
	plan  *plan
	open  bool
	start int // Of the open collection, in meta.
	used  int
	size  int
	index int
}

// append appends the reference to a string: its length, and where it is in the heap.
func (h *heapWriter) append(b []byte, s string) []byte {
	need := 16 + int(align(uint64(len(s))))
	if !h.open || h.used+need > h.size || h.index == maxHeapIndex {
		h.begin(need)
	}
	h.index++
	m := h.plan.meta[h.start+h.used:]
	le.PutUint16(m, uint16(h.index))
	le.PutUint64(m[8:], uint64(len(s)))
	copy(m[16:], s)
	h.used += need
	b = le.AppendUint32(b, uint32(len(s)))
	b = le.AppendUint64(b, h.plan.base+uint64(h.start))
	return le.AppendUint32(b, uint32(h.index))
}

// begin opens a collection with room for one string of need bytes.
func (h *heapWriter) begin(need int) {
	h.finish()
	h.size = max(collectionSize, collectionHeader+need)
	h.open, h.used, h.index = true, collectionHeader, 0
	h.start = len(h.plan.meta)
	h.plan.add(make([]byte, h.size))
	m := h.plan.meta[h.start:]
	copy(m, "GCOL\x01")
	le.PutUint64(m[8:], uint64(h.size))
}

// finish marks what is left of the open collection as free; object 0 says how much.
func (h *heapWriter) finish() {
	if h.open && h.size-h.used >= 16 {
		le.PutUint64(h.plan.meta[h.start+h.used+8:], uint64(h.size-h.used))
	}
	h.open = false
}
