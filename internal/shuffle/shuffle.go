// Package shuffle puts things in a random order that never changes for a given seed.
package shuffle

import (
	"math/bits"
	"math/rand/v2"
)

// Window reorders as a buffer of that size does which is filled in order and emptied at random: no element moves further than buffer-1 places to
// the front. A buffer of len(order) or more gives every order alike. stream tells apart the uses of one seed.
func Window(order []int, buffer int, seed, stream uint64) {
	// PCG's algorithm is fixed, that of package rand's own shuffle is not. Its two seeds are mixed because those of neighbours look alike.
	source := rand.NewPCG(mix(seed), mix(stream+mix(seed)))
	for i := range order {
		// The buffer is the window behind i: the element picked changes places with the first, and the window moves on by one.
		j := i + below(min(buffer, len(order)-i), source)
		order[i], order[j] = order[j], order[i]
	}
}

// Permutation returns the numbers below n in random order.
func Permutation(n int, seed, stream uint64) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	Window(order, n, seed, stream)
	return order
}

// below returns an even random number in [0, n) (Lemire 2019).
func below(n int, source *rand.PCG) int {
	hi, lo := bits.Mul64(source.Uint64(), uint64(n))
	if lo < uint64(n) {
		for reject := -uint64(n) % uint64(n); lo < reject; {
			hi, lo = bits.Mul64(source.Uint64(), uint64(n))
		}
	}
	return int(hi)
}

// mix is SplitMix64's output function (Steele, Lea, Flood 2014).
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
