package datasets

import (
	"compress/gzip"
	"encoding/binary"
	"io"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// idxSplit reads images and their labels.
func idxSplit(images, labels io.Reader) (Split, error) {
	x, err := readIDX(images)
	if err != nil {
		return Split{}, errors.WithMessage(err, "images")
	}
	y, err := readIDX(labels)
	if err != nil {
		return Split{}, errors.WithMessage(err, "labels")
	}
	if x.Shape()[0] != y.Shape()[0] {
		return Split{}, errors.Errorf("expected as many labels as images, got %v and %v", y.Shape(), x.Shape())
	}
	return Split{X: x, Y: y}, nil
}

// maxIDX bounds what a file may claim to hold.
const maxIDX = 1 << 28

// readIDX reads an array of bytes in the IDX format, compressed by gzip: two zero bytes, the element type, the number of axes, their
// sizes as big-endian 32-bit numbers, the elements.
func readIDX(compressed io.Reader) (*tensor.Dense, error) {
	z, err := gzip.NewReader(compressed)
	if err != nil {
		return nil, errors.Wrap(err, "gzip")
	}
	var head [4]byte
	if _, err := io.ReadFull(z, head[:]); err != nil {
		return nil, errors.Wrap(err, "idx: head")
	}
	const unsignedByte = 8
	if head[0] != 0 || head[1] != 0 || head[2] != unsignedByte || head[3] == 0 || head[3] > 4 {
		return nil, errors.Errorf("idx: expected an array of bytes of 1 to 4 axes, got the head %x", head)
	}
	sizes := make([]uint32, head[3])
	if err := binary.Read(z, binary.BigEndian, sizes); err != nil {
		return nil, errors.Wrap(err, "idx: sizes")
	}
	shape, n := make([]int, len(sizes)), 1
	for i, s := range sizes {
		if s == 0 || uint64(s)*uint64(n) > maxIDX {
			return nil, errors.Errorf("idx: expected 1 to %d bytes, got sizes %v", maxIDX, sizes)
		}
		shape[i] = int(s)
		n *= int(s)
	}
	data := make([]byte, n)
	if _, err := io.ReadFull(z, data); err != nil {
		return nil, errors.Wrapf(err, "idx: elements of %v", shape)
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data)), nil
}
