package preprocessing

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/array"
)

// NormalizeOptions are the options of [Normalize].
type NormalizeOptions struct {
	Axis  *int     // The axis along which vectors lie; a negative one counts from the last. nil: -1.
	Order *float64 // The order of the norm: 1 the sum of magnitudes, 2 the length, infinity the largest magnitude, 0 the number of values; nil: 2.
}

// Normalize divides every vector along an axis of x by its norm and returns a new float32 array of x's shape. Vectors of norm 0 stay as they are.
//
// Source: keras.utils.normalize of tensors; of NumPy arrays it takes the last axis for the first and adds an axis to a single vector.
func Normalize(x *tensor.Dense, o NormalizeOptions) (*tensor.Dense, error) {
	values, err := array.Float64s(x)
	if err != nil {
		return nil, errors.WithMessage(err, "preprocessing: Normalize")
	}
	if len(values) == 0 {
		return nil, errors.Errorf("preprocessing: Normalize: expected at least one value, got shape %v", x.Shape())
	}
	axis := -1
	if o.Axis != nil {
		axis = *o.Axis
	}
	if axis < 0 {
		axis += x.Dims()
	}
	if axis < 0 || axis >= x.Dims() {
		return nil, errors.Errorf("preprocessing: Normalize: Axis: expected one of %d, got %d", x.Dims(), axis)
	}
	order := 2.0
	if o.Order != nil {
		order = *o.Order
	}
	if math.IsNaN(order) {
		return nil, errors.New("preprocessing: Normalize: Order: expected a number, got NaN")
	}
	stride := 1
	for _, size := range x.Shape()[axis+1:] {
		stride *= size
	}
	length := x.Shape()[axis]
	normalized := make([]float32, len(values))
	for first := range values {
		if first/stride%length != 0 {
			continue
		}
		vector := line{values, first, stride, length}
		n := vector.norm(order)
		if n == 0 {
			n = 1
		}
		for i := range length {
			normalized[first+i*stride] = float32(vector.at(i) / n)
		}
	}
	return tensor.New(tensor.WithShape(x.Shape()...), tensor.WithBacking(normalized)), nil
}

// line is one vector along an axis.
type line struct {
	values                []float64
	first, stride, length int
}

func (l line) at(i int) float64 { return l.values[l.first+i*l.stride] }

func (l line) norm(order float64) float64 {
	switch {
	case math.IsInf(order, 1):
		return l.sum(0, func(s, v float64) float64 { return max(s, v) })
	case math.IsInf(order, -1):
		return l.sum(math.Inf(1), func(s, v float64) float64 { return min(s, v) })
	case order == 0:
		return l.sum(0, func(s, v float64) float64 {
			if v != 0 {
				s++
			}
			return s
		})
	case order == 1:
		return l.sum(0, func(s, v float64) float64 { return s + v })
	case order == 2:
		return math.Sqrt(l.sum(0, func(s, v float64) float64 { return s + v*v }))
	}
	return math.Pow(l.sum(0, func(s, v float64) float64 { return s + math.Pow(v, order) }), 1/order)
}

// sum folds the magnitudes.
func (l line) sum(s float64, f func(s, v float64) float64) float64 {
	for i := range l.length {
		s = f(s, math.Abs(l.at(i)))
	}
	return s
}
