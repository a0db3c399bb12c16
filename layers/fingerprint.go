package layers

import (
	"encoding/binary"
	"math/bits"
)

// The hashes by which TensorFlow numbers text: FarmHash's 64-bit fingerprint (Pike and Alakuijala), and SipHash-2-4 (Aumasson and
// Bernstein 2012) where there is a key. Both are defined by their authors' reference code and are the same on all machines.

const (
	farm0 = 0xc3a5c85c97cb3127
	farm1 = 0xb492b66fbe98f273
	farm2 = 0x9ae16a3b2f90404f
)

func u64(s string, at int) uint64 {
	var b [8]byte
	copy(b[:], s[at:at+8])
	return binary.LittleEndian.Uint64(b[:])
}

func u32(s string, at int) uint64 {
	var b [4]byte
	copy(b[:], s[at:at+4])
	return uint64(binary.LittleEndian.Uint32(b[:]))
}

func right(v uint64, n int) uint64 { return bits.RotateLeft64(v, -n) }

func shiftMix(v uint64) uint64 { return v ^ v>>47 }

func mix(u, v, mul uint64) uint64 {
	a := shiftMix((u ^ v) * mul)
	return shiftMix((v^a)*mul) * mul
}

// fingerprint is FarmHash's fingerprint of a text.
func fingerprint(s string) uint64 {
	n := len(s)
	switch {
	case n <= 16:
		return fingerprint16(s)
	case n <= 32:
		mul := farm2 + 2*uint64(n)
		a, b, c, d := u64(s, 0)*farm1, u64(s, 8), u64(s, n-8)*mul, u64(s, n-16)*farm2
		return mix(right(a+b, 43)+right(c, 30)+d, a+right(b+farm2, 18)+c, mul)
	case n <= 64:
		return fingerprint64(s)
	}
	return fingerprintLong(s)
}

func fingerprint16(s string) uint64 {
	n := len(s)
	mul := farm2 + 2*uint64(n)
	switch {
	case n >= 8:
		a, b := u64(s, 0)+farm2, u64(s, n-8)
		return mix(right(b, 37)*mul+a, (right(a, 25)+b)*mul, mul)
	case n >= 4:
		return mix(uint64(n)+u32(s, 0)<<3, u32(s, n-4), mul)
	case n > 0:
		y := uint64(s[0]) + uint64(s[n/2])<<8
		z := uint64(n) + uint64(s[n-1])<<2
		return shiftMix(y*farm2^z*farm0) * farm2
	}
	return farm2
}

func fingerprint64(s string) uint64 {
	n := len(s)
	mul := farm2 + 2*uint64(n)
	a, b, c, d := u64(s, 0)*farm2, u64(s, 8), u64(s, n-8)*mul, u64(s, n-16)*farm2
	y := right(a+b, 43) + right(c, 30) + d
	z := mix(y, a+right(b+farm2, 18)+c, mul)
	e, f := u64(s, 16)*mul, u64(s, 24)
	g, h := (y+u64(s, n-32))*mul, (z+u64(s, n-24))*mul
	return mix(right(e+f, 43)+right(g, 30)+h, e+right(f+a, 18)+g, mul)
}

// A farmState is what the fingerprint of a long text is made from, 64 bytes at a time.
type farmState struct {
	x, y, z uint64
	v, w    [2]uint64
}

// round takes in 64 bytes. scale is 1 but for the last round.
func (f *farmState) round(s string, mul, scale uint64) {
	f.x = right(f.x+f.y+f.v[0]+u64(s, 8), 37) * mul
	f.y = right(f.y+f.v[1]+u64(s, 48), 42) * mul
	f.x ^= f.w[1] * scale
	f.y += f.v[0]*scale + u64(s, 40)
	f.z = right(f.z+f.w[0], 33) * mul
	f.v = weak32(s, f.v[1]*mul, f.x+f.w[0])
	f.w = weak32(s[32:], f.z+f.w[1], f.y+u64(s, 16))
	f.x, f.z = f.z, f.x
}

func weak32(s string, a, b uint64) [2]uint64 {
	w, x, y, z := u64(s, 0), u64(s, 8), u64(s, 16), u64(s, 24)
	a += w
	b = right(b+a+z, 21)
	sum := a + x + y
	return [2]uint64{sum + z, b + right(sum, 44) + a}
}

func fingerprintLong(s string) uint64 {
	const seed = 81
	f := farmState{x: seed, y: 2480279821605975764} // y is seed·farm1 + 113, modulo 2^64
	f.z = shiftMix(f.y*farm2+113) * farm2
	f.x = f.x*farm2 + u64(s, 0)
	end := (len(s) - 1) / 64 * 64
	for at := 0; at < end; at += 64 {
		f.round(s[at:at+64], farm1, 1)
	}
	mul := farm1 + (f.z&0xff)<<1
	f.w[0] += uint64(len(s)-1) & 63
	f.v[0] += f.w[0]
	f.w[0] += f.v[0]
	f.round(s[len(s)-64:], mul, 9)
	return mix(mix(f.v[0], f.w[0], mul)+shiftMix(f.y)*farm0+f.z, mix(f.v[1], f.w[1], mul)+f.x, mul)
}

// crossed joins fingerprints as TensorFlow's FingerprintCat64.
func crossed(a, b uint64) uint64 {
	const mul = 0xc6a4a7935bd1e995
	r := a ^ mul
	r ^= shiftMix(b*mul) * mul
	r *= mul
	return shiftMix(shiftMix(r) * mul)
}

// sipHash is SipHash-2-4 of a text with a key.
func sipHash(key [2]uint64, s string) uint64 {
	v := [4]uint64{key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d, key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573}
	whole := len(s) / 8 * 8
	for at := 0; at < whole; at += 8 {
		sipWord(&v, u64(s, at))
	}
	var tail [8]byte
	copy(tail[:], s[whole:])
	tail[7] = byte(len(s))
	sipWord(&v, binary.LittleEndian.Uint64(tail[:]))
	v[2] ^= 0xff
	for range 4 {
		sipRound(&v)
	}
	return v[0] ^ v[1] ^ v[2] ^ v[3]
}

func sipWord(v *[4]uint64, m uint64) {
	v[3] ^= m
	sipRound(v)
	sipRound(v)
	v[0] ^= m
}

func sipRound(v *[4]uint64) {
	v[0] += v[1]
	v[1] = bits.RotateLeft64(v[1], 13) ^ v[0]
	v[0] = bits.RotateLeft64(v[0], 32)
	v[2] += v[3]
	v[3] = bits.RotateLeft64(v[3], 16) ^ v[2]
	v[0] += v[3]
	v[3] = bits.RotateLeft64(v[3], 21) ^ v[0]
	v[2] += v[1]
	v[1] = bits.RotateLeft64(v[1], 17) ^ v[2]
	v[2] = bits.RotateLeft64(v[2], 32)
}
