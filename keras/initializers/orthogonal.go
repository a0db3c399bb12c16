package initializers

import (
	"math"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/optional"
)

// Orthogonal fills with Gain times a random matrix whose rows (or columns, whichever are fewer) are orthonormal. A weight of higher
// rank is seen as the matrix [product of the other axes, last axis].
//
// Source: Saxe et al. 2014.
type Orthogonal struct {
	Gain *float64 // nil: 1
	Seed *int     // nil: the stream of the weight; else the values depend on Seed and the shape alone
}

// Init implements [Initializer]. A shape of rank below 2 is an error.
func (o Orthogonal) Init(dst []float32, shape []int, stream Stream) error {
	if len(shape) < 2 {
		return errors.Errorf("initializers: Orthogonal: shape %v: expected rank 2 or more, got rank %d", shape, len(shape))
	}
	if err := check("Orthogonal", dst, shape); err != nil {
		return err
	}
	cols := shape[len(shape)-1]
	rows := len(dst) / cols
	long, short := max(rows, cols), min(rows, cols)
	draws := make([]float32, len(dst))
	normal(draws, seeded(o.Seed, stream), 0, 1)

	// Row j of q is column j of the matrix [long, short] that was drawn.
	q := make([][]float64, short)
	for j := range q {
		q[j] = make([]float64, long)
		for i := range q[j] {
			q[j][i] = float64(draws[i*short+j])
		}
	}
	if !orthonormalize(q) {
		return errors.Errorf("initializers: Orthogonal: shape %v: the matrix drawn is singular, try another seed", shape)
	}
	gain := optional.Or(o.Gain, 1)
	for j := range q {
		for i, v := range q[j] {
			if rows < cols {
				dst[j*cols+i] = float32(gain * v)
			} else {
				dst[i*cols+j] = float32(gain * v)
			}
		}
	}
	return nil
}

// orthonormalize replaces vectors by the factor Q of their QR decomposition whose R has a positive diagonal: Q is then spread evenly over
// the orthogonal matrices. Gram and Schmidt's projections are done twice, which makes them as exact as Householder's reflections
// (Giraud et al. 2005). It reports whether the vectors were independent.
func orthonormalize(q [][]float64) bool {
	for j, v := range q {
		before := math.Sqrt(dot(v, v))
		for range 2 {
			for _, u := range q[:j] {
				axpy(v, -dot(u, v), u)
			}
		}
		norm := math.Sqrt(dot(v, v))
		if !(norm > 1e-12*before) {
			return false
		}
		for i := range v {
			v[i] /= norm
		}
	}
	return true
}

func dot(x, y []float64) float64 {
	s := 0.0
	for i, v := range x {
		s += v * y[i]
	}
	return s
}

func axpy(y []float64, a float64, x []float64) {
	for i, v := range x {
		y[i] += a * v
	}
}
