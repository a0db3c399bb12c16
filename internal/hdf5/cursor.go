package hdf5

import "github.com/pkg/errors"

// undefined is the address of what does not exist.
const undefined = ^uint64(0)

// A cursor takes little-endian fields off the front of a block. Past its end it yields zeros and
// remembers that it did, so that a parser checks once.
type cursor struct {
	data  []byte
	sizes widths
	short bool
}

// widths are the superblock's sizes of addresses and lengths, in bytes.
type widths struct{ offset, length int }

func (c *cursor) take(n uint64) []byte {
	if n > uint64(len(c.data)) {
		c.short = true
		c.data = nil
		return nil
	}
	head := c.data[:n]
	c.data = c.data[n:]
	return head
}

func (c *cursor) uint(width int) uint64 {
	var v uint64
	for i, b := range c.take(uint64(width)) {
		v |= uint64(b) << (8 * i)
	}
	return v
}

func (c *cursor) u8() uint8   { return uint8(c.uint(1)) }
func (c *cursor) u16() uint16 { return uint16(c.uint(2)) }
func (c *cursor) u32() uint32 { return uint32(c.uint(4)) }
func (c *cursor) skip(n int)  { c.take(uint64(n)) }

func (c *cursor) length() uint64 { return c.uint(c.sizes.length) }

// offset is an address; all ones mean undefined whatever the width.
func (c *cursor) offset() uint64 {
	v := c.uint(c.sizes.offset)
	if width := c.sizes.offset; width < 8 && v == 1<<(8*width)-1 {
		return undefined
	}
	return v
}

// padded takes n bytes and what fills them up to a multiple of 8.
func (c *cursor) padded(n int) []byte {
	b := c.take(uint64(n))
	if rest := -n & 7; rest > 0 {
		c.take(uint64(min(rest, len(c.data))))
	}
	return b
}

func (c *cursor) err(what string) error {
	if c.short {
		return errors.Errorf("%s is cut short", what)
	}
	return nil
}

// signature reports whether the next four bytes are s, and takes them.
func (c *cursor) signature(s string) bool { return string(c.take(uint64(len(s)))) == s }
