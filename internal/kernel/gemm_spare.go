package kernel

import "sync/atomic"

// spares is a free list that hands out its last element without a lock. Its zero value is ready to use.
type spares[E any] struct {
	last atomic.Pointer[E]
	rest freeList[E]
}

// get returns a used E as it was put, or a new one.
func (l *spares[E]) get() *E {
	if e := l.last.Swap(nil); e != nil {
		return e
	}
	return l.rest.get()
}

func (l *spares[E]) put(e *E) {
	if !l.last.CompareAndSwap(nil, e) {
		l.rest.put(e)
	}
}
