package initializers

import (
	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/optional"
)

// Zeros fills with 0.
type Zeros struct{}

// Init implements [Initializer].
func (Zeros) Init(dst []float32, shape []int, _ Stream) error {
	return fill("Zeros", dst, shape, 0)
}

// Ones fills with 1.
type Ones struct{}

// Init implements [Initializer].
func (Ones) Init(dst []float32, shape []int, _ Stream) error {
	return fill("Ones", dst, shape, 1)
}

// Constant fills with Value.
type Constant struct {
	Value float64 // 0
}

// Init implements [Initializer].
func (c Constant) Init(dst []float32, shape []int, _ Stream) error {
	return fill("Constant", dst, shape, float32(c.Value))
}

func fill(name string, dst []float32, shape []int, v float32) error {
	if err := check(name, dst, shape); err != nil {
		return err
	}
	for i := range dst {
		dst[i] = v
	}
	return nil
}

// Identity fills a [rows, columns] matrix with Gain on its main diagonal and 0 elsewhere.
type Identity struct {
	Gain *float64 // nil: 1
}

// Init implements [Initializer]. A shape that is not of rank 2 is an error.
func (i Identity) Init(dst []float32, shape []int, stream Stream) error {
	if len(shape) != 2 {
		return errors.Errorf("initializers: Identity: shape %v: expected rank 2, got rank %d", shape, len(shape))
	}
	if err := (Zeros{}).Init(dst, shape, stream); err != nil {
		return errors.WithMessage(err, "initializers: Identity")
	}
	gain := float32(optional.Or(i.Gain, 1))
	for k := range min(shape[0], shape[1]) {
		dst[k*shape[1]+k] = gain
	}
	return nil
}
