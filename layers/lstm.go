package layers

import (
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
)

// LSTM reads a sequence [batch, time, features] step by step (Hochreiter and Schmidhuber 1997) and returns its last output
// [batch, units], or with ReturnSequences those of all steps [batch, time, units]. Steps that a mask leaves out keep the state.
//
// CallAll takes the sequence and perhaps the initial states h and c [batch, units], and returns, with ReturnState, the output and the last h and c. With an
// initial state the sequence's mask is passed on but not used, as in Keras, where a layer of several tensors is not given the mask of one.
type LSTM struct {
	Base
	Units                int                      // size of output and state; required
	Activation           activations.Activation   // a function of each element that ops.Recurrent takes; nil: Tanh
	RecurrentActivation  activations.Activation   // the same, of the gates; nil: Sigmoid
	UseBias              *bool                    // nil: true
	KernelInitializer    initializers.Initializer // nil: GlorotUniform
	RecurrentInitializer initializers.Initializer // nil: Orthogonal
	BiasInitializer      initializers.Initializer // nil: Zeros
	UnitForgetBias       *bool                    // start with a bias of 1 for the forget gate; nil: true
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

func init() { saving.Register[LSTM]("LSTM", "keras.layers") }

// Call implements [Layer]. ReturnState needs CallAll.
func (l *LSTM) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return l.sequence().single(b, func() []ops.Tensor { return l.CallAll(b, x) })
}

// CallAll implements [MultiLayer].
func (l *LSTM) CallAll(b *Builder, xs ...ops.Tensor) []ops.Tensor {
	c := (&LSTMCell{
		Units: l.Units, Activation: l.Activation, RecurrentActivation: l.RecurrentActivation, UseBias: l.UseBias,
		KernelInitializer: l.KernelInitializer, RecurrentInitializer: l.RecurrentInitializer, BiasInitializer: l.BiasInitializer,
		KernelRegularizer: l.KernelRegularizer, RecurrentRegularizer: l.RecurrentRegularizer, BiasRegularizer: l.BiasRegularizer,
		KernelConstraint: l.KernelConstraint, RecurrentConstraint: l.RecurrentConstraint, BiasConstraint: l.BiasConstraint,
		Dropout: l.Dropout, RecurrentDropout: l.RecurrentDropout, Seed: l.Seed, UnitForgetBias: l.UnitForgetBias,
	}).cell()
	c.group = "cell"
	return c.call(b, l.sequence(), xs)
}

func (l *LSTM) sequence() *sequence {
	s := &sequence{
		returnSequences: l.ReturnSequences, returnState: l.ReturnState, goBackwards: l.GoBackwards,
		zeroOutputForMask: l.ZeroOutputForMask, activity: l.ActivityRegularizer,
	}
	if l.Stateful {
		s.kept = &l.kept
	}
	return s
}

// SupportsMasking implements [MaskSupporter]: a sequence of outputs carries the mask of the inputs.
func (l *LSTM) SupportsMasking() bool { return l.ReturnSequences }

// ResetStates makes a stateful layer start anew. It is not for use while the layer's model runs.
func (l *LSTM) ResetStates() { l.kept.reset() }

// forgetBias is 1 for the forget gate, the second quarter, and starts as told elsewhere.
type forgetBias struct{ start initializers.Initializer }

// Init implements [initializers.Initializer].
func (f forgetBias) Init(dst []float32, shape []int, stream initializers.Stream) error {
	units := len(dst) / 4
	if err := f.start.Init(dst, shape, stream); err != nil {
		return err
	}
	for i := range dst[units : 2*units] {
		dst[units+i] = 1
	}
	return nil
}
