package ops

import (
	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A pooling of images [batch, height, width, channels]. Results: the pooled images and, for the maximum, where it was found.
type pooling struct {
	max           bool
	size, strides [2]int
	padding       Padding
}

func (o pooling) name() string {
	if o.max {
		return "max_pool"
	}
	return "average_pool"
}

func (o pooling) auxiliary() int { return 1 }

func (o pooling) infer(in []Spec) ([]Spec, error) {
	x := in[0].Shape
	if len(x) != 4 {
		return nil, errors.Errorf("shape %v: expected images [batch, height, width, channels]", x)
	}
	h, _, err := extent(x[1], o.size[0], o.strides[0], 1, o.padding)
	if err != nil {
		return nil, errors.Wrapf(err, "height of %v", x)
	}
	w, _, err := extent(x[2], o.size[1], o.strides[1], 1, o.padding)
	if err != nil {
		return nil, errors.Wrapf(err, "width of %v", x)
	}
	s := []int{x[0], h, w, x[3]}
	return []Spec{floats(s...), {s, Int32}}, nil
}

func (o pooling) geometry(x, y []int) kernel.Pool2D {
	_, top, _ := extent(x[1], o.size[0], o.strides[0], 1, o.padding)
	_, left, _ := extent(x[2], o.size[1], o.strides[1], 1, o.padding)
	return kernel.Pool2D{
		N: x[0], H: x[1], W: x[2], C: x[3], KH: o.size[0], KW: o.size[1],
		SH: o.strides[0], SW: o.strides[1], Top: top, Left: left, OH: y[1], OW: y[2],
	}
}

func (o pooling) bind(c *binding) func() error {
	return pick(c, pool[float32](o, c), pool[float64](o, c))
}

func pool[T kernel.Float](o pooling, c *binding) func() error {
	x, y, at := data[T](c.in[0]), data[T](c.out[0]), c.out[1].i32
	p := o.geometry(c.in[0].Shape, c.out[0].Shape)
	if o.max {
		return func() error { kernel.MaxPool2D(p, y, at, x); return nil }
	}
	return func() error { kernel.AveragePool2D(p, y, x); return nil }
}

func (o pooling) gradient(c *chain) []Tensor {
	if o.max {
		return []Tensor{apply(poolingGradient{o, c.in[0].Spec()}, c.g(), c.out[1])}
	}
	return []Tensor{apply(poolingGradient{o, c.in[0].Spec()}, c.g())}
}

type poolingGradient struct {
	pool   pooling
	result Spec
}

func (o poolingGradient) name() string                 { return o.pool.name() + "_gradient" }
func (o poolingGradient) infer([]Spec) ([]Spec, error) { return []Spec{o.result}, nil }

func (o poolingGradient) bind(c *binding) func() error {
	return pick(c, poolBack[float32](o, c), poolBack[float64](o, c))
}

func poolBack[T kernel.Float](o poolingGradient, c *binding) func() error {
	dy, dx := data[T](c.in[0]), data[T](c.out[0])
	p := o.pool.geometry(o.result.Shape, c.in[0].Shape)
	if o.pool.max {
		at := c.in[1].i32
		return func() error { kernel.MaxPool2DGrad(p, dx, at, dy); return nil }
	}
	return func() error { kernel.AveragePool2DGrad(p, dx, dy); return nil }
}

func pooled(label string, isMax bool, x Tensor, w Window) Tensor {
	size, err := pair("pool_size", w.Size)
	if err != nil {
		return Fail(x.path, errors.Wrap(err, label))
	}
	strides, err := pair("strides", w.Strides, size[:]...)
	if err != nil {
		return Fail(x.path, errors.Wrap(err, label))
	}
	return apply(pooling{max: isMax, size: size, strides: strides, padding: w.Padding}, asFloat(x))
}

// MaxPool is the largest element in each window of images [batch, height, width, channels].
func MaxPool(x Tensor, w Window) Tensor { return pooled("max_pool", true, x, w) }

// AveragePool is the average of each window of images [batch, height, width, channels]; padding does not count.
func AveragePool(x Tensor, w Window) Tensor { return pooled("average_pool", false, x, w) }
