package ops

import (
	"slices"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A reduction is over adjacent axes: the tensor is seen as [outer, n, inner] and becomes [outer, inner].
type reduction struct {
	label    string
	f        kernel.Reduction
	from, to int // the axes [from, to)
}

func (o reduction) name() string { return o.label }

func (o reduction) infer(in []Spec) ([]Spec, error) {
	if !in[0].DType.isFloat() {
		return nil, errors.Errorf("expected a float tensor, got %s", in[0].DType)
	}
	return []Spec{floats(slices.Delete(slices.Clone(in[0].Shape), o.from, o.to)...)}, nil
}

func (o reduction) cut(shape []int) (outer, n, inner int) {
	return size(shape[:o.from]), size(shape[o.from:o.to]), size(shape[o.to:])
}

func (o reduction) bind(c *binding) func() error {
	return pick(c, reduce[float32](o, c), reduce[float64](o, c))
}

func reduce[T kernel.Float](o reduction, c *binding) func() error {
	x, y := data[T](c.in[0]), data[T](c.out[0])
	outer, n, inner := o.cut(c.in[0].Shape)
	return func() error {
		kernel.Reduce(o.f, y, x, outer, n, inner)
		return nil
	}
}

func (o reduction) gradient(c *chain) []Tensor {
	return []Tensor{apply(reductionGradient(o), c.in[0], c.out[0], c.g())}
}

type reductionGradient reduction

func (o reductionGradient) name() string                    { return o.label + "_gradient" }
func (o reductionGradient) infer(in []Spec) ([]Spec, error) { return in[:1], nil }

func (o reductionGradient) bind(c *binding) func() error {
	return pick(c, reduceGradient[float32](o, c), reduceGradient[float64](o, c))
}

func reduceGradient[T kernel.Float](o reductionGradient, c *binding) func() error {
	x, y, dy, dx := data[T](c.in[0]), data[T](c.in[1]), data[T](c.in[2]), data[T](c.out[0])
	outer, n, inner := reduction(o).cut(c.in[0].Shape)
	return func() error {
		kernel.ReduceGrad(o.f, dx, x, y, dy, outer, n, inner)
		return nil
	}
}

// reduced applies a reduction over any axes: adjacent ones at once, from the last to the first.
func reduced(label string, f kernel.Reduction, x Tensor, axes []int) Tensor {
	x = asFloat(x)
	if x.Err() != nil {
		return apply(reduction{label: label}, x)
	}
	as, err := axesOf(axes, x.Rank())
	if err != nil {
		return Fail(x.path, errors.Wrap(err, label))
	}
	for len(as) > 0 {
		to := len(as)
		from := to - 1
		for from > 0 && as[from-1] == as[from]-1 {
			from--
		}
		x = apply(reduction{label, f, as[from], as[to-1] + 1}, x)
		as = as[:from]
	}
	return x
}

// KeepDims gives a reduced tensor its axes back, with size 1: reduce(x, axes...) is the reduction, such as [Mean].
func KeepDims(reduce func(Tensor, ...int) Tensor, x Tensor, axes ...int) Tensor {
	y := reduce(x, axes...)
	if y.Err() != nil {
		return y
	}
	as, err := axesOf(axes, x.Rank())
	if err != nil {
		return Fail(x.path, err)
	}
	shape := x.Shape()
	for _, a := range as {
		shape[a] = 1
	}
	return Reshape(y, shape...)
}

// Sum adds up along axes; along all where none are given.
func Sum(x Tensor, axes ...int) Tensor { return reduced("sum", kernel.Sum, x, axes) }

// Mean is the average along axes; along all where none are given.
func Mean(x Tensor, axes ...int) Tensor { return reduced("mean", kernel.Mean, x, axes) }

// Max is the largest element along axes; along all where none are given.
func Max(x Tensor, axes ...int) Tensor { return reduced("max", kernel.Max, x, axes) }

// Min is the smallest element along axes; along all where none are given.
func Min(x Tensor, axes ...int) Tensor { return reduced("min", kernel.Min, x, axes) }

// Prod multiplies along axes; along all where none are given.
func Prod(x Tensor, axes ...int) Tensor { return reduced("prod", kernel.Prod, x, axes) }

// Var is the mean squared distance from the mean along axes.
func Var(x Tensor, axes ...int) Tensor {
	return Mean(Square(Subtract(x, KeepDims(Mean, x, axes...))), axes...)
}

// Std is the square root of [Var].
func Std(x Tensor, axes ...int) Tensor { return Sqrt(Var(x, axes...)) }

// LogSumExp is log(sum(exp(x))) along axes, without overflow.
func LogSumExp(x Tensor, axes ...int) Tensor {
	m := StopGradient(KeepDims(Max, x, axes...))
	s := Log(Sum(Exp(Subtract(x, m)), axes...))
	return Add(s, Reshape(m, s.Shape()...))
}
