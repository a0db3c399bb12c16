package hdf5

import "github.com/pkg/errors"

// The kinds of header message this package knows.
const (
	msgDataspace     = 0x01
	msgLinkInfo      = 0x02
	msgDatatype      = 0x03
	msgFill          = 0x05
	msgLink          = 0x06
	msgExternalFiles = 0x07
	msgLayout        = 0x08
	msgGroupInfo     = 0x0a
	msgFilters       = 0x0b
	msgAttribute     = 0x0c
	msgContinuation  = 0x10
	msgSymbolTable   = 0x11
	msgAttributeInfo = 0x15
	msgLastKnown     = 0x18
)

const (
	flagShared       = 0x02
	flagMustBeKnown  = 0x80
	maxMessages      = 1 << 16
	oldHeaderPrefix  = 16
	maxHeaderPrefix  = 34
	headerCheckBytes = 4
)

// An object is a parsed object header: a group or a data set.
type object struct {
	addr     uint64
	messages []message
}

type message struct {
	kind  uint8
	flags uint8
	data  []byte
}

type block struct{ addr, size uint64 }

// A headerReader follows an object header through its continuation blocks.
type headerReader struct {
	file     *File
	version  int
	ordered  bool // Version 2: messages carry a creation order.
	blocks   []block
	messages []message
}

func (f *File) object(addr uint64) (*object, error) {
	h := &headerReader{file: f}
	if err := h.prefix(addr); err != nil {
		return nil, err
	}
	visits := f.visits()
	for i := 0; i < len(h.blocks); i++ { //nolint:intrange // continuation messages add blocks while they are read
		b := h.blocks[i]
		if err := visits.add(b.addr, b.size, "object header"); err != nil {
			return nil, err
		}
		if err := h.block(b, i == 0); err != nil {
			return nil, err
		}
	}
	return &object{addr: addr, messages: h.messages}, nil
}

// prefix finds the version and the first block of messages.
func (h *headerReader) prefix(addr uint64) error {
	if addr > h.file.size {
		return errors.Errorf("object header at %#x is beyond the file's %d bytes", addr, h.file.size)
	}
	c, err := h.file.cursorAt(addr, min(maxHeaderPrefix, h.file.size-addr), "object header")
	if err != nil {
		return err
	}
	before := len(c.data)
	var size uint64
	if len(c.data) >= 4 && string(c.data[:4]) == "OHDR" {
		size, err = h.newPrefix(c)
	} else {
		size, err = h.oldPrefix(c)
	}
	if err != nil {
		return err
	}
	if err := c.err("object header"); err != nil {
		return err
	}
	h.blocks = []block{{addr + uint64(before-len(c.data)), size}}
	return nil
}

func (h *headerReader) oldPrefix(c *cursor) (uint64, error) {
	if version := c.u8(); version != 1 {
		return 0, errors.Errorf("object header version %d, expected 1 or 2", version)
	}
	c.skip(7)
	size := uint64(c.u32())
	c.skip(4)
	h.version = 1
	return size, nil
}

func (h *headerReader) newPrefix(c *cursor) (uint64, error) {
	c.skip(4)
	if version := c.u8(); version != 2 {
		return 0, errors.Errorf("object header version %d, expected 2", version)
	}
	flags := c.u8()
	if flags&0x20 != 0 {
		c.skip(16)
	}
	if flags&0x10 != 0 {
		c.skip(4)
	}
	h.version, h.ordered = 2, flags&0x04 != 0
	return c.uint(1 << (flags & 3)), nil
}

func (h *headerReader) block(b block, first bool) error {
	c, err := h.file.cursorAt(b.addr, b.size, "object header")
	if err != nil {
		return err
	}
	if h.version == 2 && !first {
		if !c.signature("OCHK") || len(c.data) < headerCheckBytes {
			return errors.Errorf("object header: no continuation block at %#x", b.addr)
		}
		c.data = c.data[:len(c.data)-headerCheckBytes]
	}
	for len(c.data) >= h.messagePrefix() {
		if err := h.message(c); err != nil {
			return err
		}
	}
	return nil
}

func (h *headerReader) messagePrefix() int {
	switch {
	case h.version == 1:
		return 8
	case h.ordered:
		return 6
	}
	return 4
}

func (h *headerReader) message(c *cursor) error {
	var m message
	var size uint64
	if h.version == 1 {
		kind := c.u16()
		size = uint64(c.u16())
		m.flags = c.u8()
		c.skip(3)
		if kind > msgLastKnown {
			kind = msgLastKnown + 1
		}
		m.kind = uint8(kind)
	} else {
		m.kind = c.u8()
		size = uint64(c.u16())
		m.flags = c.u8()
		if h.ordered {
			c.skip(2)
		}
	}
	m.data = c.take(size)
	if err := c.err("object header message"); err != nil {
		return err
	}
	return h.accept(m)
}

func (h *headerReader) accept(m message) error {
	if m.kind > msgLastKnown && m.flags&flagMustBeKnown != 0 {
		return errors.Errorf("object header message %#x is unknown and marked as indispensable", m.kind)
	}
	if m.kind == msgContinuation {
		c := h.file.cursor(m.data)
		h.blocks = append(h.blocks, block{c.offset(), c.length()})
		return c.err("continuation message")
	}
	if len(h.messages) == maxMessages {
		return errors.Errorf("object header with more than %d messages", maxMessages)
	}
	h.messages = append(h.messages, m)
	return nil
}

// find returns the first message of a kind, or nil.
func (o *object) find(kind uint8) *message {
	for i := range o.messages {
		if o.messages[i].kind == kind {
			return &o.messages[i]
		}
	}
	return nil
}

// required returns a message that must be there and stand in the header itself.
func (o *object) required(kind uint8, what string) (*message, error) {
	m := o.find(kind)
	if m == nil {
		return nil, errors.Errorf("object without a %s", what)
	}
	if m.flags&flagShared != 0 {
		return nil, errors.Errorf("%s shared with another object is not supported", what)
	}
	return m, nil
}

func (o *object) isGroup() bool {
	return o.find(msgSymbolTable) != nil || o.find(msgLinkInfo) != nil || o.find(msgLink) != nil || o.find(msgGroupInfo) != nil
}

func (o *object) isDataset() bool { return o.find(msgLayout) != nil }
