package metrics

import (
	"slices"

	"github.com/gokeras/gokeras/internal/array"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// An operand is the numbers of an array in row-major order.
type operand struct {
	x     []float32
	shape []int
	own   []float32 // where x is a copy
}

func (o *operand) read(d *tensor.Dense) (err error) {
	if o.x, o.own, err = array.Float32s(o.own, d); err != nil {
		return err
	}
	o.shape = append(o.shape[:0], d.Shape()...)
	return nil
}

// A batch is what one update was given, with the buffers that the next one uses again.
type batch struct {
	name     string
	t, p, w  operand
	weighted bool
	spread   []float32 // weights where they had to be repeated
}

// read converts an update's arrays to float32, as Keras does.
func (b *batch) read(name string, yTrue, yPred, weight *tensor.Dense) error {
	b.name = name
	if err := b.p.read(yPred); err != nil {
		return errors.WithMessagef(err, "metrics: %s: yPred", name)
	}
	if err := b.t.read(yTrue); err != nil {
		return errors.WithMessagef(err, "metrics: %s: yTrue", name)
	}
	if len(b.t.shape) == 0 || len(b.p.shape) == 0 {
		return b.errorf("expected a batch axis, got yTrue %v and yPred %v", b.t.shape, b.p.shape)
	}
	if len(b.t.x) == 0 || len(b.p.x) == 0 {
		return b.errorf("expected at least one number, got yTrue %v and yPred %v", b.t.shape, b.p.shape)
	}
	if b.weighted = weight != nil; b.weighted {
		if err := b.w.read(weight); err != nil {
			return errors.WithMessagef(err, "metrics: %s: sampleWeight", name)
		}
	}
	return nil
}

func (b *batch) errorf(format string, args ...any) error {
	return errors.Errorf("metrics: "+b.name+": "+format, args...)
}

// alike checks that labels and predictions correspond number by number, but for a last axis of size 1.
func (b *batch) alike() error {
	sameRank(&b.t.shape, &b.p.shape)
	return b.equal()
}

func (b *batch) equal() error {
	if !slices.Equal(b.t.shape, b.p.shape) {
		return b.errorf("expected equal shapes, got yTrue %v and yPred %v", b.t.shape, b.p.shape)
	}
	return nil
}

// sameRank is how Keras brings two shapes to one rank where they differ by a last axis of size 1: a shape of rank 1 gets one, any other
// loses it.
func sameRank(x, y *[]int) {
	if len(*x) < len(*y) {
		x, y = y, x
	}
	last := len(*x) - 1
	switch {
	case last != len(*y) || (*x)[last] != 1:
	case last == 1:
		*y = append(*y, 1)
	default:
		*x = (*x)[:last]
	}
}

// weights returns a weight for each of the values' first axes, as many as the weights have, and how many values each one is for.
func (b *batch) weights(shape []int) (w []float32, each int, err error) {
	rank := len(b.w.shape)
	if rank > len(shape) {
		return nil, 0, b.errorf("expected weights of rank %d at most, got sampleWeight %v", len(shape), b.w.shape)
	}
	w, err = b.repeat(shape[:rank])
	return w, size(shape[rank:]), err
}

// repeat returns the weights repeated along their axes of size 1 to the given shape of the same rank or higher. Axes are counted from the last.
func (b *batch) repeat(shape []int) ([]float32, error) {
	from := b.w.shape
	if slices.Equal(from, shape) {
		return b.w.x, nil
	}
	skip := len(shape) - len(from)
	if skip < 0 {
		return nil, b.errorf("expected weights of shape %v, got sampleWeight %v", shape, from)
	}
	for i, n := range from {
		if n != 1 && n != shape[skip+i] {
			return nil, b.errorf("expected weights of shape %v, got sampleWeight %v", shape, from)
		}
	}
	b.spread = grown(b.spread, size(shape))
	for i := range b.spread {
		at, stride, rest := 0, 1, i
		for axis, n := range slices.Backward(shape) {
			k := rest % n
			rest /= n
			if axis >= skip && from[axis-skip] > 1 {
				at += k * stride
				stride *= n
			}
		}
		b.spread[i] = b.w.x[at]
	}
	return b.spread, nil
}

// size is the number of elements of a shape.
func size(shape []int) int {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return n
}

// grown returns a slice of n elements, x's memory where that is enough.
func grown[T any](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n)
	}
	return x[:n]
}

// axisOf is the number of a shape's axis, counted from the end where it is negative; nil is the last one.
func (b *batch) axisOf(axis *int, shape []int) (int, error) {
	rank := len(shape)
	if axis == nil {
		return rank - 1, nil
	}
	a := *axis
	if a < 0 {
		a += rank
	}
	if a < 0 || a >= rank {
		return 0, b.errorf("Axis: expected one of shape %v, got %d", shape, *axis)
	}
	return a, nil
}

// epsilon is Keras's, as float32.
const epsilon = 1e-7

// clip limits a probability as Keras on JAX does, so that its logarithm and that of its complement exist.
func clip(p float32) float32 {
	const most = float32(1) - float32(epsilon)
	return min(max(p, epsilon), most)
}
