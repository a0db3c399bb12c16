package layers

import (
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
)

// SimpleRNNCell is a step of [SimpleRNN]: of an input [batch, features] and the state [batch, units] it makes the output [batch, units], which is
// the new state.
type SimpleRNNCell struct {
	Base
	Units                int                      // size of output and state; required
	Activation           activations.Activation   // nil: Tanh
	UseBias              *bool                    // nil: true
	KernelInitializer    initializers.Initializer // nil: GlorotUniform
	RecurrentInitializer initializers.Initializer // nil: Orthogonal
	BiasInitializer      initializers.Initializer // nil: Zeros
	KernelRegularizer    regularizers.Regularizer
	RecurrentRegularizer regularizers.Regularizer
	BiasRegularizer      regularizers.Regularizer
	KernelConstraint     constraints.Constraint
	RecurrentConstraint  constraints.Constraint
	BiasConstraint       constraints.Constraint
	Dropout              float64 // share of the inputs that is dropped in training, the same at each step
	RecurrentDropout     float64 // share of the state that is dropped in training, the same at each step
	Seed                 *int    // of the dropout; nil: from the model's seed
}

func init() { saving.Register[SimpleRNNCell]("SimpleRNNCell", "keras.layers") }

func (r *SimpleRNNCell) cell() *recurrentCell {
	c := &recurrentCell{
		kind: ops.SimpleRNNCell, units: r.Units, gates: 1, activation: r.Activation,
		useBias: r.UseBias, biasShape: []int{r.Units},
		kernel:    Spec{Initializer: r.KernelInitializer, Regularizer: r.KernelRegularizer, Constraint: r.KernelConstraint},
		recurrent: Spec{Initializer: r.RecurrentInitializer, Regularizer: r.RecurrentRegularizer, Constraint: r.RecurrentConstraint},
		bias:      Spec{Initializer: r.BiasInitializer, Regularizer: r.BiasRegularizer, Constraint: r.BiasConstraint},
		dropout:   r.Dropout, recurrentDropout: r.RecurrentDropout, seed: r.Seed,
	}
	return c
}

// StateShapes implements [Cell].
func (r *SimpleRNNCell) StateShapes([]int) [][]int { return r.cell().stepStates() }

// Step implements [Cell].
func (r *SimpleRNNCell) Step(b *Builder, x ops.Tensor, states []ops.Tensor) (y ops.Tensor, next []ops.Tensor) {
	return r.cell().step(b, x, states)
}

func (r *SimpleRNNCell) begin(b *Builder, x ops.Tensor) (ops.Tensor, stepper) {
	return r.cell().begin(b, x)
}

// CallAll implements [MultiLayer]: it takes an input [batch, features] and the state, and returns the output and the next state.
func (r *SimpleRNNCell) CallAll(b *Builder, xs ...ops.Tensor) []ops.Tensor { return callCell(b, r, xs) }
