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

// ConvLSTM1D is an [LSTM] (Shi et al. 2015) whose products are convolutions, over sequences of rows [batch, time, width, channels]. It returns the last output
// [batch, width', filters], or with ReturnSequences those of all steps [batch, time, width', filters].
//
// CallAll takes the sequence and perhaps the initial states h and c, each like an output of one step, and returns, with ReturnState, the output and the last
// h and c. With initial states the sequence's mask is passed on but not used, as in Keras.
type ConvLSTM1D struct {
	Base
	Filters              int                      // number of filters; required
	KernelSize           []int                    // width of the filters; required
	Strides              []int                    // of the convolution of the input; nil: 1
	Padding              Padding                  // of the convolution of the input; "": Valid
	DataFormat           DataFormat               // "": ChannelsLast; ChannelsFirst: [batch, time, channels, width]
	DilationRate         []int                    // of the convolution of the input; nil: 1
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
	ActivityRegularizer  regularizers.Regularizer
	KernelConstraint     constraints.Constraint
	RecurrentConstraint  constraints.Constraint
	BiasConstraint       constraints.Constraint
	Dropout              float64 // share of the inputs that is dropped in training, for each gate others, the same at each step
	RecurrentDropout     float64 // share of the state that is dropped in training, for each gate others, the same at each step
	Seed                 *int    // of the dropout; nil: from the model's seed
	ReturnSequences      bool    // return the outputs of all steps
	ReturnState          bool    // return the last states as well
	GoBackwards          bool    // read the sequence from its end; outputs are in reading order
	Stateful             bool    // start a batch from the states that the one before it ended with, which needs a fixed batch size
	Unroll               bool    // accepted and ignored: a sequence is one operation
	ZeroOutputForMask    bool    // masked steps give 0 instead of the last output

	kept keptStates
}

// ConvLSTM2D is [ConvLSTM1D] over sequences of images: [batch, time, height, width, channels] becomes [batch, height', width', filters], or with ReturnSequences
// [batch, time, height', width', filters].
type ConvLSTM2D struct {
	Base
	Filters              int                      // number of filters; required
	KernelSize           []int                    // height and width of the filters, or one number for both; required
	Strides              []int                    // of the convolution of the input; nil: 1
	Padding              Padding                  // of the convolution of the input; "": Valid
	DataFormat           DataFormat               // "": ChannelsLast; ChannelsFirst: [batch, time, channels, height, width]
	DilationRate         []int                    // of the convolution of the input; nil: 1
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
	ActivityRegularizer  regularizers.Regularizer
	KernelConstraint     constraints.Constraint
	RecurrentConstraint  constraints.Constraint
	BiasConstraint       constraints.Constraint
	Dropout              float64 // share of the inputs that is dropped in training, for each gate others, the same at each step
	RecurrentDropout     float64 // share of the state that is dropped in training, for each gate others, the same at each step
	Seed                 *int    // of the dropout; nil: from the model's seed
	ReturnSequences      bool    // return the outputs of all steps
	ReturnState          bool    // return the last states as well
	GoBackwards          bool    // read the sequence from its end; outputs are in reading order
	Stateful             bool    // start a batch from the states that the one before it ended with, which needs a fixed batch size
	Unroll               bool    // accepted and ignored: a sequence is one operation
	ZeroOutputForMask    bool    // masked steps give 0 instead of the last output

	kept keptStates
}

// ConvLSTM3D is [ConvLSTM1D] over sequences of volumes: [batch, time, depth, height, width, channels] becomes [batch, depth', height', width', filters], or with
// ReturnSequences [batch, time, depth', height', width', filters].
type ConvLSTM3D struct {
	Base
	Filters              int                      // number of filters; required
	KernelSize           []int                    // depth, height and width of the filters, or one number for all; required
	Strides              []int                    // of the convolution of the input; nil: 1
	Padding              Padding                  // of the convolution of the input; "": Valid
	DataFormat           DataFormat               // "": ChannelsLast; ChannelsFirst: [batch, time, channels, depth, height, width]
	DilationRate         []int                    // of the convolution of the input; nil: 1
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
	ActivityRegularizer  regularizers.Regularizer
	KernelConstraint     constraints.Constraint
	RecurrentConstraint  constraints.Constraint
	BiasConstraint       constraints.Constraint
	Dropout              float64 // share of the inputs that is dropped in training, for each gate others, the same at each step
	RecurrentDropout     float64 // share of the state that is dropped in training, for each gate others, the same at each step
	Seed                 *int    // of the dropout; nil: from the model's seed
	ReturnSequences      bool    // return the outputs of all steps
	ReturnState          bool    // return the last states as well
	GoBackwards          bool    // read the sequence from its end; outputs are in reading order
	Stateful             bool    // start a batch from the states that the one before it ended with, which needs a fixed batch size
	Unroll               bool    // accepted and ignored: a sequence is one operation
	ZeroOutputForMask    bool    // masked steps give 0 instead of the last output

	kept keptStates
}

