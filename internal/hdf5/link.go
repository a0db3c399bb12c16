package hdf5

import "github.com/pkg/errors"

// refuseDense returns an error when a link info message points to links in a fractal heap.
func (f *File) refuseDense(m *message) error {
	c := f.cursor(m.data)
	c.skip(1)
	if flags := c.u8(); flags&1 != 0 {
		c.skip(8)
	}
	heap := c.offset()
	if err := c.err("link info message"); err != nil {
		return err
	}
	if heap != undefined {
		return errors.New("links in dense storage (a fractal heap) are not supported: " +
			"write the file with libver=\"earliest\", h5py's default")
	}
	return nil
}

// readLinkMessage reads one compact link of a new-style group.
func (f *File) readLinkMessage(m *message, links map[string]link) error {
	c := f.cursor(m.data)
	if version := c.u8(); version != 1 || m.flags&flagShared != 0 {
		return errors.Errorf("link message version %d, expected 1, not shared", version)
	}
	flags := c.u8()
	var kind uint8
	if flags&0x08 != 0 {
		kind = c.u8()
	}
	if flags&0x04 != 0 {
		c.skip(8)
	}
	if flags&0x10 != 0 {
		c.skip(1)
	}
	name := string(c.take(c.uint(1 << (flags & 3))))
	var l link
	switch kind {
	case 0:
		l.addr = c.offset()
	case 1:
		l = link{kind: softLink, target: string(c.take(uint64(c.u16())))}
	default:
		l.kind = externalLink
	}
	if err := c.err("link message"); err != nil {
		return err
	}
	return addLink(links, name, l)
}
