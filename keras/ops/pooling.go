package ops

import (
	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A pooling takes windows along one axis, or two neighbouring ones: all axes before count as a batch, all behind as channels. Results: what is
// pooled and, for the maximum, where it was found.
type pooling struct {
	max      bool
	adaptive bool // size is how many windows there are; they are as even as can be
	axis     int  // the first
	axes     int  // 1 or 2
	size     [2]int
	strides  [2]int
	padding  Padding
}

func (o pooling) name() string {
	name := "average_pool"
	if o.max {
		name = "max_pool"
	}
	if o.adaptive {
		return "adaptive_" + name
	}
	return name
}

func (o pooling) auxiliary() int { return 1 }

func (o pooling) infer(in []Spec) ([]Spec, error) {
	x := in[0].Shape
	y := append([]int{}, x...)
	for i := range o.axes {
		a := o.axis + i
		if o.padding != Same && !o.adaptive && x[a] != Unknown && x[a] < o.size[i] {
			return nil, errors.Errorf("a window of %d along axis %d of shape %v: expected at least %d elements there, got %d", o.size[i], a, x, o.size[i], x[a])
		}
		var err error
		if y[a], _, err = o.along(i, x[a]); err != nil {
			return nil, err
		}
	}
	return []Spec{floats(y...), {y, Int32}}, nil
}

// along is how many windows there are along the pooling's axis i, and how much padding comes before them.
func (o pooling) along(i, n int) (out, before int, err error) {
	if o.adaptive {
		return o.size[i], 0, nil
	}
	return extent(n, o.size[i], o.strides[i], 1, o.padding)
}

// geometry is how the windows lie over x; y is the shape of the result.
func (o pooling) geometry(x, y []int) kernel.Pool2D {
	p := kernel.Pool2D{N: size(x[:o.axis]), H: 1, C: size(x[o.axis+o.axes:]), KH: 1, SH: 1, OH: 1, Adaptive: o.adaptive}
	last := o.axes - 1
	w := o.axis + last
	p.W, p.OW, p.KW, p.SW = x[w], y[w], o.size[last], o.strides[last]
	_, p.Left, _ = o.along(last, p.W)
	if o.axes == 2 {
		p.H, p.OH, p.KH, p.SH = x[o.axis], y[o.axis], o.size[0], o.strides[0]
		_, p.Top, _ = o.along(0, p.H)
	}
	return p
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

// spatialAxes is how many axes x has between the batch and the channels.
func spatialAxes(x Tensor) (int, error) {
	n := x.Rank() - 2
	if n < 1 || n > 3 {
		return 0, errors.Errorf("input of shape %v: expected a batch, 1 to 3 axes to pool and channels, got %d axes", x.Shape(), x.Rank())
	}
	return n, nil
}

func pooled(x Tensor, isMax bool, w Window) Tensor {
	o := pooling{max: isMax, axes: 2, padding: w.Padding}
	x = asFloat(x)
	if x.Err() != nil {
		return apply(o, x)
	}
	n, err := spatialAxes(x)
	if err != nil {
		return Fail(x.path, errors.Wrap(err, o.name()))
	}
	size, err := perAxis("pool_size", w.Size, n, 1)
	if err != nil {
		return Fail(x.path, errors.Wrap(err, o.name()))
	}
	strides := size
	if w.Strides != nil {
		if strides, err = perAxis("strides", w.Strides, n, 1); err != nil {
			return Fail(x.path, errors.Wrap(err, o.name()))
		}
	}
	// Of three axes the last two are pooled first and then the first, which finds, of equal elements, the same as pooling all at once.
	for last := n; last > 0; last -= 2 {
		o.axes = min(last, 2)
		o.axis = last - o.axes + 1
		copy(o.size[:], size[o.axis-1:last])
		copy(o.strides[:], strides[o.axis-1:last])
		x = apply(o, x)
	}
	return x
}

// MaxPool is the largest element in each window of x [batch, ..., channels] with one to three axes between; of equal ones the first gets the
// gradient.
func MaxPool(x Tensor, w Window) Tensor { return pooled(x, true, w) }

// AveragePool is the average of each window of x [batch, ..., channels] with one to three axes between; padding does not count.
func AveragePool(x Tensor, w Window) Tensor { return pooled(x, false, w) }

// adaptive pools one axis after the other, from the front, by which it finds the same as Keras among equal elements.
func adaptive(x Tensor, isMax bool, output []int) Tensor {
	o := pooling{max: isMax, adaptive: true, axes: 1}
	x = asFloat(x)
	if x.Err() != nil {
		return apply(o, x)
	}
	n, err := spatialAxes(x)
	if err != nil {
		return Fail(x.path, errors.Wrap(err, o.name()))
	}
	sizes, err := perAxis("output_size", output, n, 1)
	if err != nil {
		return Fail(x.path, errors.Wrap(err, o.name()))
	}
	for i, windows := range sizes {
		o.axis, o.size[0] = i+1, windows
		x = apply(o, x)
	}
	return x
}

// AdaptiveMaxPool is the largest element in each of as many windows as size says, one number for each axis of x [batch, ..., channels] between
// batch and channels, or one for all. Window i of m along n elements goes from floor(i·n/m) to ceil((i+1)·n/m).
func AdaptiveMaxPool(x Tensor, size ...int) Tensor { return adaptive(x, true, size) }

// AdaptiveAveragePool is the average of each of the windows that [AdaptiveMaxPool] looks at.
func AdaptiveAveragePool(x Tensor, size ...int) Tensor { return adaptive(x, false, size) }
