package kernel

import "math/bits"

// scratch is a buffer whose contents are anything. Its length is a power of two, so that it begins on a cache line.
type scratch struct{ data []float32 }

// minScratch is the length of the smallest scratch as a power of two.
const minScratch = 10

// scratches holds the buffers that are free, by length.
var scratches [bits.UintSize]freeList[scratch]

// scratchClass is the power of two of a scratch for n numbers.
func scratchClass(n int) int {
	return max(minScratch, bits.Len(uint(max(n, 1)-1)))
}

// getScratch returns a buffer of at least n numbers; it goes back with putScratch.
func getScratch(n int) *scratch {
	class := scratchClass(n)
	s := scratches[class].get()
	if s.data == nil {
		s.data = make([]float32, 1<<class)
	}
	return s
}

func putScratch(s *scratch) {
	scratches[scratchClass(len(s.data))].put(s)
}

// numbers returns the buffer, nil of a nil scratch.
func (s *scratch) numbers() []float32 {
	if s == nil {
		return nil
	}
	return s.data
}

// release puts s back; a nil scratch needs none.
func (s *scratch) release() {
	if s != nil {
		putScratch(s)
	}
}
