// Package initializers holds the initial values of weights, by Keras's names.
//
// An initializer is a value without state: it fills a slice from a [Stream] of random numbers that the caller derives from
// the model's seed and the weight's path. So a weight begins with the same bits in every run, and whatever other weights the
// model has. The numbers are Keras's in distribution, not bit for bit.
package initializers

import (
	"hash/fnv"

	"github.com/pkg/errors"
)

// An Initializer fills dst, the row-major values of a weight of the given shape.
//
// It returns an error where dst and shape disagree, an axis is not positive, the shape does not suit the initializer, or one of the
// initializer's own fields is out of range; dst is then left alone.
type Initializer interface {
	Init(dst []float32, shape []int, stream Stream) error
}

// A Stream names one sequence of random numbers. Equal streams give equal numbers.
type Stream struct {
	Key [2]uint32
}

// NewStream returns the stream of a weight's path under a model's seed.
func NewStream(seed uint64, path string) Stream {
	h := fnv.New64a()
	h.Write([]byte(path)) // A hash.Hash never returns an error.
	k := mix(mix(seed) ^ h.Sum64())
	return Stream{Key: [2]uint32{uint32(k), uint32(k >> 32)}}
}

// mix is SplitMix64's output function (Steele, Lea, Flood 2014): every input bit reaches every output bit.
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// seeded returns the stream of an explicit seed, which replaces that of the path as it does in Keras.
func seeded(seed *int, stream Stream) Stream {
	if seed == nil {
		return stream
	}
	return NewStream(uint64(*seed), "")
}

// check returns an error unless dst holds exactly a weight of that shape; name is the initializer's.
func check(name string, dst []float32, shape []int) error {
	n := 1
	for axis, d := range shape {
		if d <= 0 {
			return errors.Errorf("initializers: %s: axis %d of shape %v: expected a positive size, got %d", name, axis, shape, d)
		}
		n *= d
	}
	if n != len(dst) {
		return errors.Errorf("initializers: %s: shape %v: expected %d values to fill, got %d", name, shape, n, len(dst))
	}
	return nil
}
