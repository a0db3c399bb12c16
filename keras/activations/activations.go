// Package activations holds the functions that layers apply to what they computed, under Keras's names.
//
//	&layers.Dense{Units: 64, Activation: activations.ReLU}
//
// An activation of one's own is a type with a method Apply, registered with saving.Register so that models that use it can be
// loaded.
package activations

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// An Activation is a function of a tensor that keeps its shape.
type Activation interface {
	Apply(x ops.Tensor) ops.Tensor
}

// A Function is one of Keras's activations without arguments; its text is Keras's name for it.
type Function string

// Keras's activations without arguments.
const (
	Linear      Function = "linear"       // x
	ReLU        Function = "relu"         // max(x, 0)
	ReLU6       Function = "relu6"        // min(max(x, 0), 6)
	Sigmoid     Function = "sigmoid"      // 1/(1+exp(-x))
	Tanh        Function = "tanh"         // hyperbolic tangent
	Softmax     Function = "softmax"      // exp(x)/sum(exp(x)) over the last axis
	LogSoftmax  Function = "log_softmax"  // log of Softmax
	Softplus    Function = "softplus"     // log(1+exp(x))
	Softsign    Function = "softsign"     // x/(1+|x|)
	Exponential Function = "exponential"  // exp(x)
	ELU         Function = "elu"          // x above 0, exp(x)-1 below
	SELU        Function = "selu"         // scaled ELU
	GELU        Function = "gelu"         // x·Φ(x)
	SiLU        Function = "silu"         // x·sigmoid(x)
	Mish        Function = "mish"         // x·tanh(softplus(x))
	HardSigmoid Function = "hard_sigmoid" // x/6+0.5 within [0, 1]
	LogSigmoid  Function = "log_sigmoid"  // log(sigmoid(x))
)

var functions = map[Function]func(ops.Tensor) ops.Tensor{
	Linear:      func(x ops.Tensor) ops.Tensor { return x },
	ReLU:        ops.ReLU,
	ReLU6:       ops.ReLU6,
	Sigmoid:     ops.Sigmoid,
	Tanh:        ops.Tanh,
	Softmax:     func(x ops.Tensor) ops.Tensor { return ops.Softmax(x, -1) },
	LogSoftmax:  func(x ops.Tensor) ops.Tensor { return ops.LogSoftmax(x, -1) },
	Softplus:    ops.Softplus,
	Softsign:    ops.Softsign,
	Exponential: ops.Exp,
	ELU:         func(x ops.Tensor) ops.Tensor { return ops.ELU(x, 1) },
	SELU:        ops.SELU,
	GELU:        func(x ops.Tensor) ops.Tensor { return ops.GELU(x, false) },
	SiLU:        ops.SiLU,
	Mish:        ops.Mish,
	HardSigmoid: ops.HardSigmoid,
	LogSigmoid:  ops.LogSigmoid,
}

func init() {
	for f := range functions {
		saving.RegisterFunction(string(f), f)
	}
}

// Apply is f(x). A text that is not Keras's name for an activation is an error.
func (f Function) Apply(x ops.Tensor) ops.Tensor {
	apply, ok := functions[f]
	if !ok {
		return ops.Fail(x.Path(), errors.Errorf("activation %q is not one of Keras's", string(f)))
	}
	return apply(x)
}