func init() {
	saving.Register[ConvLSTM1D]("ConvLSTM1D", "keras.layers")
	saving.Register[ConvLSTM2D]("ConvLSTM2D", "keras.layers")
	saving.Register[ConvLSTM3D]("ConvLSTM3D", "keras.layers")
}

func (c *ConvLSTM2D) lstm(axes int) *convLSTM {
	l := &convLSTM{
		axes: axes, filters: c.Filters, size: c.KernelSize, format: c.DataFormat,
		window:     ops.Window{Strides: c.Strides, Padding: c.Padding, Dilation: c.DilationRate},
		activation: or(c.Activation, activations.Tanh), gate: or(c.RecurrentActivation, activations.Sigmoid), useBias: optional.Or(c.UseBias, true),
		kernel: Spec{Initializer: c.KernelInitializer, Regularizer: c.KernelRegularizer, Constraint: c.KernelConstraint},
		recurrent: Spec{
			Initializer: initializerOr(c.RecurrentInitializer, initializers.Orthogonal{}), Regularizer: c.RecurrentRegularizer, Constraint: c.RecurrentConstraint,
		},
		bias:    Spec{Initializer: initializerOr(c.BiasInitializer, initializers.Zeros{}), Regularizer: c.BiasRegularizer, Constraint: c.BiasConstraint},
		dropout: c.Dropout, recurrentDropout: c.RecurrentDropout, seed: c.Seed,
		sequence: &sequence{
			rank: axes + 3, returnSequences: c.ReturnSequences, returnState: c.ReturnState, goBackwards: c.GoBackwards,
			zeroOutputForMask: c.ZeroOutputForMask, activity: c.ActivityRegularizer,
		},
	}
	if optional.Or(c.UnitForgetBias, true) {
		l.bias.Initializer = forgetBias{l.bias.Initializer}
	}
	if c.Stateful {
		l.kept = &c.kept
	}
	return l
}

// Call implements [Layer]. ReturnState needs CallAll.
func (c *ConvLSTM1D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*ConvLSTM2D)(c).lstm(1).single(b, x)
}

// CallAll implements [MultiLayer].
func (c *ConvLSTM1D) CallAll(b *Builder, xs ...ops.Tensor) []ops.Tensor {
	return (*ConvLSTM2D)(c).lstm(1).call(b, xs)
}

// SupportsMasking implements [MaskSupporter]: a sequence of outputs carries the mask of the inputs.
func (c *ConvLSTM1D) SupportsMasking() bool { return c.ReturnSequences }

// ResetStates makes a stateful layer start anew. It is not for use while the layer's model runs.
func (c *ConvLSTM1D) ResetStates() { c.kept.reset() }

// Call implements [Layer]. ReturnState needs CallAll.
func (c *ConvLSTM2D) Call(b *Builder, x ops.Tensor) ops.Tensor { return c.lstm(2).single(b, x) }

// CallAll implements [MultiLayer].
func (c *ConvLSTM2D) CallAll(b *Builder, xs ...ops.Tensor) []ops.Tensor { return c.lstm(2).call(b, xs) }

// SupportsMasking implements [MaskSupporter]: a sequence of outputs carries the mask of the inputs.
func (c *ConvLSTM2D) SupportsMasking() bool { return c.ReturnSequences }

// ResetStates makes a stateful layer start anew. It is not for use while the layer's model runs.
func (c *ConvLSTM2D) ResetStates() { c.kept.reset() }

// SaveConfig implements [saving.ConfigSaver].
func (*ConvLSTM2D) SaveConfig(config map[string]any) error { return saveWindows(config) }

// Call implements [Layer]. ReturnState needs CallAll.
func (c *ConvLSTM3D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*ConvLSTM2D)(c).lstm(3).single(b, x)
}

// CallAll implements [MultiLayer].
func (c *ConvLSTM3D) CallAll(b *Builder, xs ...ops.Tensor) []ops.Tensor {
	return (*ConvLSTM2D)(c).lstm(3).call(b, xs)
}

// SupportsMasking implements [MaskSupporter]: a sequence of outputs carries the mask of the inputs.
func (c *ConvLSTM3D) SupportsMasking() bool { return c.ReturnSequences }

// ResetStates makes a stateful layer start anew. It is not for use while the layer's model runs.
func (c *ConvLSTM3D) ResetStates() { c.kept.reset() }

// SaveConfig implements [saving.ConfigSaver].
func (*ConvLSTM3D) SaveConfig(config map[string]any) error { return saveWindows(config) }
