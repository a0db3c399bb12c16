package layers

import (
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
)

// Embedding turns ids into vectors: int32 [batch, ...] becomes [batch, ..., output_dim]. An id outside of [0, input_dim) is an error
// when the model runs.
type Embedding struct {
	Base
	InputDim              int                      // number of ids; required
	OutputDim             int                      // size of a vector; required
	EmbeddingsInitializer initializers.Initializer // nil: RandomUniform
	EmbeddingsRegularizer regularizers.Regularizer
	EmbeddingsConstraint  constraints.Constraint
	MaskZero              bool // id 0 is padding: the output carries a mask
}

func init() { saving.Register[Embedding]("Embedding", "keras.layers") }

// Call implements [Layer].
func (e *Embedding) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if err := positive("input_dim", e.InputDim); err != nil {
		return b.Errorf("%s", err)
	}
	if err := positive("output_dim", e.OutputDim); err != nil {
		return b.Errorf("%s", err)
	}
	x = ops.Cast(x, ops.Int32)
	table := b.Weight("embeddings", []int{e.InputDim, e.OutputDim},
		Spec{Initializer: initializerOr(e.EmbeddingsInitializer, initializers.RandomUniform{}), Regularizer: e.EmbeddingsRegularizer, Constraint: e.EmbeddingsConstraint})
	y := ops.Take(table, x, 0)
	if e.MaskZero {
		return y.WithMask(ops.NotEqual(x, ops.Int(0)))
	}
	return y
}
