package hdf5

import (
	"strings"

	"github.com/pkg/errors"
)

const (
	maxNameLength  = 1 << 16
	cachedSoftLink = 2

	// groupNode is the node type of a B-tree over symbol nodes, chunkNode of one over chunks.
	groupNode = 0
	chunkNode = 1
)

// A symbolTable reads an old-style group: a B-tree of symbol nodes, whose names are in a local heap.
type symbolTable struct {
	file   *File
	heap   string
	visits *visits
	links  map[string]link
}

func (f *File) readSymbolTable(m *message, links map[string]link) error {
	c := f.cursor(m.data)
	tree, heap := c.offset(), c.offset()
	if err := c.err("symbol table message"); err != nil {
		return err
	}
	names, err := f.localHeap(heap)
	if err != nil {
		return err
	}
	s := &symbolTable{file: f, heap: names, visits: f.visits(), links: links}
	return f.walkTree(treeWalk{kind: groupNode, keySize: f.sizes.length, visits: s.visits, leaf: s.node}, tree)
}

// localHeap returns the data segment of a local heap: names separated by NUL.
func (f *File) localHeap(addr uint64) (string, error) {
	c, err := f.cursorAt(addr, uint64(8+2*f.sizes.length+f.sizes.offset), "local heap")
	if err != nil {
		return "", err
	}
	if !c.signature("HEAP") {
		return "", errors.Errorf("no local heap at %#x", addr)
	}
	c.skip(4)
	size := c.length()
	c.length() // Free list.
	segment, err := f.read(c.offset(), size, "local heap's names")
	return string(segment), err
}

// node reads a symbol node.
func (s *symbolTable) node(_ *cursor, addr uint64) error {
	c, err := s.file.cursorAt(addr, 8, "symbol node")
	if err != nil {
		return err
	}
	if !c.signature("SNOD") {
		return errors.Errorf("no symbol node at %#x", addr)
	}
	c.skip(2)
	count := uint64(c.u16())
	size := count * uint64(2*s.file.sizes.offset+24)
	if err := s.visits.add(addr, size+8, "symbol node"); err != nil {
		return err
	}
	if c, err = s.file.cursorAt(addr+8, size, "symbol node"); err != nil {
		return err
	}
	for range count {
		if err := s.entry(c); err != nil {
			return err
		}
	}
	return nil
}

func (s *symbolTable) entry(c *cursor) error {
	name, err := s.name(c.uint(s.file.sizes.offset))
	if err != nil {
		return err
	}
	l := link{addr: c.offset()}
	cached := c.u32()
	c.skip(4)
	scratch := c.take(16)
	if cached == cachedSoftLink {
		target, err := s.name(s.file.cursor(scratch).uint(4))
		if err != nil {
			return err
		}
		l = link{kind: softLink, target: target}
	}
	return addLink(s.links, name, l)
}

func addLink(links map[string]link, name string, l link) error {
	if _, taken := links[name]; taken || name == "" || strings.Contains(name, "/") {
		return errors.Errorf("group member %q is named twice, or not properly", name)
	}
	links[name] = l
	return nil
}

func (s *symbolTable) name(at uint64) (string, error) {
	if at >= uint64(len(s.heap)) {
		return "", errors.Errorf("name at %d is beyond the local heap's %d bytes", at, len(s.heap))
	}
	rest := s.heap[at:]
	end := strings.IndexByte(rest[:min(len(rest), maxNameLength)], 0)
	if end < 0 {
		return "", errors.Errorf("name at %d of the local heap has no end", at)
	}
	return rest[:end], nil
}
