package hdf5

import (
	"encoding/binary"
	"io"

	"github.com/pkg/errors"
)

// An array is the data of a data set, of one of five types.
type array interface {
	len() int
	elementSize() int
	datatype() []byte
	// encode appends elements from..to to b, little-endian.
	encode(b []byte, from, to int) ([]byte, error)
}

type writable interface {
	float32 | float64 | int32 | int64 | uint32
}

type typed[T writable] struct {
	data []T
	size int
	typ  []byte
}

func newArray(data any) (array, error) {
	switch v := data.(type) {
	case []float32:
		return typed[float32]{v, 4, typeFloat32}, nil
	case []float64:
		return typed[float64]{v, 8, typeFloat64}, nil
	case []int32:
		return typed[int32]{v, 4, typeInt32}, nil
	case []int64:
		return typed[int64]{v, 8, typeInt64}, nil
	case []uint32:
		return typed[uint32]{v, 4, typeUint32}, nil
	}
	return nil, errors.Errorf("expected []float32, []float64, []int32, []int64 or []uint32, got %T", data)
}

func (a typed[T]) len() int         { return len(a.data) }
func (a typed[T]) elementSize() int { return a.size }
func (a typed[T]) datatype() []byte { return a.typ }
func (a typed[T]) encode(b []byte, from, to int) ([]byte, error) {
	return binary.Append(b, binary.LittleEndian, a.data[from:to])
}

func (p *plan) datasetMessages(n *node, a array) []message {
	const constant = 1 // The message never changes.
	fill := []byte{2, 2, 2, 1, 0, 0, 0, 0}
	layout := []byte{3, byte(contiguousLayout)}
	at, ok := p.arrays[n]
	if !ok {
		at = undefined
	}
	layout = le.AppendUint64(layout, at)
	layout = le.AppendUint64(layout, uint64(a.len())*uint64(a.elementSize()))
	return []message{
		{kind: msgDataspace, data: spaceMessage(n.shape)},
		{kind: msgDatatype, flags: constant, data: a.datatype()},
		{kind: msgFill, flags: constant, data: fill},
		{kind: msgLayout, data: layout},
	}
}

// A stream writes to out until the first error, and counts.
type stream struct {
	out     io.Writer
	written int64
	err     error
	buf     []byte
}

func (s *stream) write(b []byte) {
	if s.err != nil {
		return
	}
	n, err := s.out.Write(b)
	s.written += int64(n)
	s.err = err
}

func (s *stream) pad() { s.write(make([]byte, -s.written&7)) }

// array writes an array at the next multiple of 8, in pieces.
func (s *stream) array(_ *node, a array) {
	s.pad()
	const piece = 64 << 10
	for at := 0; at < a.len() && s.err == nil; at += piece {
		b, err := a.encode(s.buf[:0], at, min(at+piece, a.len()))
		if err != nil {
			s.err = err
			return
		}
		s.buf = b
		s.write(b)
	}
}
