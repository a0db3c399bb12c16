// Package activations holds the functions that layers apply to what they computed, under Keras's names.
//
//	&layers.Dense{Units: 64, Activation: activations.ReLU}
//	&layers.Dense{Units: 64, Activation: activations.LeakyReLUWith{NegativeSlope: new(0.1)}}
//
// An activation of one's own is a type with a method Apply, registered with saving.Register so that models that use it can be
// loaded.
package activations

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// An Activation is a function of a tensor that keeps its shape, but for [GLU].
type Activation interface {
	Apply(x ops.Tensor) ops.Tensor
}

// A Function is one of Keras's activations with the default arguments; its text is Keras's name for it.
type Function string

// Keras's activations. Those that take arguments have a type with the ending With.
const (
	Linear        Function = "linear"         // x
	ReLU          Function = "relu"           // max(x, 0); see ReLUWith
	ReLU6         Function = "relu6"          // min(max(x, 0), 6)
	LeakyReLU     Function = "leaky_relu"     // x above 0, 0.2·x below; see LeakyReLUWith
	Sigmoid       Function = "sigmoid"        // 1/(1+exp(-x))
	HardSigmoid   Function = "hard_sigmoid"   // x/6+0.5 within [0, 1]
	LogSigmoid    Function = "log_sigmoid"    // log(sigmoid(x))
	SparseSigmoid Function = "sparse_sigmoid" // (x+1)/2 within [0, 1]
	Tanh          Function = "tanh"           // hyperbolic tangent
	HardTanh      Function = "hard_tanh"      // x within [-1, 1]
	TanhShrink    Function = "tanh_shrink"    // x-tanh(x)
	SoftShrink    Function = "soft_shrink"    // x, 0.5 nearer to 0; see SoftShrinkWith
	HardShrink    Function = "hard_shrink"    // x, and 0 within [-0.5, 0.5]; see HardShrinkWith
	Softmax       Function = "softmax"        // exp(x)/sum(exp(x)) over the last axis; see SoftmaxWith
	LogSoftmax    Function = "log_softmax"    // log of Softmax; see LogSoftmaxWith
	Sparsemax     Function = "sparsemax"      // max(x-τ, 0) over the last axis; see SparsemaxWith and ops.Sparsemax
	Softplus      Function = "softplus"       // log(1+exp(x))
	SparsePlus    Function = "sparse_plus"    // 0 below -1, x above 1, (x+1)²/4 between
	SquarePlus    Function = "squareplus"     // (x+√(x²+4))/2; see SquarePlusWith
	Softsign      Function = "softsign"       // x/(1+|x|)
	Exponential   Function = "exponential"    // exp(x)
	ELU           Function = "elu"            // x above 0, exp(x)-1 below; see ELUWith
	SELU          Function = "selu"           // scaled ELU
	CELU          Function = "celu"           // as ELU; see CELUWith
	GELU          Function = "gelu"           // x·Φ(x); see GELUWith
	GLU           Function = "glu"            // a·sigmoid(b), of the halves a and b of the last axis; see GLUWith
	SiLU          Function = "silu"           // x·sigmoid(x)
	HardSiLU      Function = "hard_silu"      // x·hard_sigmoid(x)
	Mish          Function = "mish"           // x·tanh(softplus(x))

	Swish     = SiLU     // Keras's other name
	HardSwish = HardSiLU // Keras's other name
)

var functions = map[Function]func(ops.Tensor) ops.Tensor{
	Linear:        func(x ops.Tensor) ops.Tensor { return x },
	ReLU:          ops.ReLU,
	ReLU6:         ops.ReLU6,
	LeakyReLU:     LeakyReLUWith{}.Apply,
	Sigmoid:       ops.Sigmoid,
	HardSigmoid:   ops.HardSigmoid,
	LogSigmoid:    ops.LogSigmoid,
	SparseSigmoid: ops.SparseSigmoid,
	Tanh:          ops.Tanh,
	HardTanh:      ops.HardTanh,
	TanhShrink:    ops.TanhShrink,
	SoftShrink:    SoftShrinkWith{}.Apply,
	HardShrink:    HardShrinkWith{}.Apply,
	Softmax:       SoftmaxWith{}.Apply,
	LogSoftmax:    LogSoftmaxWith{}.Apply,
	Sparsemax:     SparsemaxWith{}.Apply,
	Softplus:      ops.Softplus,
	SparsePlus:    ops.SparsePlus,
	SquarePlus:    SquarePlusWith{}.Apply,
	Softsign:      ops.Softsign,
	Exponential:   ops.Exp,
	ELU:           ELUWith{}.Apply,
	SELU:          ops.SELU,
	CELU:          CELUWith{}.Apply,
	GELU:          GELUWith{}.Apply,
	GLU:           GLUWith{}.Apply,
	SiLU:          ops.SiLU,
	HardSiLU:      ops.HardSiLU,
	Mish:          ops.Mish,
}

// Apply is f(x). A text that is not Keras's name for an activation is an error.
func (f Function) Apply(x ops.Tensor) ops.Tensor {
	apply, ok := functions[f]
	if !ok {
		return ops.Fail(x.Path(), errors.Errorf("activation %q is not one of Keras's", string(f)))
	}
	return apply(x)
}

// Get is the activation that keras.activations.get makes of a word, such as "relu" or "swish". Any other word is an error, and so is
// "threshold", which has no defaults: see [ThresholdWith].
func Get(identifier string) (Activation, error) {
	f := Function(identifier)
	switch f {
	case "swish":
		f = Swish
	case "hard_swish":
		f = HardSwish
	case "threshold":
		return nil, errors.New("activations: threshold needs arguments: take activations.ThresholdWith")
	}
	if _, ok := functions[f]; !ok {
		return nil, errors.Errorf("activations: %q is not the name of one of Keras's activations", identifier)
	}
	return f, nil
}
