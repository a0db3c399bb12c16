package shuffle

import "math/rand/v2"

// A Source draws the numbers with which [Window] reorders, for who reorders things that come one after the other.
type Source struct{ pcg *rand.PCG }

// NewSource returns the source of a seed and a stream, which tells apart the uses of one seed.
func NewSource(seed, stream uint64) Source {
	return Source{rand.NewPCG(mix(seed), mix(stream+mix(seed)))}
}

// Below returns an even random number in [0, n).
func (s Source) Below(n int) int { return below(n, s.pcg) }

// Mix returns a seed for the given use of another.
func Mix(seed, use uint64) uint64 { return mix(seed + mix(use)) }
