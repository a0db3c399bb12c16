package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// Dot is the sum of products of its two inputs over an axis of each, sample by sample: [batch, a..., k] and [batch, k, b...] become
// [batch, a..., b...] for the axes -1 and 1, and vectors [batch, k] become [batch, 1].
type Dot struct {
	Base
	Axes      []int // one of each input, or one number for both; not the batch; required
	Normalize bool  // scale both inputs to length 1 along the axes first, which makes the result their cosine
}

func init() { saving.Register[Dot]("Dot", "keras.layers") }

// Merge implements [Merger].
func (d *Dot) Merge(b *Builder, xs ...ops.Tensor) ops.Tensor {
	if len(xs) != 2 {
		return b.Errorf("expected two inputs, got %d", len(xs))
	}
	for _, x := range xs {
		if x.Err() != nil {
			return x
		}
	}
	axes, err := d.along(xs[0], xs[1])
	if err != nil {
		return b.Errorf("%s", err)
	}
	x, y := xs[0].WithMask(ops.Tensor{}), xs[1].WithMask(ops.Tensor{})
	if d.Normalize {
		x, y = ops.Normalize(x, axes[0], 2, 0), ops.Normalize(y, axes[1], 2, 0)
	}
	z := ops.Einsum(d.subscripts(x.Rank(), y.Rank(), axes), x, y)
	if x.Rank() == 2 && y.Rank() == 2 {
		return ops.ExpandDims(z, 1)
	}
	return z
}

// along reads the axes, from 0.
func (d *Dot) along(x, y ops.Tensor) (axes [2]int, err error) {
	if len(d.Axes) != 1 && len(d.Axes) != 2 {
		return axes, errors.Errorf("axes %v: expected one axis, or one of each input", d.Axes)
	}
	for i, t := range []ops.Tensor{x, y} {
		axis := d.Axes[min(i, len(d.Axes)-1)]
		if axis < 0 {
			axis += t.Rank()
		}
		if axis < 1 || axis >= t.Rank() {
			return axes, errors.Errorf("axes %v: expected an axis behind the batch of input %d of shape %v", d.Axes, i, t.Shape())
		}
		axes[i] = axis
	}
	m, n := x.Dim(axes[0]), y.Dim(axes[1])
	if m != n && m != ops.Unknown && n != ops.Unknown {
		return axes, errors.Errorf("axes %v of inputs of shapes %v: expected the same size, got %d and %d", d.Axes, shapesOf([]ops.Tensor{x, y}), m, n)
	}
	if m, n := x.Dim(0), y.Dim(0); m != n && m != ops.Unknown && n != ops.Unknown {
		return axes, errors.Errorf("inputs of shapes %v: expected batches of one size", shapesOf([]ops.Tensor{x, y}))
	}
	const most = 12 // axes of both inputs that letters are enough for
	if x.Rank() > most || y.Rank() > most {
		return axes, errors.Errorf("inputs of shapes %v: expected at most %d axes", shapesOf([]ops.Tensor{x, y}), most)
	}
	return axes, nil
}

// subscripts is the sum in Einstein's notation, with a for the batch and b for the axis that is summed over.
func (d *Dot) subscripts(m, n int, axes [2]int) string {
	next := byte('c')
	var result []byte
	letters := func(rank, axis int) string {
		s := []byte{'a'}
		for i := 1; i < rank; i++ {
			if i == axis {
				s = append(s, 'b')
				continue
			}
			s, result = append(s, next), append(result, next)
			next++
		}
		return string(s)
	}
	left, right := letters(m, axes[0]), letters(n, axes[1])
	return left + "," + right + "->a" + string(result)
}

// SaveConfig implements [saving.ConfigSaver].
func (d *Dot) SaveConfig(config map[string]any) error {
	bare(config, "axes")
	return nil
}
