package layers

import (
	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// LSTM reads a sequence [batch, time, features] step by step (Hochreiter and Schmidhuber 1997) and returns its last output
// [batch, units], or with ReturnSequences those of all steps [batch, time, units]. Steps that a mask leaves out keep the state.
//
// CallAll takes the sequence and perhaps the initial states h and c [batch, units], and returns, with ReturnState, the output and the
// last h and c. With initial states the sequence's mask is passed on but not used, as in Keras, where a layer of several tensors is not
// given the mask of one.
type LSTM struct {
	Base
	Units                int                      // size of output and state; required
	Activation           activations.Activation   // nil: tanh, which is also all that there is
	RecurrentActivation  activations.Activation   // nil: sigmoid, which is also all that there is
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
	Dropout              float64 // share of the inputs that is dropped, the same at each step
	RecurrentDropout     float64 // must be 0: there is no dropout of the state yet
	Seed                 *int    // of the dropout; nil: from the model's seed
	ReturnSequences      bool
	ReturnState          bool
	GoBackwards          bool // read the sequence from its end; outputs are in reading order
	ZeroOutputForMask    bool // masked steps give 0 instead of the last output
	Stateful             bool // must be false: the state does not outlive a batch yet
	Unroll               bool // false; accepted and ignored: sequences are one operation here
}

func init() { saving.Register[LSTM]("LSTM", "keras.layers") }

// Call implements [Layer]. ReturnState needs CallAll.
func (l *LSTM) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if l.ReturnState {
		return b.Errorf("return_state gives several results: use ApplyAll")
	}
	return l.CallAll(b, x)[0]
}

// CallAll implements [MultiLayer].
func (l *LSTM) CallAll(b *Builder, xs ...ops.Tensor) []ops.Tensor {
	fail := func(err error) []ops.Tensor { return []ops.Tensor{b.Errorf("%s", err)} }
	if err := l.check(xs); err != nil {
		return fail(err)
	}
	var h, c ops.Tensor
	if len(xs) == 3 {
		h, c = xs[1], xs[2]
	}
	x, mask := xs[0], xs[0].Mask()
	used := mask
	if len(xs) == 3 {
		used = ops.Tensor{}
	}
	kernel, recurrent, bias := l.weights(b, x.Dim(-1))
	seq, lastH, lastC := ops.LSTM(l.drop(b, x), kernel, recurrent, bias, h, c, used,
		ops.LSTMOptions{Backwards: l.GoBackwards, ZeroOutputForMask: l.ZeroOutputForMask})
	out := lastH
	switch {
	case l.ReturnSequences:
		out = seq.WithMask(mask)
	case l.ZeroOutputForMask && used.Valid():
		out = ops.Squeeze(ops.Slice(seq, []int{0, -1, 0}, []int{ops.Unknown, 1, ops.Unknown}), 1)
	}
	results := []ops.Tensor{out}
	if l.ReturnState {
		results = append(results, lastH, lastC)
	}
	for _, y := range results {
		b.penalizeOutput(l.ActivityRegularizer, y)
	}
	return results
}

func (l *LSTM) check(xs []ops.Tensor) error {
	if err := positive("units", l.Units); err != nil {
		return err
	}
	if len(xs) != 1 && len(xs) != 3 {
		return errors.Errorf("expected a sequence, or a sequence and two initial states, got %d tensors", len(xs))
	}
	if err := xs[0].Err(); err != nil {
		return err
	}
	if s := xs[0].Shape(); len(s) != 3 || s[2] == ops.Unknown {
		return errors.Errorf("input of shape %v: expected [batch, time, features]", s)
	}
	switch {
	case l.Activation != nil && l.Activation != activations.Tanh:
		return errors.Errorf("activation %v: only tanh is there", l.Activation)
	case l.RecurrentActivation != nil && l.RecurrentActivation != activations.Sigmoid:
		return errors.Errorf("recurrent_activation %v: only sigmoid is there", l.RecurrentActivation)
	case l.RecurrentDropout != 0:
		return errors.Errorf("recurrent_dropout %v: there is no dropout of the state yet", l.RecurrentDropout)
	case l.Stateful:
		return errors.New("stateful: the state does not outlive a batch yet")
	case !(l.Dropout >= 0 && l.Dropout <= 1):
		return errors.Errorf("dropout %v: expected a number in [0, 1]", l.Dropout)
	}
	return nil
}

func (l *LSTM) weights(b *Builder, features int) (kernel, recurrent, bias ops.Tensor) {
	kernel = b.Weight("cell/kernel", []int{features, 4 * l.Units},
		Spec{Initializer: l.KernelInitializer, Regularizer: l.KernelRegularizer, Constraint: l.KernelConstraint})
	recurrent = b.Weight("cell/recurrent_kernel", []int{l.Units, 4 * l.Units},
		Spec{Initializer: initializerOr(l.RecurrentInitializer, initializers.Orthogonal{}), Regularizer: l.RecurrentRegularizer, Constraint: l.RecurrentConstraint})
	if !optional.Or(l.UseBias, true) {
		return kernel, recurrent, bias
	}
	start := initializerOr(l.BiasInitializer, initializers.Zeros{})
	if optional.Or(l.UnitForgetBias, true) {
		start = forgetBias{start}
	}
	bias = b.Weight("cell/bias", []int{4 * l.Units}, Spec{Initializer: start, Regularizer: l.BiasRegularizer, Constraint: l.BiasConstraint})
	return kernel, recurrent, bias
}

// drop drops features of the input, the same at each step of a sequence.
func (l *LSTM) drop(b *Builder, x ops.Tensor) ops.Tensor {
	if l.Dropout == 0 {
		return x
	}
	stream := b.Stream("cell", l.Seed)
	if !b.Training() {
		return x
	}
	kept := ops.Dropout(ops.BroadcastTo(ops.Scalar(1), x.Dim(0), 1, x.Dim(2)), stream, l.Dropout)
	return ops.Multiply(x, kept)
}

// SupportsMasking implements [MaskSupporter]: a sequence of outputs carries the mask of the inputs.
func (l *LSTM) SupportsMasking() bool { return l.ReturnSequences }

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
