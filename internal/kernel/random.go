package kernel

import (
	"math"
	"math/bits"
)

// Philox 4x32-10: Salmon, Moraes, Dror, Shaw, Parallel random numbers: as easy as 1, 2, 3, 2011.
const (
	philoxM0 = 0xD2511F53
	philoxM1 = 0xCD9E8D57
	philoxW0 = 0x9E3779B9
	philoxW1 = 0xBB67AE85
)

// philox returns block i of the stream (key, counter): four words that depend on these alone.
func philox(key [2]uint32, counter, i uint64) [4]uint32 {
	c := [4]uint32{uint32(i), uint32(i >> 32), uint32(counter), uint32(counter >> 32)}
	k0, k1 := key[0], key[1]
	for range 10 {
		h0, l0 := bits.Mul32(philoxM0, c[0])
		h1, l1 := bits.Mul32(philoxM1, c[2])
		c = [4]uint32{h1 ^ c[1] ^ k0, l1, h0 ^ c[3] ^ k1, l0}
		k0 += philoxW0
		k1 += philoxW1
	}
	return c
}

// A group is sixteen blocks, stored word by word: the word w of block b of group g is element 64·g + 16·w + b. That is the
// order in which vector units make them.
const (
	groupBlocks = 16
	groupWords  = 4 * groupBlocks
)

// randomChunk is how many elements make one block of a parallel loop: whole groups.
const randomChunk = 1 << 12

// words is a buffer for the words of some groups.
type words [16 * groupWords]uint32

var wordsFree freeList[words]

// philoxGroups fills w with groups [first, first+n) of the stream, n·groupWords <= len(w).
func philoxGroups(w *words, key [2]uint32, counter uint64, first, n int) {
	if f := vector().philox; f != nil {
		f(&w[0], key[0], key[1], counter, uint64(first)*groupBlocks, n)
		return
	}
	for g := range n {
		for b := range groupBlocks {
			c := philox(key, counter, uint64(first+g)*groupBlocks+uint64(b))
			for k, v := range c {
				w[g*groupWords+k*groupBlocks+b] = v
			}
		}
	}
}

// unit maps a word to [0, 1) by its upper 24 bits.
func unit(w uint32) float32 { return float32(w>>8) * (1.0 / (1 << 24)) }

// RandomUniform fills y with numbers of the stream (key, counter) that are uniform on [0, 1), multiples of 2^-24. Element i
// depends on key, counter and i only, and float64 gets the numbers of float32.
func RandomUniform[T Float](y []T, key [2]uint32, counter uint64) {
	random(y, key, counter, false)
}

// RandomNormal fills y with numbers of the stream (key, counter) that are normal with mean 0 and variance 1: Box and Muller's
// method on pairs of 24-bit uniform numbers, in float64. None is larger than 5.77.
func RandomNormal[T Float](y []T, key [2]uint32, counter uint64) {
	random(y, key, counter, true)
}

func random[T Float](y []T, key [2]uint32, counter uint64, normal bool) {
	if isFloat32[T]() {
		random32(float32s(y), key, counter, normal)
		return
	}
	w := wordsFree.get()
	randomBlock(y, key, counter, 0, normal, w)
	wordsFree.put(w)
}

func random32(y []float32, key [2]uint32, counter uint64, normal bool) {
	t := NewTask()
	t.F32[0] = y
	t.U = [4]uint32{key[0], key[1], uint32(counter), uint32(counter >> 32)}
	if normal {
		t.N[0] = 1
	}
	inChunks(len(y), randomChunk, t, func(t *Task, b int) {
		lo, hi := chunk(b, randomChunk, len(t.F32[0]))
		w := wordsFree.get()
		randomBlock(t.F32[0][lo:hi], [2]uint32{t.U[0], t.U[1]}, taskCounter(t), lo/groupWords, t.N[0] == 1, w)
		wordsFree.put(w)
	})
	t.Free()
}

func taskCounter(t *Task) uint64 { return uint64(t.U[2]) | uint64(t.U[3])<<32 }

// randomBlock fills y, which begins with group first.
func randomBlock[T Float](y []T, key [2]uint32, counter uint64, first int, normal bool, w *words) {
	for len(y) > 0 {
		part := y[:min(len(y), len(w))]
		groups := (len(part) + groupWords - 1) / groupWords
		philoxGroups(w, key, counter, first, groups)
		if normal {
			normals(part, w)
		} else {
			for i := range part {
				part[i] = T(unit(w[i]))
			}
		}
		y, first = y[len(part):], first+groups
	}
}

// normals makes pairs of normal numbers from words 0 and 1, and 2 and 3, of each block.
func normals[T Float](y []T, w *words) {
	for i := range y {
		if i/groupBlocks%2 == 1 {
			continue // written with its partner
		}
		radius := math.Sqrt(-2 * math.Log((float64(w[i]>>8)+1)/(1<<24)))
		sin, cos := math.Sincos(2 * math.Pi * float64(w[i+groupBlocks]>>8) / (1 << 24))
		y[i] = T(radius * cos)
		if j := i + groupBlocks; j < len(y) {
			y[j] = T(radius * sin)
		}
	}
}
