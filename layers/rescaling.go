package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Rescaling computes x·scale + offset, such as for pixels: a Scale of 1.0/255 makes [0, 255] [0, 1].
type Rescaling struct {
	Base
	Scale   float64   `keras:"scale"`  // required, or Scales
	Scales  []float64 `keras:"scale"`  // one for each index of the last axis
	Offset  float64   `keras:"offset"` // 0: none
	Offsets []float64 `keras:"offset"` // one for each index of the last axis
}

func init() { saving.Register[Rescaling]("Rescaling", "keras.layers") }

// factors are the scales and offsets, one or one for each index of the last axis.
func (r *Rescaling) factors() (scales, offsets []float64, err error) {
	scales, offsets = r.Scales, r.Offsets
	switch {
	case r.Scale != 0 && scales != nil || r.Offset != 0 && offsets != nil:
		return nil, nil, errors.New("scale or offset: expected one number or a list, got both")
	case r.Scale == 0 && len(scales) == 0:
		return nil, nil, errors.New("scale: expected a number other than 0, got none")
	}
	if scales == nil {
		scales = []float64{r.Scale}
	}
	if len(offsets) == 0 {
		offsets = []float64{r.Offset}
	}
	return scales, offsets, nil
}

func narrowed(v []float64) []float32 {
	out := make([]float32, len(v))
	for i, f := range v {
		out[i] = float32(f)
	}
	return out
}

func constant(v []float64) ops.Tensor {
	if len(v) == 1 {
		return ops.Scalar(v[0])
	}
	return ops.Array(tensor.New(tensor.WithShape(len(v)), tensor.WithBacking(narrowed(v))))
}

// Call implements [Layer].
func (r *Rescaling) Call(b *Builder, x ops.Tensor) ops.Tensor {
	scales, offsets, err := r.factors()
	if err != nil {
		return b.Errorf("%s", err)
	}
	return ops.Add(ops.Multiply(ops.Cast(x, ops.Float32), constant(scales)), constant(offsets))
}

// Apply implements [Applier].
func (r *Rescaling) Apply(x *tensor.Dense) (*tensor.Dense, error) {
	scales, offsets, err := r.factors()
	if err != nil {
		return nil, errors.WithMessage(err, "rescaling")
	}
	a, b := narrowed(scales), narrowed(offsets)
	return prepare(func(in []ops.Spec) (recipe, error) {
		shape := in[0].Shape
		last := 1
		if len(shape) > 0 {
			last = shape[len(shape)-1]
		}
		if len(a) > 1 && len(a) != last || len(b) > 1 && len(b) != last {
			return recipe{}, errors.Errorf("rescaling: an input of shape %v does not fit %d scales and %d offsets", shape, len(a), len(b))
		}
		return recipe{"rescaling", ops.Spec{Shape: shape, DType: ops.Float32}, func(out *tensor.Dense, in []*tensor.Dense) error {
			y, err := floats(in[0])
			for i, v := range y {
				scaled := v * a[i%len(a)]
				out.Float32s()[i] = scaled + b[i%len(b)]
			}
			return err
		}}, nil
	}, x)
}

// floats reads numbers as float32.
func floats(d *tensor.Dense) ([]float32, error) {
	switch v := d.Data().(type) {
	case []float32:
		return v, nil
	case []int32:
		return converted(v), nil
	case []int64:
		return converted(v), nil
	}
	return nil, errors.Errorf("expected numbers, got %v", d.Dtype())
}

func converted[T int32 | int64](v []T) []float32 {
	out := make([]float32, len(v))
	for i, n := range v {
		out[i] = float32(n)
	}
	return out
}

// SupportsMasking implements [MaskSupporter].
func (r *Rescaling) SupportsMasking() bool { return true }
