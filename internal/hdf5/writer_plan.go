package hdf5

import "encoding/binary"

// Sizes of what is written; addresses and lengths have 8 bytes.
const (
	superblockSize = 96
	leafK          = 4  // A symbol node holds up to 2*leafK members.
	internalK      = 16 // A B-tree node holds up to 2*internalK children.
	entrySize      = 40
	symbolNodeSize = 8 + 2*leafK*entrySize
	treeNodeSize   = 24 + 2*internalK*16 + 8
	maxMessageSize = 0xffff &^ 7
)

var le = binary.LittleEndian

// A plan lays a file out: the superblock, all arrays in the order of their paths, then everything
// else, children before parents so that each address is known when it is needed.
type plan struct {
	arrays map[*node]uint64
	base   uint64 // Address of meta.
	meta   []byte
	heap   heapWriter
}

// placed is where a node's object header is, and a group's tree and heap.
type placed struct {
	header     uint64
	group      bool
	tree, heap uint64
}

func newPlan(root *node) *plan {
	p := &plan{arrays: map[*node]uint64{}}
	at := uint64(superblockSize)
	p.eachArray(root, func(n *node, a array) {
		at = align(at)
		p.arrays[n] = at
		at += uint64(a.len()) * uint64(a.elementSize())
	})
	p.base = align(at)
	p.heap.plan = p
	return p
}

func align(n uint64) uint64 { return (n + 7) &^ 7 }

// eachArray visits the arrays that have elements.
func (p *plan) eachArray(n *node, visit func(*node, array)) {
	if a, ok := n.data.(array); ok && a.len() > 0 {
		visit(n, a)
	}
	for _, name := range sortedKeys(n.children) {
		p.eachArray(n.children[name], visit)
	}
}

func (p *plan) end() uint64 { return p.base + uint64(len(p.meta)) }

// add appends a block that is a multiple of 8 bytes long, and returns its address.
func (p *plan) add(b []byte) uint64 {
	at := p.end()
	p.meta = append(p.meta, b...)
	return at
}

func (p *plan) emit(n *node) placed {
	if a, ok := n.data.(array); ok {
		messages := p.datasetMessages(n, a)
		return placed{header: p.add(p.objectHeader(n, messages))}
	}
	names := sortedKeys(n.children)
	children := make([]placed, len(names))
	for i, name := range names {
		children[i] = p.emit(n.children[name])
	}
	g := placed{group: true}
	segment, offsets := heapSegment(names)
	g.heap = p.add(p.localHeap(segment))
	g.tree = p.tree(p.symbolNodes(children, offsets))
	link := le.AppendUint64(le.AppendUint64(nil, g.tree), g.heap)
	g.header = p.add(p.objectHeader(n, []message{{kind: msgSymbolTable, data: link}}))
	return g
}

// objectHeader is a header of version 1 with the messages given and the node's attributes.
func (p *plan) objectHeader(n *node, messages []message) []byte {
	for _, name := range sortedKeys(n.attrs) {
		messages = append(messages, message{kind: msgAttribute, data: p.attrMessage(name, n.attrs[name])})
	}
	var body []byte
	for _, m := range messages {
		size := align(uint64(len(m.data)))
		body = append(body, m.kind, 0, byte(size), byte(size>>8), m.flags, 0, 0, 0)
		body = append(body, m.data...)
		body = append(body, make([]byte, size-uint64(len(m.data)))...)
	}
	h := []byte{1, 0}
	h = le.AppendUint16(h, uint16(len(messages)))
	h = le.AppendUint32(h, 1)
	h = le.AppendUint32(h, uint32(len(body)))
	h = append(h, 0, 0, 0, 0)
	return append(h, body...)
}

func superblock(root placed, end uint64) []byte {
	b := append([]byte(fileSignature), 0, 0, 0, 0, 0, 8, 8, 0, leafK, 0, internalK, 0, 0, 0, 0, 0)
	b = le.AppendUint64(b, 0)
	b = le.AppendUint64(b, undefined)
	b = le.AppendUint64(b, end)
	b = le.AppendUint64(b, undefined)
	return appendEntry(b, 0, root)
}

// appendEntry appends a symbol table entry; for groups it repeats where tree and heap are.
func appendEntry(b []byte, name uint64, o placed) []byte {
	b = le.AppendUint64(b, name)
	b = le.AppendUint64(b, o.header)
	cached := uint64(0)
	if o.group {
		cached = 1
	}
	b = le.AppendUint64(b, cached)
	b = le.AppendUint64(b, o.tree)
	return le.AppendUint64(b, o.heap)
}
