package hdf5

import "github.com/pkg/errors"

const fileSignature = "\x89HDF\r\n\x1a\n"

// readSuperblock sets the file's base and sizes and returns the root group's header address.
func (f *File) readSuperblock() (root uint64, err error) {
	at, err := f.findSignature()
	if err != nil {
		return 0, err
	}
	// The longest superblock, version 1 with 8-byte addresses, has 100 bytes.
	c, err := f.cursorAt(at, min(100, f.size-at), "superblock")
	if err != nil {
		return 0, err
	}
	c.skip(len(fileSignature))
	var base uint64
	switch version := c.u8(); version {
	case 0, 1:
		base, root = f.oldSuperblock(c, version)
	case 2, 3:
		base, root = f.newSuperblock(c)
	default:
		return 0, errors.Errorf("version %d, expected 0 to 3", version)
	}
	if err := c.err("superblock"); err != nil {
		return 0, err
	}
	if !validWidth(f.sizes.offset) || !validWidth(f.sizes.length) {
		return 0, errors.Errorf("addresses of %d and lengths of %d bytes, expected 2, 4 or 8", f.sizes.offset, f.sizes.length)
	}
	// Addresses count from base. The library writes the superblock there.
	if base != at {
		return 0, errors.Errorf("base address %#x, expected %#x", base, at)
	}
	f.base, f.size = base, f.size-base
	return root, nil
}

// findSignature looks where a superblock may be: at 0, 512, 1024, 2048 and so on.
func (f *File) findSignature() (uint64, error) {
	sig := make([]byte, len(fileSignature))
	for at := uint64(0); at+uint64(len(sig)) <= f.size; at = max(512, at*2) {
		if err := f.readInto(sig, at, "signature"); err != nil {
			return 0, err
		}
		if string(sig) == fileSignature {
			return at, nil
		}
	}
	return 0, errors.New("no HDF5 signature: not an HDF5 file")
}

func validWidth(n int) bool { return n == 2 || n == 4 || n == 8 }

func (f *File) oldSuperblock(c *cursor, version uint8) (base, root uint64) {
	c.skip(4)
	f.sizes = widths{int(c.u8()), int(c.u8())}
	c.sizes = f.sizes
	c.skip(1 + 2 + 2 + 4)
	if version == 1 {
		c.skip(4)
	}
	base = c.offset()
	c.offset() // Free space.
	c.offset() // End of file.
	c.offset() // Driver information.
	c.offset() // The root's name.
	return base, c.offset()
}

func (f *File) newSuperblock(c *cursor) (base, root uint64) {
	f.sizes = widths{int(c.u8()), int(c.u8())}
	c.sizes = f.sizes
	c.skip(1)
	base = c.offset()
	c.offset() // Extension.
	c.offset() // End of file.
	return base, c.offset()
}
