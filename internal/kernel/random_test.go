package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The known answers of Random123 (kat_vectors, philox4x32 10).
func TestPhilox(t *testing.T) {
	const ones = math.MaxUint32
	for _, c := range []struct {
		key        [2]uint32
		counter, i uint64
		want       [4]uint32
	}{
		{[2]uint32{}, 0, 0, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[2]uint32{ones, ones}, math.MaxUint64, math.MaxUint64, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[2]uint32{0xa4093822, 0x299f31d0}, 0x0370734413198a2e, 0x85a308d3243f6a88, [4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		assert.Equal(t, c.want, philox(c.key, c.counter, c.i))
	}
}

// wordOf is the word that element i of a stream is made from.
func wordOf(key [2]uint32, counter uint64, i int) uint32 {
	return philox(key, counter, uint64(i/64*16+i%16))[i/16%4]
}

var randomKey = [2]uint32{0x12345678, 0x9abcdef0}

const randomCounter = 0xfedcba9876543210

func TestRandomUniform(t *testing.T) { everyPath(t, testUniform[float32], testUniform[float64]) }

func testUniform[T Float](t *testing.T) {
	for _, n := range append([]int{10_007}, sizes...) {
		y := make([]T, n)
		RandomUniform(y, randomKey, randomCounter)
		for i, v := range y {
			require.Equal(t, T(wordOf(randomKey, randomCounter, i)>>8)/(1<<24), v, "%d [%d]", n, i)
		}
	}
	y := make([]T, 100_000)
	RandomUniform(y, randomKey, 1)
	mean, variance := moments(as64(y))
	assert.InDelta(t, 0.5, mean, 0.005)
	assert.InDelta(t, 1./12, variance, 0.002)
}

func moments(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, variance
}

func TestRandomNormal(t *testing.T) { everyPath(t, testNormal[float32], testNormal[float64]) }

func testNormal[T Float](t *testing.T) {
	y := make([]T, 100_000)
	RandomNormal(y, randomKey, 1)
	mean, variance := moments(as64(y))
	assert.InDelta(t, 0, mean, 0.02)
	assert.InDelta(t, 1, variance, 0.02)
	var fourth, beyond float64
	for _, v := range as64(y) {
		fourth += math.Pow(v, 4) / float64(len(y))
		if math.Abs(v) > 1.959964 {
			beyond++
		}
	}
	assert.InDelta(t, 3, fourth, 0.15)
	assert.InDelta(t, 0.05, beyond/float64(len(y)), 0.004)
	// Pairs are uncorrelated, and a shorter slice is a prefix.
	var product float64
	for i := 0; i+16 < len(y); i++ {
		product += float64(y[i]) * float64(y[i+16]) / float64(len(y))
	}
	assert.InDelta(t, 0, product, 0.02)
	for _, n := range sizes {
		part := make([]T, n)
		RandomNormal(part, randomKey, 1)
		require.Equal(t, y[:n], part, n)
	}
}

func TestDropout(t *testing.T)     { everyPath(t, testDropout[float32], testDropout[float64]) }
func TestDropoutGrad(t *testing.T) { everyPath(t, testDropout[float32], testDropout[float64]) }

func testDropout[T Float](t *testing.T) {
	for _, rate := range []float64{0, 0.1, 0.5, 0.95, 1} {
		for _, n := range append([]int{10_007}, sizes...) {
			at := fmt.Sprint(rate, n)
			x, y, dx, mask := normalSlice[T](n, 1), make([]T, n), make([]T, n), make([]bool, n+1)
			Dropout(y, mask[:n], x, rate, randomKey, randomCounter)
			DropoutGrad(dx, mask[:n], x, rate)
			want, kept := make([]float64, n), 0.0
			for i := range want {
				// kept where a uniform number of [0, 1) lies below 1-rate
				keep := float64(wordOf(randomKey, randomCounter, i))/(1<<32) < 1-rate
				require.Equal(t, keep, mask[i], "%s [%d]", at, i)
				if keep {
					want[i] = float64(x[i]) / (1 - rate)
					kept++
				}
			}
			near(t, want, y, tolerance[T](4), at)
			near(t, want, dx, tolerance[T](4), at)
			require.False(t, mask[n], "beyond the end")
			if n > 10_000 {
				assert.InDelta(t, 1-rate, kept/float64(n), 0.02, at)
			}
			Dropout(x, mask[:n], x, rate, randomKey, randomCounter)
			assert.Equal(t, y, x, "in place")
		}
	}
}

func TestRandomParallel(t *testing.T) {
	const n = 50_001
	y, z, mask := make([]float32, n), make([]float32, n), make([]bool, n)
	all := func() {
		RandomUniform(y, randomKey, 3)
		RandomNormal(z, randomKey, 4)
		Dropout(y, mask, y, 0.3, randomKey, 5)
		DropoutGrad(z, mask, z, 0.3)
	}
	sameBits(t, func() [][]float32 {
		all()
		return [][]float32{append([]float32(nil), y...), append([]float32(nil), z...)}
	})
	noAllocations(t, all)
}
