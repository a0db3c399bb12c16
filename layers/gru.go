package layers

import (
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
)

// GRU reads a sequence [batch, time, features] step by step (Cho et al. 2014) and returns its last output [batch, units], or with
// ReturnSequences those of all steps [batch, time, units]. Steps that a mask leaves out keep the state.
//
// CallAll takes the sequence and perhaps the initial state [batch, units], and returns, with ReturnState, the output and the last state. With an
// initial state the sequence's mask is passed on but not used, as in Keras, where a layer of several tensors is not given the mask of one.
type GRU struct {
	Base
	Units                int                      // size of output and state; required
	Activation           activations.Activation   // a function of each element that ops.Recurrent takes; nil: Tanh
	RecurrentActivation  activations.Activation   // the same, of the gates; nil: Sigmoid
	UseBias              *bool                    // nil: true
	KernelInitializer    initializers.Initializer // nil: GlorotUniform
	RecurrentInitializer initializers.Initializer // nil: Orthogonal
	BiasInitializer      initializers.Initializer // nil: Zeros
	KernelRegularizer    regularizers.Regularizer
	RecurrentRegularizer regularizers.Regularizer
	BiasRegularizer      regularizers.Regularizer
	ActivityRegularizer  regularizers.Regularizer
	KernelConstraint     constraints.Constraint
	RecurrentConstraint  constraints.Constraint
	BiasConstraint       constraints.Constraint
	Dropout              float64 // share of the inputs that is dropped in training, the same at each step
	RecurrentDropout     float64 // share of the state that is dropped in training, the same at each step
	Seed                 *int    // of the dropout; nil: from the model's seed
	ReturnSequences      bool    // return the outputs of all steps
	ReturnState          bool    // return the last state as well
	GoBackwards          bool    // read the sequence from its end; outputs are in reading order
	Stateful             bool    // start a batch from the state that the one before it ended with, which needs a fixed batch size
	Unroll               bool    // accepted and ignored: a sequence is one operation
	ZeroOutputForMask    bool    // masked steps give 0 instead of the last output
	// ResetAfter says that the reset gate is applied to the product of state and weights, rather than to the state. nil: true.
	ResetAfter *bool

	kept keptStates
}

func init() { saving.Register[GRU]("GRU", "keras.layers") }

// Call implements [Layer]. ReturnState needs CallAll.
func (g *GRU) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return g.sequence().single(b, func() []ops.Tensor { return g.CallAll(b, x) })
}

// CallAll implements [MultiLayer].
func (g *GRU) CallAll(b *Builder, xs ...ops.Tensor) []ops.Tensor {
	c := (&GRUCell{
		Units: g.Units, Activation: g.Activation, RecurrentActivation: g.RecurrentActivation, UseBias: g.UseBias,
		KernelInitializer: g.KernelInitializer, RecurrentInitializer: g.RecurrentInitializer, BiasInitializer: g.BiasInitializer,
		KernelRegularizer: g.KernelRegularizer, RecurrentRegularizer: g.RecurrentRegularizer, BiasRegularizer: g.BiasRegularizer,
		KernelConstraint: g.KernelConstraint, RecurrentConstraint: g.RecurrentConstraint, BiasConstraint: g.BiasConstraint,
		Dropout: g.Dropout, RecurrentDropout: g.RecurrentDropout, Seed: g.Seed, ResetAfter: g.ResetAfter,
	}).cell()
	c.group = "cell"
	return c.call(b, g.sequence(), xs)
}

func (g *GRU) sequence() *sequence {
	s := &sequence{
		returnSequences: g.ReturnSequences, returnState: g.ReturnState, goBackwards: g.GoBackwards,
		zeroOutputForMask: g.ZeroOutputForMask, activity: g.ActivityRegularizer,
	}
	if g.Stateful {
		s.kept = &g.kept
	}
	return s
}

// SupportsMasking implements [MaskSupporter]: a sequence of outputs carries the mask of the inputs.
func (g *GRU) SupportsMasking() bool { return g.ReturnSequences }

// ResetStates makes a stateful layer start anew. It is not for use while the layer's model runs.
func (g *GRU) ResetStates() { g.kept.reset() }
