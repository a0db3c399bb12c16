package ops

import (
	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A clip keeps elements within bounds; outside of them the gradient is 0.
type clip struct{ lo, hi float64 }

func (o clip) name() string { return "clip" }

func (o clip) infer(in []Spec) ([]Spec, error) {
	if !(o.lo <= o.hi) {
		return nil, errors.Errorf("bounds %v and %v: the first must not be above the second", o.lo, o.hi)
	}
	return in, nil
}

func (o clip) bind(c *binding) func() error {
	return pick(c, clipAll[float32](o, c), clipAll[float64](o, c))
}

func clipAll[T kernel.Float](o clip, c *binding) func() error {
	x, y := data[T](c.in[0]), data[T](c.out[0])
	return func() error { kernel.Clip(y, x, T(o.lo), T(o.hi)); return nil }
}

func (o clip) gradient(c *chain) []Tensor { return []Tensor{apply(clipGradient(o), c.in[0], c.g())} }

type clipGradient clip

func (o clipGradient) name() string                    { return "clip_gradient" }
func (o clipGradient) infer(in []Spec) ([]Spec, error) { return in[:1], nil }

func (o clipGradient) bind(c *binding) func() error {
	return pick(c, clipAllGradient[float32](o, c), clipAllGradient[float64](o, c))
}

func clipAllGradient[T kernel.Float](o clipGradient, c *binding) func() error {
	x, dy, dx := data[T](c.in[0]), data[T](c.in[1]), data[T](c.out[0])
	lo, hi := T(o.lo), T(o.hi)
	return func() error {
		for i, v := range x {
			dx[i] = 0
			if v >= lo && v <= hi {
				dx[i] = dy[i]
			}
		}
		return nil
	}
}

// Clip keeps every element within [lo, hi].
func Clip(x Tensor, lo, hi float64) Tensor { return apply(clip{lo, hi}, asFloat(x)) }
