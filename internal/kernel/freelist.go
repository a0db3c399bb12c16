package kernel

import "sync"

// freeList keeps what was used, so that steady state allocates nothing. Its zero value is ready to use.
type freeList[E any] struct {
	mu   sync.Mutex
	free []*E
}

// get returns a used E as it was put, or a new one.
func (l *freeList[E]) get() *E {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.free); n > 0 {
		e := l.free[n-1]
		l.free = l.free[:n-1]
		return e
	}
	return new(E)
}

func (l *freeList[E]) put(e *E) {
	l.mu.Lock()
	l.free = append(l.free, e)
	l.mu.Unlock()
}
