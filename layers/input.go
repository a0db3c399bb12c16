package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// Input says what goes into a model: the first layer of a stack, or the start of a graph by keras.Input. It computes nothing.
type Input struct {
	Base      `keras:"-"`
	Shape     []int     // of one sample, without the batch axis; -1 where any size will do
	DType     ops.DType // "": float32
	BatchSize int       // 0: any
}

func init() { saving.Register[Input]("InputLayer", "keras.layers") }

// Call implements [Layer].
func (i *Input) Call(_ *Builder, x ops.Tensor) ops.Tensor { return x }

// Spec is the shape with the batch axis, and the element type.
func (i *Input) Spec() (ops.Spec, error) {
	batch := ops.Unknown
	if i.BatchSize > 0 {
		batch = i.BatchSize
	}
	dtype := i.DType
	if dtype == "" {
		dtype = ops.Float32
	}
	for _, d := range i.Shape {
		if d < ops.Unknown || d == 0 {
			return ops.Spec{}, errors.Errorf("input %s: shape %v: sizes must be positive, or -1 for any", i.Name, i.Shape)
		}
	}
	return ops.Spec{Shape: append([]int{batch}, i.Shape...), DType: dtype}, nil
}
