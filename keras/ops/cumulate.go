package ops

import (
	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A cumulativeSum along an axis, from its start or from its end.
type cumulativeSum struct {
	axis    int
	reverse bool
}

func (o cumulativeSum) name() string                    { return "cumsum" }
func (o cumulativeSum) infer(in []Spec) ([]Spec, error) { return in, nil }

func (o cumulativeSum) bind(c *binding) func() error {
	return pick(c, sumUp[float32](o, c), sumUp[float64](o, c))
}

func sumUp[T kernel.Float](o cumulativeSum, c *binding) func() error {
	x, y := data[T](c.in[0]), data[T](c.out[0])
	outer, n, inner := around(c.in[0].Shape, o.axis)
	return func() error { kernel.CumSum(y, x, outer, n, inner, o.reverse); return nil }
}

func (o cumulativeSum) gradient(c *chain) []Tensor {
	return []Tensor{apply(cumulativeSum{o.axis, !o.reverse}, c.g())}
}

// A cumulativeProduct along an axis.
type cumulativeProduct struct{ axis int }

func (o cumulativeProduct) name() string                    { return "cumprod" }
func (o cumulativeProduct) infer(in []Spec) ([]Spec, error) { return in, nil }

func (o cumulativeProduct) bind(c *binding) func() error {
	return pick(c, multiplyUp[float32](o, c), multiplyUp[float64](o, c))
}

func multiplyUp[T kernel.Float](o cumulativeProduct, c *binding) func() error {
	x, y := data[T](c.in[0]), data[T](c.out[0])
	outer, n, inner := around(c.in[0].Shape, o.axis)
	return func() error {
		for r := range outer {
			for k := r * n * inner; k < (r+1)*n*inner; k++ {
				y[k] = x[k]
				if k >= (r*n+1)*inner {
					y[k] *= y[k-inner]
				}
			}
		}
		return nil
	}
}

func (o cumulativeProduct) gradient(c *chain) []Tensor {
	return []Tensor{apply(cumulativeProductGradient(o), c.in[0], c.g())}
}

// cumulativeProductGradient has the inputs x and dy. It multiplies anew for each element, as division by it would fail at 0.
type cumulativeProductGradient cumulativeProduct

func (o cumulativeProductGradient) name() string                    { return "cumprod_gradient" }
func (o cumulativeProductGradient) infer(in []Spec) ([]Spec, error) { return in[:1], nil }

func (o cumulativeProductGradient) bind(c *binding) func() error {
	return pick(c, multiplyUpGradient[float32](o, c), multiplyUpGradient[float64](o, c))
}

func multiplyUpGradient[T kernel.Float](o cumulativeProductGradient, c *binding) func() error {
	x, dy, dx := data[T](c.in[0]), data[T](c.in[1]), data[T](c.out[0])
	outer, n, inner := around(c.in[0].Shape, o.axis)
	return func() error {
		for r := range outer {
			for j := range inner {
				first := r*n*inner + j
				before, end := T(1), first+n*inner
				for i := first; i < end; i += inner {
					p, sum := before, before*dy[i]
					for k := i + inner; k < end; k += inner {
						p *= x[k]
						sum += p * dy[k]
					}
					dx[i] = sum
					before *= x[i]
				}
			}
		}
		return nil
	}
}

func cumulated(x Tensor, axis int, f func(axis int) operation) Tensor {
	x = asFloat(x)
	if x.Err() != nil {
		return x
	}
	a, err := axisOf(axis, x.Rank())
	if err != nil {
		return Fail(x.path, errors.Wrap(err, f(0).name()))
	}
	return apply(f(a), x)
}

// CumSum is, at each place of an axis, the sum of the elements up to it, as floats.
func CumSum(x Tensor, axis int) Tensor {
	return cumulated(x, axis, func(a int) operation { return cumulativeSum{axis: a} })
}

// CumProd is, at each place of an axis, the product of the elements up to it, as floats.
func CumProd(x Tensor, axis int) Tensor {
	return cumulated(x, axis, func(a int) operation { return cumulativeProduct{a} })
}
