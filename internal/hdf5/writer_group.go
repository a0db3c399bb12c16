package hdf5

// heapSegment holds the names of a group, and says at which offset each one starts. Offset 0 is
// the empty string, the key below all names.
func heapSegment(names []string) (segment []byte, offsets []uint64) {
	segment = make([]byte, 8)
	offsets = make([]uint64, len(names))
	for i, name := range names {
		offsets[i] = uint64(len(segment))
		segment = append(segment, name...)
		segment = append(segment, make([]byte, 8-len(name)%8)...)
	}
	return segment, offsets
}

func (p *plan) localHeap(segment []byte) []byte {
	const header, noFreeList = 32, 1
	b := append([]byte("HEAP"), 0, 0, 0, 0)
	b = le.AppendUint64(b, uint64(len(segment)))
	b = le.AppendUint64(b, noFreeList)
	b = le.AppendUint64(b, p.end()+header)
	return append(b, segment...)
}

// A branch is a node of a group's B-tree, or a symbol node, and the offset of its last name.
type branch struct{ addr, last uint64 }

func (p *plan) symbolNodes(children []placed, offsets []uint64) []branch {
	var out []branch
	for at := 0; at < len(children); at += 2 * leafK {
		end := min(at+2*leafK, len(children))
		b := append(make([]byte, 0, symbolNodeSize), "SNOD\x01\x00"...)
		b = le.AppendUint16(b, uint16(end-at))
		for i := at; i < end; i++ {
			b = appendEntry(b, offsets[i], children[i])
		}
		out = append(out, branch{p.add(b[:symbolNodeSize]), offsets[end-1]})
	}
	return out
}

// tree writes the B-tree above the symbol nodes, level by level, and returns the root's address.
func (p *plan) tree(below []branch) uint64 {
	for level := 0; ; level++ {
		nodes := p.treeLevel(below, level)
		if len(nodes) == 1 {
			return nodes[0].addr
		}
		below = nodes
	}
}

// treeLevel writes the nodes of one level; an empty group has one, without children.
func (p *plan) treeLevel(below []branch, level int) []branch {
	const fanOut = 2 * internalK
	count := max(1, (len(below)+fanOut-1)/fanOut)
	first := p.end()
	sibling := func(i int) uint64 {
		if i < 0 || i >= count {
			return undefined
		}
		return first + uint64(i)*treeNodeSize
	}
	out := make([]branch, count)
	key := uint64(0)
	for i := range out {
		children := below[i*fanOut : min((i+1)*fanOut, len(below))]
		b := append(make([]byte, 0, treeNodeSize), "TREE\x00"...)
		b = append(b, byte(level))
		b = le.AppendUint16(b, uint16(len(children)))
		b = le.AppendUint64(b, sibling(i-1))
		b = le.AppendUint64(b, sibling(i+1))
		b = le.AppendUint64(b, key)
		for _, c := range children {
			b = le.AppendUint64(b, c.addr)
			b = le.AppendUint64(b, c.last)
			key = c.last
		}
		out[i] = branch{p.add(b[:treeNodeSize]), key}
	}
	return out
}
