// Package randomstate orders as NumPy's RandomState does, which Keras's loaders shuffle with.
package randomstate

// A RandomState is the generator MT19937 (Matsumoto and Nishimura 1998).
type RandomState struct {
	state [624]uint32
	next  int
}

// New is numpy.random.RandomState(seed).
func New(seed uint32) *RandomState {
	g := &RandomState{next: 624}
	g.state[0] = seed
	for i := 1; i < len(g.state); i++ {
		before := g.state[i-1]
		g.state[i] = 1812433253*(before^before>>30) + uint32(i)
	}
	return g
}

func (g *RandomState) uint32() uint32 {
	if g.next == len(g.state) {
		g.twist()
	}
	y := g.state[g.next]
	g.next++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

func (g *RandomState) twist() {
	const n, offset = 624, 397
	for i := range n {
		y := g.state[i]&0x80000000 | g.state[(i+1)%n]&0x7fffffff
		g.state[i] = g.state[(i+offset)%n] ^ y>>1 ^ (y&1)*0x9908b0df
	}
	g.next = 0
}

// upTo returns a random number in [0, most], drawing again where the bits that are needed for most give more.
func (g *RandomState) upTo(most uint32) uint32 {
	mask := most
	for shift := 1; shift < 32; shift *= 2 {
		mask |= mask >> shift
	}
	for {
		if v := g.uint32() & mask; v <= most {
			return v
		}
	}
}

// Shuffle puts v in the order that the generator's shuffle gives it. v has no more than 2^32 elements.
func Shuffle[T any](v []T, g *RandomState) {
	for i := len(v) - 1; i > 0; i-- {
		j := g.upTo(uint32(i))
		v[i], v[j] = v[j], v[i]
	}
}

// Permutation returns the numbers below n in that order.
func (g *RandomState) Permutation(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	Shuffle(order, g)
	return order
}
