package keras

import (
	"iter"
)

// limited is the first batches of each run through a source.
type limited struct {
	source
	n int
}

// limit is the source, or its first n batches where n is above 0.
func limit(s source, n int) source {
	if n <= 0 || s == nil {
		return s
	}
	return limited{s, n}
}

func (l limited) steps() int {
	if n := l.source.steps(); n >= 0 {
		return min(n, l.n)
	}
	return l.n
}

func (l limited) batches(seed uint64, epoch int) iter.Seq2[*batch, error] {
	return func(yield func(*batch, error) bool) {
		n := 0
		for b, err := range l.source.batches(seed, epoch) {
			n++
			if !yield(b, err) || err != nil || n == l.n {
				return
			}
		}
	}
}

// paced is a source whose epochs are n batches each: an epoch goes on where the last one ended. One in which the source comes to its end is
// shorter, as in Keras, and the next begins with another run through the source.
type paced struct {
	source
	n    int
	pass int // the next run through the source
	next func() (*batch, error, bool)
	stop func()
}

func (p *paced) steps() int { return p.n }

func (p *paced) batches(seed uint64, _ int) iter.Seq2[*batch, error] {
	return func(yield func(*batch, error) bool) {
		for i := range p.n {
			b, err, ok := p.take(seed, i == 0)
			if !ok {
				return
			}
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}

// take is the next batch. At the source's end there is none, except at the start of an epoch.
func (p *paced) take(seed uint64, again bool) (*batch, error, bool) {
	if p.next == nil {
		p.next, p.stop = iter.Pull2(p.source.batches(seed, p.pass))
		p.pass++
		again = false
	}
	if b, err, ok := p.next(); ok {
		return b, err, ok
	}
	p.close()
	if again {
		return p.take(seed, false)
	}
	return nil, nil, false
}

// close ends the run through the source.
func (p *paced) close() {
	if p.stop != nil {
		p.stop()
	}
	p.next, p.stop = nil, nil
}
