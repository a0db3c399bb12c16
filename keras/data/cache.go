package data

import (
	"sync"
)

// CacheOptions are Cache's.
type CacheOptions struct {
	// Filename is a file that the elements are kept in, which is read again by later runs with the same seed. Default: they are kept in memory.
	Filename string
}

// Cache keeps the elements of the first complete iteration and yields them in all later ones, whatever the epoch; what comes before it is epoch 0
// for ever. Another seed replaces them. Steps that shall differ from epoch to epoch come after it.
func (p Pipeline) Cache(o ...CacheOptions) Pipeline {
	if p.err != nil {
		return p
	}
	if p.length == endless {
		return p.failf("Cache: expected elements that end, got a Repeat without end")
	}
	var store interface {
		open(seed uint64, in elements) elements
	} = &memory{}
	if name := last(o).Filename; name != "" {
		store = &file{name: name}
	}
	before := p.open
	p.rows = nil
	p.stream = func(at pass) elements { return store.open(at.seed, before(pass{at.seed, 0})) }
	return p
}

// memory keeps elements. Its lock is not held while they are used: iterations that find nothing kept each run through what comes before.
type memory struct {
	mu   sync.Mutex
	seed uint64
	full bool
	kept []Batch
}

func (m *memory) open(seed uint64, in elements) elements {
	return func(yield func(Batch, error) bool) {
		if kept, ok := m.of(seed); ok {
			var k keeper
			for _, b := range kept {
				if out, err := k.keep(b); !yield(out, err) || err != nil {
					return
				}
			}
			return
		}
		var kept []Batch
		for b, err := range in {
			if err == nil {
				var c Batch
				c, err = clone(b)
				kept = append(kept, c)
			}
			if !yield(b, err) || err != nil {
				return
			}
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.seed, m.kept, m.full = seed, kept, true
	}
}

func (m *memory) of(seed uint64) ([]Batch, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.kept, m.full && m.seed == seed
}
