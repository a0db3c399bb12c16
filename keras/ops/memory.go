package ops

import (
	"cmp"
	"slices"
	"unsafe"
)

// alignment of every value in an arena, in bytes: a cache line, and a vector of AVX-512.
const alignment = 64

// newBuffer takes memory of its own for a value.
func newBuffer(spec Spec, float DType) buffer {
	if spec.DType == String { // The garbage collector looks for pointers in memory of this type alone.
		return buffer{Spec: spec, text: make([]string, size(spec.Shape))}
	}
	return bufferAt(spec, float, newArena(bytesOf(spec, float)))
}

func bytesOf(spec Spec, float DType) int {
	return size(spec.Shape) * machineType(spec.DType, float).size()
}

// newArena is cleared memory that starts at a multiple of the alignment.
func newArena(n int) unsafe.Pointer {
	raw := make([]byte, n+alignment)
	p := unsafe.Pointer(unsafe.SliceData(raw))
	return unsafe.Add(p, -uintptr(p)&(alignment-1))
}

// bufferAt is a value's buffer in memory that is large enough.
func bufferAt(spec Spec, float DType, p unsafe.Pointer) buffer {
	b, n := buffer{Spec: spec}, size(spec.Shape)
	switch machineType(spec.DType, float) {
	case Float64:
		b.f64 = unsafe.Slice((*float64)(p), n)
	case Int32:
		b.i32 = unsafe.Slice((*int32)(p), n)
	case Bool:
		b.bool = unsafe.Slice((*bool)(p), n)
	default:
		b.f32 = unsafe.Slice((*float32)(p), n)
	}
	return b
}

// A span is a free or taken piece of an arena.
type span struct{ from, to int }

// plan gives every value that some step reads, or somebody outside, its place in one arena, and places whose values are read for
// the last time to later values. It returns the arena's size.
func plan(steps []*step, float DType) int {
	lifetimes(steps)
	offsets := map[*slot]int{}
	var free []span
	end := 0
	expiring := make([][]*slot, len(steps))
	for i, s := range steps {
		for _, o := range s.out {
			if o.owner.placed || o.owner.first != i || (o.owner.last == i && o != s.out[0] && !o.owner.keep) {
				continue
			}
			if o.spec.DType == String {
				o.owner.buf, o.owner.placed = newBuffer(o.spec, float), true
				continue
			}
			n := (bytesOf(o.spec, float) + alignment - 1) &^ (alignment - 1)
			at := take(&free, n)
			if at < 0 {
				at, end = end, end+n
			}
			offsets[o.owner] = at
			if !o.owner.keep {
				expiring[o.owner.last] = append(expiring[o.owner.last], o.owner)
			}
		}
		for _, o := range expiring[i] {
			at := offsets[o]
			give(&free, span{at, at + (bytesOf(o.spec, float)+alignment-1)&^(alignment-1)})
		}
	}
	arena := newArena(end)
	for o, at := range offsets {
		o.buf, o.placed = bufferAt(o.spec, float, unsafe.Add(arena, at)), true
	}
	return end
}

// lifetimes notes for each value the first step that writes it and the last that reads it.
func lifetimes(steps []*step) {
	for _, s := range steps {
		for _, o := range s.out {
			o.owner.first, o.owner.last = -1, -1
		}
	}
	for i, s := range steps {
		for _, o := range s.out {
			if o.owner.first < 0 {
				o.owner.first = i
			}
			o.owner.last = max(o.owner.last, i)
		}
		for _, o := range s.in {
			o.owner.last = max(o.owner.last, i)
		}
	}
}

// take finds the smallest free piece that holds n bytes; -1 if there is none.
func take(free *[]span, n int) int {
	best := -1
	for i, s := range *free {
		if s.to-s.from >= n && (best < 0 || s.to-s.from < (*free)[best].to-(*free)[best].from) {
			best = i
		}
	}
	if best < 0 {
		return -1
	}
	s := &(*free)[best]
	at := s.from
	s.from += n
	if s.from == s.to {
		*free = slices.Delete(*free, best, best+1)
	}
	return at
}

// give returns a piece and joins it with its free neighbours.
func give(free *[]span, s span) {
	i, _ := slices.BinarySearchFunc(*free, s, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	*free = slices.Insert(*free, i, s)
	f := *free
	if i+1 < len(f) && f[i].to == f[i+1].from {
		f[i].to = f[i+1].to
		f = slices.Delete(f, i+1, i+2)
	}
	if i > 0 && f[i-1].to == f[i].from {
		f[i-1].to = f[i].to
		f = slices.Delete(f, i, i+1)
	}
	*free = f
}

// buffers of slots; an alias sees its owner's memory under its own shape.
func buffers(slots []*slot, float DType) []buffer {
	bs := make([]buffer, len(slots))
	for i, s := range slots {
		bs[i] = s.buffer(float)
	}
	return bs
}

func (s *slot) buffer(float DType) buffer {
	b := s.owner.buf
	b.Spec = s.spec
	if b.f32 == nil && b.f64 == nil && b.i32 == nil && b.bool == nil && b.text == nil {
		return buffer{Spec: s.spec}
	}
	return b
}
