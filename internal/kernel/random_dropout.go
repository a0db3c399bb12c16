package kernel

import "math"

// keepThreshold returns what a word must stay below for its element to be kept, and the scale of kept elements. All words are
// below the threshold of rate 0, none below that of rate 1.
func keepThreshold(rate float64) (threshold uint64, scale float64) {
	if rate >= 1 {
		return 0, 0
	}
	return uint64(math.Round((1 - rate) * (1 << 32))), 1 / (1 - rate)
}

// Dropout draws mask from the stream (key, counter), true with probability 1-rate, and computes y = x/(1-rate) where it is
// true, else 0. Element i of the mask depends on key, counter, rate and i only, for float64 as for float32; y may be x.
func Dropout[T Float](y []T, mask []bool, x []T, rate float64, key [2]uint32, counter uint64) {
	mask, x = mask[:len(y)], x[:len(y)]
	if isFloat32[T]() {
		dropout32(float32s(y), mask, float32s(x), rate, key, counter)
		return
	}
	threshold, scale := keepThreshold(rate)
	w := wordsFree.get()
	dropoutBlock(y, mask, x, threshold, T(scale), key, counter, 0, w)
	wordsFree.put(w)
}

func dropout32(y []float32, mask []bool, x []float32, rate float64, key [2]uint32, counter uint64) {
	threshold, scale := keepThreshold(rate)
	t := NewTask()
	t.F32[0], t.F32[1], t.Bool[0], t.S[0] = y, x, mask, float32(scale)
	t.U = [4]uint32{key[0], key[1], uint32(counter), uint32(counter >> 32)}
	t.N[0], t.N[1] = int(uint32(threshold)), int(threshold>>32)
	inChunks(len(y), randomChunk, t, func(t *Task, b int) {
		lo, hi := chunk(b, randomChunk, len(t.F32[0]))
		threshold := uint64(uint32(t.N[0])) | uint64(t.N[1])<<32
		w := wordsFree.get()
		dropoutBlock(t.F32[0][lo:hi], t.Bool[0][lo:hi], t.F32[1][lo:hi], threshold, t.S[0],
			[2]uint32{t.U[0], t.U[1]}, taskCounter(t), lo/groupWords, w)
		wordsFree.put(w)
	})
	t.Free()
}

// dropoutBlock begins with group first of the stream.
func dropoutBlock[T Float](y []T, mask []bool, x []T, threshold uint64, scale T, key [2]uint32, counter uint64, first int, w *words) {
	for len(y) > 0 {
		n := min(len(y), len(w))
		groups := (n + groupWords - 1) / groupWords
		philoxGroups(w, key, counter, first, groups)
		dropoutApply(y[:n], mask, x, w[:n], threshold, scale)
		y, mask, x, first = y[n:], mask[n:], x[n:], first+groups
	}
}

func dropoutApply[T Float](y []T, mask []bool, x []T, words []uint32, threshold uint64, scale T) {
	mask, x = mask[:len(y)], x[:len(y)]
	if f := vector().dropout; f != nil && isFloat32[T]() && len(y) >= groupBlocks && threshold <= math.MaxUint32 {
		n := len(y) &^ (groupBlocks - 1)
		f(&float32s(y)[0], &mask[0], &float32s(x)[0], &words[0], uint32(threshold), float32(scale), n)
		y, mask, x, words = y[n:], mask[n:], x[n:], words[n:]
	}
	for i, w := range words {
		keep := uint64(w) < threshold
		mask[i] = keep
		v := x[i] * scale
		if !keep {
			v = 0
		}
		y[i] = v
	}
}

// DropoutGrad computes dx = dy/(1-rate) where mask is true, else 0; dx may be dy.
func DropoutGrad[T Float](dx []T, mask []bool, dy []T, rate float64) {
	mask, dy = mask[:len(dx)], dy[:len(dx)]
	_, scale := keepThreshold(rate)
	if f := vector().dropoutGrad; f != nil && isFloat32[T]() && len(dx) >= groupBlocks {
		n := len(dx) &^ (groupBlocks - 1)
		f(&float32s(dx)[0], &mask[0], &float32s(dy)[0], float32(scale), n)
		dx, mask, dy = dx[n:], mask[n:], dy[n:]
	}
	factor := [2]T{0, T(scale)}
	for i, d := range dy {
		kept := 0
		if mask[i] {
			kept = 1
		}
		dx[i] = d * factor[kept]
	}
}
