package data

import "math"

// Take keeps the first n elements; below 0: all.
func (p Pipeline) Take(n int) Pipeline {
	if n < 0 {
		return p
	}
	length := n
	if p.length != endless {
		length = mapped(p.length, func(l int) int { return min(l, n) })
	}
	if p.rows != nil && p.err == nil {
		return p.choose(length, func(order []int, _ pass) []int { return order[:length] })
	}
	return p.then(length, func(in elements, _ pass) elements {
		return func(yield func(Batch, error) bool) {
			if n == 0 {
				return
			}
			left := n
			for b, err := range in {
				left--
				if !yield(b, err) || err != nil || left == 0 {
					return
				}
			}
		}
	})
}

// Skip leaves out the first n elements; below 0: all.
func (p Pipeline) Skip(n int) Pipeline {
	if n < 0 {
		n = math.MaxInt
	}
	length := mapped(p.length, func(l int) int { return max(l-n, 0) })
	if p.rows != nil && p.err == nil {
		return p.choose(length, func(order []int, _ pass) []int { return order[min(n, len(order)):] })
	}
	return p.then(length, func(in elements, _ pass) elements {
		return func(yield func(Batch, error) bool) {
			left := n
			for b, err := range in {
				if left > 0 && err == nil {
					left--
					continue
				}
				if !yield(b, err) || err != nil {
					return
				}
			}
		}
	})
}

// Shard keeps every n-th element, beginning with number index, which is below n: each of n machines takes another part.
func (p Pipeline) Shard(n, index int) Pipeline {
	if n <= 0 || index < 0 || index >= n {
		return p.failf("Shard: expected a number of parts above 0 and an index below it, got %d and %d", n, index)
	}
	length := mapped(p.length, func(l int) int { return (l + n - 1 - index) / n })
	if p.rows != nil && p.err == nil {
		return p.choose(length, func(order []int, _ pass) []int {
			part := order[:0]
			for i := index; i < len(order); i += n {
				part = append(part, order[i])
			}
			return part
		})
	}
	return p.then(length, func(in elements, _ pass) elements {
		return func(yield func(Batch, error) bool) {
			number := 0
			for b, err := range in {
				mine := number%n == index
				number++
				if (mine || err != nil) && (!yield(b, err) || err != nil) {
					return
				}
			}
		}
	})
}

// Filter keeps the elements for which keep reports true. Errors and panics of keep end the iteration with an error that names the element.
func (p Pipeline) Filter(keep func(Batch) (bool, error)) Pipeline {
	if keep == nil {
		return p.failf("Filter: expected a function, got nil")
	}
	return p.then(unknown, func(in elements, _ pass) elements {
		return func(yield func(Batch, error) bool) {
			number := 0
			for b, err := range in {
				wanted := true
				if err == nil {
					wanted, err = protected(func() (bool, error) { return keep(b) })
					err = located(err, "Filter", number)
				}
				number++
				if err != nil {
					yield(Batch{}, err)
					return
				}
				if wanted && !yield(b, nil) {
					return
				}
			}
		}
	})
}

// Repeat runs through the elements n times; below 0: for ever. Each repetition is an epoch of the steps before it: what they shuffle comes in
// another order.
func (p Pipeline) Repeat(n int) Pipeline {
	length := p.length
	switch {
	case n == 0 || length == 0:
		length = 0
	case n < 0:
		length = endless
	case length > 0:
		length *= n
	}
	before := p.open
	p.rows, p.length = nil, length
	p.stream = func(at pass) elements {
		return func(yield func(Batch, error) bool) {
			for i := 0; n < 0 || i < n; i++ {
				some := false
				for b, err := range before(pass{at.seed, repetition(at.epoch, i, n)}) {
					some = true
					if !yield(b, err) || err != nil {
						return
					}
				}
				if !some {
					return
				}
			}
		}
	}
	return p
}

// repetition is the epoch of repetition i of n; of endless ones it may repeat itself only where int has 32 bits.
func repetition(epoch, i, n int) int {
	if n < 0 {
		return epoch<<24 + i
	}
	return epoch*n + i
}

// Concatenate yields q's elements after p's.
func (p Pipeline) Concatenate(q Pipeline) Pipeline {
	if p.err == nil {
		p.err = q.err
	}
	length := unknown
	switch {
	case p.length == endless || q.length == endless:
		length = endless
	case p.length >= 0 && q.length >= 0:
		length = p.length + q.length
	}
	both := []func(pass) elements{p.open, q.open}
	p.rows, p.length, p.examples, p.random = nil, length, p.examples || q.examples, max(p.random, q.random)
	p.stream = func(at pass) elements {
		return func(yield func(Batch, error) bool) {
			for _, open := range both {
				for b, err := range open(at) {
					if !yield(b, err) || err != nil {
						return
					}
				}
			}
		}
	}
	return p
}
