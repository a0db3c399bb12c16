package layers

import (
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
)

// SimpleRNN reads a sequence [batch, time, features] step by step (Elman 1990), each output being fed back into the next, and returns the
// last [batch, units], or with ReturnSequences all of them [batch, time, units]. Steps that a mask leaves out keep the state.
//
// CallAll takes the sequence and perhaps the initial state [batch, units], and returns, with ReturnState, the output and the last state. With an
// initial state the sequence's mask is passed on but not used, as in Keras, where a layer of several tensors is not given the mask of one.
type SimpleRNN struct {
	Base
	Units                int                      // size of output and state; required
	Activation           activations.Activation   // a function of each element that ops.Recurrent takes; nil: Tanh
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

	kept keptStates
}

func init() { saving.Register[SimpleRNN]("SimpleRNN", "keras.layers") }

// Call implements [Layer]. ReturnState needs CallAll.
func (r *SimpleRNN) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return r.sequence().single(b, func() []ops.Tensor { return r.CallAll(b, x) })
}

// CallAll implements [MultiLayer].
func (r *SimpleRNN) CallAll(b *Builder, xs ...ops.Tensor) []ops.Tensor {
	c := (&SimpleRNNCell{
		Units: r.Units, Activation: r.Activation, UseBias: r.UseBias,
		KernelInitializer: r.KernelInitializer, RecurrentInitializer: r.RecurrentInitializer, BiasInitializer: r.BiasInitializer,
		KernelRegularizer: r.KernelRegularizer, RecurrentRegularizer: r.RecurrentRegularizer, BiasRegularizer: r.BiasRegularizer,
		KernelConstraint: r.KernelConstraint, RecurrentConstraint: r.RecurrentConstraint, BiasConstraint: r.BiasConstraint,
		Dropout: r.Dropout, RecurrentDropout: r.RecurrentDropout, Seed: r.Seed,
	}).cell()
	c.group = "cell"
	return c.call(b, r.sequence(), xs)
}

func (r *SimpleRNN) sequence() *sequence {
	s := &sequence{
		returnSequences: r.ReturnSequences, returnState: r.ReturnState, goBackwards: r.GoBackwards,
		zeroOutputForMask: r.ZeroOutputForMask, activity: r.ActivityRegularizer,
	}
	if r.Stateful {
		s.kept = &r.kept
	}
	return s
}

// SupportsMasking implements [MaskSupporter]: a sequence of outputs carries the mask of the inputs.
func (r *SimpleRNN) SupportsMasking() bool { return r.ReturnSequences }

// ResetStates makes a stateful layer start anew. It is not for use while the layer's model runs.
func (r *SimpleRNN) ResetStates() { r.kept.reset() }
