package ops

import (
	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// softmax is over the last axis.
type softmax struct{ log bool }

func (o softmax) name() string {
	if o.log {
		return "log_softmax"
	}
	return "softmax"
}

func (o softmax) infer(in []Spec) ([]Spec, error) {
	if len(in[0].Shape) == 0 {
		return nil, errors.New("expected at least one axis, got a scalar")
	}
	return in, nil
}

func (o softmax) bind(c *binding) func() error {
	return pick(c, normalizeRows[float32](o, c), normalizeRows[float64](o, c))
}

func normalizeRows[T kernel.Float](o softmax, c *binding) func() error {
	x, y := data[T](c.in[0]), data[T](c.out[0])
	rows, n := rowsOf(c.in[0].Shape)
	if o.log {
		return func() error { kernel.LogSoftmax(y, x, rows, n); return nil }
	}
	return func() error { kernel.Softmax(y, x, rows, n); return nil }
}

// rowsOf sees a shape as a matrix with the same last axis.
func rowsOf(shape []int) (rows, n int) {
	n = shape[len(shape)-1]
	return size(shape) / n, n
}

func (o softmax) gradient(c *chain) []Tensor {
	return []Tensor{apply(softmaxGradient(o), c.out[0], c.g())}
}

type softmaxGradient softmax

func (o softmaxGradient) name() string                    { return softmax(o).name() + "_gradient" }
func (o softmaxGradient) infer(in []Spec) ([]Spec, error) { return in[:1], nil }

func (o softmaxGradient) bind(c *binding) func() error {
	return pick(c, normalizeRowsGradient[float32](o, c), normalizeRowsGradient[float64](o, c))
}

func normalizeRowsGradient[T kernel.Float](o softmaxGradient, c *binding) func() error {
	y, dy, dx := data[T](c.in[0]), data[T](c.in[1]), data[T](c.out[0])
	rows, n := rowsOf(c.in[0].Shape)
	if o.log {
		return func() error { kernel.LogSoftmaxGrad(dx, y, dy, rows, n); return nil }
	}
	return func() error { kernel.SoftmaxGrad(dx, y, dy, rows, n); return nil }
}

// onLastAxis applies a function of the last axis along any axis.
func onLastAxis(label string, x Tensor, axis int, f func(Tensor) Tensor) Tensor {
	if x.Err() != nil {
		return x
	}
	a, err := axisOf(axis, x.Rank())
	if err != nil {
		return Fail(x.path, errors.Wrap(err, label))
	}
	if a == x.Rank()-1 {
		return f(x)
	}
	order := make([]int, x.Rank())
	for i := range order {
		order[i] = i
	}
	order[a], order[len(order)-1] = len(order)-1, a
	return Transpose(f(Transpose(x, order...)), order...)
}

// Softmax is exp(x)/sum(exp(x)) along an axis.
func Softmax(x Tensor, axis int) Tensor {
	return onLastAxis("softmax", asFloat(x), axis, func(x Tensor) Tensor { return apply(softmax{}, x) })
}

// LogSoftmax is log(softmax(x)) along an axis, exact for small probabilities.
func LogSoftmax(x Tensor, axis int) Tensor {
	return onLastAxis("log_softmax", asFloat(x), axis, func(x Tensor) Tensor { return apply(softmax{log: true}, x) })
}
