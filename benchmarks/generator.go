package main

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"path"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/ops"
	"gorgonia.org/tensor"
)

// The streams of the generator; keras_models.py has the same.
const (
	labelStream   = 1
	pixelStream   = 2
	patternStream = 3
	flipStream    = 4
	pointStream   = 5
	tokenStream   = 6
	markStream    = 7
	seriesStream  = 8
	userStream    = 9
	itemStream    = 10
	weightStream  = 100 // and one more for each weight
)

const (
	pixels    = 784
	classes   = 10
	firstRows = 1000 // of the epoch that is timed from a cold start
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

// images are noise over a pattern of the class, [rows, pixels], and labels [rows]. Every fifth image shows the next class, so that no model
// learns all and gradients stay ordinary numbers.
func images(rows, pixels int) (x []float32, labels []int32) {
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

// tokens are ids, small ones more often, [rows, length], and labels 0 or 1 [rows]: a fifth of the ids is even or odd as the label is.
func tokens(rows, length int) (x, labels []int32) {
	x, labels = make([]int32, rows*length), make([]int32, rows)
	for i := range labels {
		labels[i] = int32(uniform(labelStream, i) * 2)
	}
	for k := range x {
		u := uniform(tokenStream, k)
		id := int32(u * u * vocabulary)
		if uniform(markStream, k) < 0.2 {
			id += labels[k/length] - id%2
		}
		x[k] = id
	}
	return x, labels
}

// series are noise, [rows, 120, 14], and what two places in it make, [rows, 1].
func series(rows int) (x, y []float32) {
	const time, features = 120, 14
	x, y = make([]float32, rows*time*features), make([]float32, rows)
	at := func(k int) float64 { return uniform(seriesStream, k) - 0.5 }
	for k := range x {
		x[k] = float32(at(k))
	}
	for i := range y {
		y[i] = float32(0.5*at((i*time+time-1)*features) + 0.25*at((i*time+time-2)*features+1))
	}
	return x, y
}

// ratings are users and items [rows, 1] and what their last digits make, [rows, 1].
func ratings(rows int) (user, item []int32, y []float32) {
	user, item, y = make([]int32, rows), make([]int32, rows), make([]float32, rows)
	for i := range y {
		user[i] = int32(uniform(userStream, i) * users)
		item[i] = int32(uniform(itemStream, i) * items)
		y[i] = float32(user[i]%10+item[i]%10) / 16
	}
	return user, item, y
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
		if w.DType() != ops.Float32 {
			continue // a random stream, which is Keras's own affair there
		}
		switch path.Base(w.Path) {
		case "gamma", "moving_variance":
			fill(w.Float32s(), 1)
		default:
			fillKernel(w.Float32s(), w.Shape(), k)
		}
	}
}

func fill(w []float32, v float32) {
	for i := range w {
		w[i] = v
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
