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

// GRUCell is a step of [GRU]: of an input [batch, features] and the state [batch, units] it makes the output [batch, units], which is
// the new state.
type GRUCell struct {
	Base
	Units                int                      // size of output and state; required
	Activation           activations.Activation   // nil: Tanh
	RecurrentActivation  activations.Activation   // of the gates; nil: Sigmoid
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
	// ResetAfter says that the reset gate is applied to the product of state and weights, rather than to the state. nil: true.
	ResetAfter *bool
}

func init() { saving.Register[GRUCell]("GRUCell", "keras.layers") }

func (g *GRUCell) cell() *recurrentCell {
	c := &recurrentCell{
		kind: ops.GRUCell, units: g.Units, gates: 3, activation: g.Activation, recurrentActivation: g.RecurrentActivation,
		useBias: g.UseBias, biasShape: []int{2, 3 * g.Units},
		kernel:    Spec{Initializer: g.KernelInitializer, Regularizer: g.KernelRegularizer, Constraint: g.KernelConstraint},
		recurrent: Spec{Initializer: g.RecurrentInitializer, Regularizer: g.RecurrentRegularizer, Constraint: g.RecurrentConstraint},
		bias:      Spec{Initializer: g.BiasInitializer, Regularizer: g.BiasRegularizer, Constraint: g.BiasConstraint},
		dropout:   g.Dropout, recurrentDropout: g.RecurrentDropout, seed: g.Seed,
	}
	if !optional.Or(g.ResetAfter, true) {
		c.kind, c.biasShape = ops.GRUResetBeforeCell, []int{3 * g.Units}
	}
	return c
}

// StateShapes implements [Cell].
func (g *GRUCell) StateShapes([]int) [][]int { return g.cell().stepStates() }

// Step implements [Cell].
func (g *GRUCell) Step(b *Builder, x ops.Tensor, states []ops.Tensor) (y ops.Tensor, next []ops.Tensor) {
	return g.cell().step(b, x, states)
}

func (g *GRUCell) begin(b *Builder, x ops.Tensor) (ops.Tensor, stepper) { return g.cell().begin(b, x) }

// CallAll implements [MultiLayer]: it takes an input [batch, features] and the state, and returns the output and the next state.
func (g *GRUCell) CallAll(b *Builder, xs ...ops.Tensor) []ops.Tensor { return callCell(b, g, xs) }
