package hdf5

import "github.com/pkg/errors"

// A treeWalk describes a B-tree of version 1 and what to do at its leaves' children.
type treeWalk struct {
	kind    uint8
	keySize int
	visits  *visits
	// leaf is called with a cursor over the key before a child of a leaf, and the child's address.
	leaf func(key *cursor, child uint64) error
}

// walkTree visits the tree below addr from left to right.
func (f *File) walkTree(w treeWalk, addr uint64) error {
	return f.walkNode(w, addr, -1)
}

// walkNode visits one node, which must be of the given level unless that is -1.
func (f *File) walkNode(w treeWalk, addr uint64, level int) error {
	prefix := uint64(8 + 2*f.sizes.offset)
	c, err := f.cursorAt(addr, prefix, "B-tree node")
	if err != nil {
		return err
	}
	if !c.signature("TREE") {
		return errors.Errorf("no B-tree node at %#x", addr)
	}
	if kind := c.u8(); kind != w.kind {
		return errors.Errorf("B-tree node at %#x of type %d, expected %d", addr, kind, w.kind)
	}
	own := int(c.u8())
	if level >= 0 && own != level {
		return errors.Errorf("B-tree node at %#x of level %d, expected %d", addr, own, level)
	}
	count := uint64(c.u16())
	size := count * uint64(w.keySize+f.sizes.offset)
	if err := w.visits.add(addr, prefix+size, "B-tree node"); err != nil {
		return err
	}
	if c, err = f.cursorAt(addr+prefix, size, "B-tree node"); err != nil {
		return err
	}
	for range count {
		key := f.cursor(c.take(uint64(w.keySize)))
		child := c.offset()
		if own == 0 {
			err = w.leaf(key, child)
		} else {
			err = f.walkNode(w, child, own-1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
