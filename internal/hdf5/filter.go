package hdf5

import (
	"bytes"
	"compress/zlib"
	"io"
	"slices"

	"github.com/pkg/errors"
)

const (
	filterDeflate = 1
	filterShuffle = 2

	// maxInflation is how many bytes deflate can make of one.
	maxInflation = 1032
)

var filterNames = map[uint16]string{3: "fletcher32", 4: "szip", 5: "nbit", 6: "scaleoffset", 32000: "lzf", 32001: "blosc"}

// A filter is a step of what was done to chunks before they were stored.
type filter struct {
	id   uint16
	size int // Of the elements that were shuffled.
}

func (f *File) filters(b []byte) ([]filter, error) {
	c := f.cursor(b)
	version, count := c.u8(), int(c.u8())
	switch version {
	case 1:
		c.skip(6)
	case 2:
	default:
		return nil, errors.Errorf("filter pipeline version %d, expected 1 or 2", version)
	}
	filters := make([]filter, 0, count)
	for range count {
		one, err := parseFilter(c, version)
		if err != nil {
			return nil, err
		}
		filters = append(filters, one)
	}
	return filters, nil
}

func parseFilter(c *cursor, version uint8) (filter, error) {
	one := filter{id: c.u16()}
	named := version == 1 || one.id >= 256
	var nameSize int
	if named {
		nameSize = int(c.u16())
	}
	c.skip(2)
	values := int(c.u16())
	if named {
		c.skip(nameSize)
	}
	for i := range values {
		if v := c.u32(); i == 0 {
			one.size = int(v)
		}
	}
	if version == 1 && values%2 == 1 {
		c.skip(4)
	}
	if err := c.err("filter pipeline"); err != nil {
		return one, err
	}
	switch one.id {
	case filterDeflate, filterShuffle:
		return one, nil
	}
	return one, errors.Errorf("filter %d %s is not supported, only gzip and shuffle", one.id, filterNames[one.id])
}

// A unfilterer turns stored chunks into elements. It keeps its buffers from chunk to chunk.
type unfilterer struct {
	filters []filter
	inflate io.ReadCloser
	spare   []byte
}

// apply undoes the filters that mask does not mark as left out; the result has size bytes. Stored
// is overwritten.
func (u *unfilterer) apply(stored []byte, mask uint32, size int) ([]byte, error) {
	var err error
	for i, v := range slices.Backward(u.filters) {
		if i < 32 && mask>>i&1 != 0 {
			continue
		}
		switch one := v; one.id {
		case filterDeflate:
			stored, err = u.deflated(stored, size)
		case filterShuffle:
			stored, err = u.shuffled(stored, one.size)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(stored) != size {
		return nil, errors.Errorf("chunk of %d bytes, expected %d", len(stored), size)
	}
	return stored, nil
}

func (u *unfilterer) deflated(stored []byte, size int) ([]byte, error) {
	if size/maxInflation > len(stored) {
		return nil, errors.Errorf("%d bytes of gzip cannot hold a chunk of %d", len(stored), size)
	}
	var err error
	source := bytes.NewReader(stored)
	if u.inflate == nil {
		u.inflate, err = zlib.NewReader(source)
	} else {
		err = u.inflate.(zlib.Resetter).Reset(source, nil)
	}
	if err != nil {
		return nil, errors.Wrap(err, "gzip chunk")
	}
	out := make([]byte, size)
	if _, err := io.ReadFull(u.inflate, out); err != nil {
		return nil, errors.Wrapf(err, "gzip chunk of %d bytes", size)
	}
	return out, nil
}

// shuffled gathers the bytes of each element again: stored are all first bytes, all second, ...
func (u *unfilterer) shuffled(stored []byte, size int) ([]byte, error) {
	if size <= 0 || size > len(stored) {
		return nil, errors.Errorf("shuffle of elements of %d bytes in a chunk of %d", size, len(stored))
	}
	if len(u.spare) < len(stored) {
		u.spare = make([]byte, len(stored))
	}
	out := u.spare[:len(stored)]
	n := len(stored) / size
	for b := range size {
		plane := stored[b*n : (b+1)*n]
		for i, v := range plane {
			out[i*size+b] = v
		}
	}
	copy(out[n*size:], stored[n*size:])
	copy(stored, out)
	return stored, nil
}
