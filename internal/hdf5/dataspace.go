package hdf5

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

const maxRank = 32

// A dataspace is the shape of a data set or attribute; no dimensions are a scalar.
type dataspace struct {
	dims  []int
	null  bool // Holds nothing at all.
	count uint64
}

func (f *File) dataspace(b []byte) (dataspace, error) {
	c := f.cursor(b)
	version, rank, flags := c.u8(), int(c.u8()), c.u8()
	var s dataspace
	switch version {
	case 1:
		c.skip(5)
	case 2:
		s.null = c.u8() == 2
	default:
		return s, errors.Errorf("dataspace version %d, expected 1 or 2", version)
	}
	if rank > maxRank {
		return s, errors.Errorf("dataspace of rank %d, expected at most %d", rank, maxRank)
	}
	s.dims = make([]int, rank)
	for i := range s.dims {
		n := c.length()
		if n > math.MaxInt {
			return s, errors.Errorf("dimension %d of size %d", i, n)
		}
		s.dims[i] = int(n)
	}
	if flags&1 != 0 {
		c.skip(rank * f.sizes.length) // The sizes it may grow to.
	}
	if err := c.err("dataspace"); err != nil {
		return s, err
	}
	var err error
	if !s.null {
		s.count, err = product(s.dims)
	}
	return s, err
}

// product is the number of elements of a shape, at most what an int holds.
func product(dims []int) (uint64, error) {
	n := uint64(1)
	if slices.Contains(dims, 0) {
		return 0, nil
	}
	for _, d := range dims {
		if d < 0 || n > math.MaxInt/uint64(d) {
			return 0, errors.Errorf("shape %v has too many elements", dims)
		}
		n *= uint64(d)
	}
	return n, nil
}
