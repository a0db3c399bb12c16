package main

import (
	"encoding/binary"
	"hash/crc32"
	"math"

	"github.com/gokeras/gokeras/keras"
	"gorgonia.org/tensor"
)

// The streams of the generator; keras_models.py has the same.
const (
	labelStream   = 1
	pixelStream   = 2
	patternStream = 3
	flipStream    = 4
	pointStream   = 5
	weightStream  = 100 // and one more for each weight
)

const (
	pixels    = 784
	classes   = 10
	firstRows = 1000 // of the epoch that is timed from a cold start
	checked   = 20   // steps whose losses are compared
)

// uniform is the generator of both sides: a number in [0, 1) of 24 bits, so that float32 holds it exactly. It hashes stream and index
// (the finalizer of SplitMix64; Stafford's variant 13).
func uniform(stream, index int) float64 {
	z := (uint64(index) + uint64(stream)<<40 + 1) * 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	z ^= z >> 31
	return float64(z>>40) / (1 << 24)
}

// images are noise over a pattern of the class, [rows, 784], and labels [rows]. Every fifth image shows the next class, so that no model
// learns all and gradients stay ordinary numbers.
func images(rows int) (x []float32, labels []int32) {
	x, labels = make([]float32, rows*pixels), make([]int32, rows)
	for i := range labels {
		label := int(uniform(labelStream, i) * classes)
		labels[i] = int32(label)
		if uniform(flipStream, i) < 0.2 {
			label = (label + 1) % classes
		}
		for j := range pixels {
			x[i*pixels+j] = float32(0.75*uniform(pixelStream, i*pixels+j) + 0.25*uniform(patternStream, label*pixels+j))
		}
	}
	return x, labels
}

// points are points of the unit square, [rows, 2], and 1 for those in one of two opposite quarters, [rows, 1].
func points(rows int) (x, y []float32) {
	x, y = make([]float32, 2*rows), make([]float32, rows)
	for i := range x {
		x[i] = float32(uniform(pointStream, i))
	}
	for i := range y {
		if (x[2*i] > 0.5) != (x[2*i+1] > 0.5) {
			y[i] = 1
		}
	}
	return x, y
}

// fillKernel draws the k-th weight of a model by Glorot's rule; vectors are biases, and 0.
func fillKernel(w []float32, shape []int, k int) {
	clear(w)
	n := len(shape)
	if n < 2 {
		return
	}
	field := 1
	for _, s := range shape[:n-2] {
		field *= s
	}
	bound := math.Sqrt(6 / float64(field*(shape[n-2]+shape[n-1])))
	for i := range w {
		w[i] = float32((2*uniform(weightStream+k, i) - 1) * bound)
	}
}

// setStart gives a built model the start weights of both sides.
func setStart(m *keras.Model) {
	for k, w := range m.Weights() {
		fillKernel(w.Float32s(), w.Shape(), k)
	}
}

// checksum is the CRC-32 (IEEE) of the arrays' little-endian bytes, one after the other.
func checksum(arrays ...any) uint32 {
	h := crc32.NewIEEE()
	for _, a := range arrays {
		if d, ok := a.(*tensor.Dense); ok {
			a = d.Data()
		}
		// A hash does not fail, and the arrays are numbers.
		_ = binary.Write(h, binary.LittleEndian, a)
	}
	return h.Sum32()
}
