package datasets

// A mersenne is the generator MT19937 (Matsumoto and Nishimura 1998), which Keras's data sets are shuffled with.
type mersenne struct {
	state [624]uint32
	next  int
}

func newMersenne(seed uint32) *mersenne {
	m := &mersenne{next: 624}
	m.state[0] = seed
	for i := 1; i < len(m.state); i++ {
		last := m.state[i-1]
		m.state[i] = 1812433253*(last^last>>30) + uint32(i)
	}
	return m
}

func (m *mersenne) uint32() uint32 {
	if m.next == len(m.state) {
		m.twist()
	}
	y := m.state[m.next]
	m.next++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

func (m *mersenne) twist() {
	const n, offset = 624, 397
	for i := range n {
		y := m.state[i]&0x80000000 | m.state[(i+1)%n]&0x7fffffff
		m.state[i] = m.state[(i+offset)%n] ^ y>>1 ^ (y&1)*0x9908b0df
	}
	m.next = 0
}

// below returns a random number in [0, most], drawing again where the bits that are needed for most give more.
func (m *mersenne) below(most uint32) uint32 {
	mask := most
	for shift := 1; shift < 32; shift *= 2 {
		mask |= mask >> shift
	}
	for {
		if v := m.uint32() & mask; v <= most {
			return v
		}
	}
}

// shuffle returns the numbers below n in the order that numpy.random.RandomState.shuffle gives them.
func (m *mersenne) shuffle(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j := m.below(uint32(i))
		order[i], order[j] = order[j], order[i]
	}
	return order
}
