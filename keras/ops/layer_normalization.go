package ops

import (
	"slices"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A layerNorm normalizes rows by their own statistics. Inputs: x, then scale and shift where there are any.
type layerNorm struct {
	epsilon              float64
	center, scale, shift bool
}

func (o layerNorm) name() string {
	if o.center {
		return "layer_normalization"
	}
	return "rms_normalization"
}

func (o layerNorm) infer(in []Spec) ([]Spec, error) {
	s := in[0].Shape
	if len(s) == 0 || s[len(s)-1] < 1 {
		return nil, errors.Errorf("shape %v: expected a last axis of a size that is known and positive", s)
	}
	for _, w := range in[1:] {
		if !sameShape(w.Shape, s[len(s)-1:]) {
			return nil, errors.Errorf("scale or offset of shape %v: expected %v, the last axis of x", w.Shape, s[len(s)-1:])
		}
	}
	return in[:1], nil
}

// rowOf is an input of the row's size; where it is not there, all elements are the same.
func rowOf[T kernel.Float](c *binding, there bool, next *int, otherwise T) []T {
	if there {
		*next++
		return data[T](c.in[*next-1])
	}
	_, n := rowsOf(c.in[0].Shape)
	row := make([]T, n)
	for i := range row {
		row[i] = otherwise
	}
	return row
}

func (o layerNorm) bind(c *binding) func() error {
	return pick(c, normalizeEach[float32](o, c), normalizeEach[float64](o, c))
}

func normalizeEach[T kernel.Float](o layerNorm, c *binding) func() error {
	next := 1
	x, y := data[T](c.in[0]), data[T](c.out[0])
	if x == nil {
		return nil // the program's floats are of the other type
	}
	gamma, beta := rowOf[T](c, o.scale, &next, 1), rowOf[T](c, o.shift, &next, 0)
	m, n := rowsOf(c.in[0].Shape)
	return func() error {
		kernel.LayerNorm(y, x, gamma, beta, m, n, T(o.epsilon), o.center)
		return nil
	}
}

func (o layerNorm) gradient(c *chain) []Tensor {
	in := []Tensor{c.in[0], c.g()}
	if o.scale {
		in = append(in, c.in[1])
	}
	r := applyAll(layerNormGradient(o), in...)
	if !o.scale {
		r = slices.Delete(r, 1, 2)
	}
	out := make([]Tensor, len(c.in))
	for i := range out {
		if c.needs[i] {
			out[i] = r[i]
		}
	}
	return out
}

// layerNormGradient has x, the gradient of the result and, where there is one, the scale; its results are the gradients of x, scale and shift.
type layerNormGradient layerNorm

func (o layerNormGradient) name() string { return layerNorm(o).name() + "_gradient" }

func (o layerNormGradient) infer(in []Spec) ([]Spec, error) {
	s := in[0].Shape
	row := floats(s[len(s)-1])
	return []Spec{in[0], row, row}, nil
}

func (o layerNormGradient) bind(c *binding) func() error {
	return pick(c, normalizeEachBack[float32](o, c), normalizeEachBack[float64](o, c))
}

func normalizeEachBack[T kernel.Float](o layerNormGradient, c *binding) func() error {
	next := 2
	x, dy, dx := data[T](c.in[0]), data[T](c.in[1]), data[T](c.out[0])
	if x == nil {
		return nil
	}
	gamma := rowOf[T](c, o.scale, &next, 1)
	m, n := rowsOf(c.in[0].Shape)
	dgamma, dbeta := data[T](c.out[1]), data[T](c.out[2])
	if dx == nil {
		dx = make([]T, m*n)
	}
	if dgamma == nil {
		dgamma = make([]T, n)
	}
	if dbeta == nil {
		dbeta = make([]T, n)
	}
	return func() error {
		kernel.LayerNormGrad(dx, dgamma, dbeta, x, gamma, dy, m, n, T(o.epsilon), o.center)
		return nil
	}
}

// LayerNormalization gives each row of x [..., features] mean 0 and variance 1, then scales and shifts it: (x-mean)/√(variance+epsilon)·gamma +
// beta, all by the row's own (biased) statistics. Gamma and beta [features] may be left out (the zero Tensor).
func LayerNormalization(x, gamma, beta Tensor, epsilon float64) Tensor {
	o := layerNorm{epsilon: epsilon, center: true, scale: gamma.Valid(), shift: beta.Valid()}
	return apply(o, append([]Tensor{asFloat(x)}, given(gamma, beta)...)...)
}

// RMSNormalization divides each row of x [..., features] by the root of its mean square: x/√(mean(x²)+epsilon)·scale. The scale [features] may be
// left out (the zero Tensor).
func RMSNormalization(x, scale Tensor, epsilon float64) Tensor {
	return apply(layerNorm{epsilon: epsilon, scale: scale.Valid()}, append([]Tensor{asFloat(x)}, given(scale)...)...)
}
