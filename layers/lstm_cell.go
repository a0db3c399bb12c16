package layers

import (
	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
)

// LSTMCell is a step of [LSTM]: of an input [batch, features] and the states h and c [batch, units] it makes the output [batch, units], which is
// the new h, and the new c.
type LSTMCell struct {
	Base
	Units                int                      // size of output and state; required
	Activation           activations.Activation   // nil: Tanh
	RecurrentActivation  activations.Activation   // of the gates; nil: Sigmoid
	UseBias              *bool                    // nil: true
	KernelInitializer    initializers.Initializer // nil: GlorotUniform
	RecurrentInitializer initializers.Initializer // nil: Orthogonal
	BiasInitializer      initializers.Initializer // nil: Zeros
	UnitForgetBias       *bool                    // start with a bias of 1 for the forget gate; nil: true
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

func init() { saving.Register[LSTMCell]("LSTMCell", "keras.layers") }

func (l *LSTMCell) cell() *recurrentCell {
	c := &recurrentCell{
		kind: ops.LSTMCell, units: l.Units, gates: 4, activation: l.Activation, recurrentActivation: l.RecurrentActivation,
		useBias: l.UseBias, biasShape: []int{4 * l.Units},
		kernel:    Spec{Initializer: l.KernelInitializer, Regularizer: l.KernelRegularizer, Constraint: l.KernelConstraint},
		recurrent: Spec{Initializer: l.RecurrentInitializer, Regularizer: l.RecurrentRegularizer, Constraint: l.RecurrentConstraint},
		bias:      Spec{Initializer: l.BiasInitializer, Regularizer: l.BiasRegularizer, Constraint: l.BiasConstraint},
		dropout:   l.Dropout, recurrentDropout: l.RecurrentDropout, seed: l.Seed,
	}
	if optional.Or(l.UnitForgetBias, true) {
		c.bias.Initializer = forgetBias{initializerOr(l.BiasInitializer, initializers.Zeros{})}
	}
	return c
}

// StateShapes implements [Cell].
func (l *LSTMCell) StateShapes([]int) [][]int { return l.cell().stepStates() }

// Step implements [Cell].
func (l *LSTMCell) Step(b *Builder, x ops.Tensor, states []ops.Tensor) (y ops.Tensor, next []ops.Tensor) {
	return l.cell().step(b, x, states)
}

func (l *LSTMCell) begin(b *Builder, x ops.Tensor) (ops.Tensor, stepper) { return l.cell().begin(b, x) }

// CallAll implements [MultiLayer]: it takes an input [batch, features] and the states h and c, and returns the output and the next states h and c.
func (l *LSTMCell) CallAll(b *Builder, xs ...ops.Tensor) []ops.Tensor { return callCell(b, l, xs) }
