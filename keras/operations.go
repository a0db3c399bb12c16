package keras

import (
	"maps"
	"strings"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// An operationClass is an operation between layers that Keras's files can hold.
type operationClass struct {
	module, class string // of keras.src.ops
	inputs        int    // number of tensors; -1: a list
	record        func(in []ops.Tensor, config arguments) (ops.Tensor, error)
}

// arguments are an operation's arguments beside its tensors, by Keras's names.
type arguments map[string]any

// operationClasses are the operations by their names in package ops, which are Keras's names of the functions.
var operationClasses = map[string]operationClass{
	"absolute": unary("numpy", "Absolute", ops.Absolute), "arctan": unary("numpy", "Arctan", ops.Arctan), "ceil": unary("numpy", "Ceil", ops.Ceil),
	"cos": unary("numpy", "Cos", ops.Cos), "cosh": unary("numpy", "Cosh", ops.Cosh), "erf": unary("math", "Erf", ops.Erf),
	"exp": unary("numpy", "Exp", ops.Exp), "expm1": unary("numpy", "Expm1", ops.Expm1), "floor": unary("numpy", "Floor", ops.Floor),
	"hard_sigmoid": unary("nn", "HardSigmoid", ops.HardSigmoid), "log": unary("numpy", "Log", ops.Log), "log1p": unary("numpy", "Log1p", ops.Log1p),
	"log_sigmoid": unary("nn", "LogSigmoid", ops.LogSigmoid), "logical_not": unary("numpy", "LogicalNot", ops.LogicalNot),
	"negative": unary("numpy", "Negative", ops.Negative), "reciprocal": unary("numpy", "Reciprocal", ops.Reciprocal),
	"relu": unary("nn", "Relu", ops.ReLU), "relu6": unary("nn", "Relu6", ops.ReLU6), "round": {"numpy", "Round", 1, roundOff},
	"rsqrt": unary("math", "Rsqrt", ops.Rsqrt), "selu": unary("nn", "Selu", ops.SELU), "sigmoid": unary("nn", "Sigmoid", ops.Sigmoid),
	"sign": unary("numpy", "Sign", ops.Sign), "silu": unary("nn", "Silu", ops.SiLU), "sin": unary("numpy", "Sin", ops.Sin),
	"sinh": unary("numpy", "Sinh", ops.Sinh), "softplus": unary("nn", "Softplus", ops.Softplus), "softsign": unary("nn", "Softsign", ops.Softsign),
	"sqrt": unary("numpy", "Sqrt", ops.Sqrt), "square": unary("numpy", "Square", ops.Square), "tan": unary("numpy", "Tan", ops.Tan),
	"tanh": unary("numpy", "Tanh", ops.Tanh), "stop_gradient": unary("core", "StopGradient", ops.StopGradient),

	"add": binary("Add", ops.Add), "subtract": binary("Subtract", ops.Subtract), "multiply": binary("Multiply", ops.Multiply),
	"divide": binary("Divide", ops.Divide), "true_divide": binary("TrueDivide", ops.Divide), "floor_divide": binary("FloorDivide", ops.FloorDivide),
	"mod": binary("Mod", ops.Mod), "maximum": binary("Maximum", ops.Maximum), "minimum": binary("Minimum", ops.Minimum),
	"power": binary("Power", ops.Power), "arctan2": binary("Arctan2", ops.Arctan2), "matmul": binary("Matmul", ops.MatMul),
	"equal": binary("Equal", ops.Equal), "not_equal": binary("NotEqual", ops.NotEqual), "less": binary("Less", ops.Less),
	"less_equal": binary("LessEqual", ops.LessEqual), "greater": binary("Greater", ops.Greater), "greater_equal": binary("GreaterEqual", ops.GreaterEqual),
	"logical_and": binary("LogicalAnd", ops.LogicalAnd), "logical_or": binary("LogicalOr", ops.LogicalOr), "logical_xor": binary("LogicalXor", ops.LogicalXor),

	"where": {"numpy", "Where", 3, func(in []ops.Tensor, _ arguments) (ops.Tensor, error) { return ops.Where(in[0], in[1], in[2]), nil }},

	"sum": reduction("Sum", ops.Sum), "mean": reduction("Mean", ops.Mean), "max": reduction("Max", ops.Max),
	"min": reduction("Min", ops.Min), "prod": reduction("Prod", ops.Prod),
	"any": reduction("Any", ops.Any), "all": reduction("All", ops.All),

	"softmax": onAxis("nn", "Softmax", -1, ops.Softmax), "log_softmax": onAxis("nn", "LogSoftmax", -1, ops.LogSoftmax),
	"expand_dims": onAxis("numpy", "ExpandDims", 0, ops.ExpandDims), "squeeze": onAxis("numpy", "Squeeze", -1, ops.Squeeze),
	"concatenate": {"numpy", "Concatenate", -1, func(in []ops.Tensor, a arguments) (ops.Tensor, error) {
		axis, err := argument(a, "axis", 0)
		return ops.Concatenate(axis, in...), err
	}},

	"cast": {"core", "Cast", 1, func(in []ops.Tensor, a arguments) (ops.Tensor, error) {
		dtype, err := argument(a, "dtype", ops.Float32)
		return ops.Cast(in[0], dtype), err
	}},
	"clip": {"numpy", "Clip", 1, func(in []ops.Tensor, a arguments) (ops.Tensor, error) {
		lo, err := argument(a, "x_min", 0.0)
		if err != nil {
			return ops.Tensor{}, err
		}
		hi, err := argument(a, "x_max", 0.0)
		return ops.Clip(in[0], lo, hi), err
	}},
	"elu": {"nn", "Elu", 1, func(in []ops.Tensor, a arguments) (ops.Tensor, error) {
		alpha, err := argument(a, "alpha", 1.0)
		return ops.ELU(in[0], alpha), err
	}},
	"gelu": {"nn", "Gelu", 1, func(in []ops.Tensor, a arguments) (ops.Tensor, error) {
		approximate, err := argument(a, "approximate", true)
		return ops.GELU(in[0], approximate), err
	}},
	"reshape": {"numpy", "Reshape", 1, func(in []ops.Tensor, a arguments) (ops.Tensor, error) {
		shape, err := argument(a, "newshape", []int(nil))
		return ops.Reshape(in[0], shape...), err
	}},
	"transpose": {"numpy", "Transpose", 1, func(in []ops.Tensor, a arguments) (ops.Tensor, error) {
		axes, err := argument(a, "axes", []int(nil))
		return ops.Transpose(in[0], axes...), err
	}},
}

func unary(module, class string, f func(ops.Tensor) ops.Tensor) operationClass {
	return operationClass{module, class, 1, func(in []ops.Tensor, _ arguments) (ops.Tensor, error) { return f(in[0]), nil }}
}

func roundOff(in []ops.Tensor, a arguments) (ops.Tensor, error) {
	decimals, err := argument(a, "decimals", 0)
	if err == nil && decimals != 0 {
		err = errors.Errorf("decimals: expected 0, got %d", decimals)
	}
	return ops.Round(in[0]), err
}

func binary(class string, f func(x, y ops.Tensor) ops.Tensor) operationClass {
	return operationClass{"numpy", class, 2, func(in []ops.Tensor, _ arguments) (ops.Tensor, error) { return f(in[0], in[1]), nil }}
}

func reduction(class string, f func(ops.Tensor, ...int) ops.Tensor) operationClass {
	return operationClass{"numpy", class, 1, func(in []ops.Tensor, a arguments) (ops.Tensor, error) {
		axes, err := argument(a, "axis", []int(nil))
		if err != nil {
			return ops.Tensor{}, err
		}
		keep, err := argument(a, "keepdims", false)
		if keep {
			return ops.KeepDims(f, in[0], axes...), err
		}
		return f(in[0], axes...), err
	}}
}

func onAxis(module, class string, otherwise int, f func(ops.Tensor, int) ops.Tensor) operationClass {
	return operationClass{module, class, 1, func(in []ops.Tensor, a arguments) (ops.Tensor, error) {
		axis, err := argument(a, "axis", otherwise)
		return f(in[0], axis), err
	}}
}

// argument reads an argument, which is Keras's default where it is missing or null.
func argument[T any](a arguments, name string, otherwise T) (T, error) {
	value := a[name]
	delete(a, name)
	if value == nil {
		return otherwise, nil
	}
	v, err := saving.Decode[T](value)
	return v, errors.WithMessage(err, name)
}

// operationNamed finds an operation of Keras by its class, and its name in package ops.
func operationNamed(module, class string) (name string, c operationClass, err error) {
	area := module[strings.LastIndex(module, ".")+1:]
	for name, c := range operationClasses {
		if c.class == class && c.module == area {
			return name, c, nil
		}
	}
	return "", operationClass{}, errors.Errorf("operation %s.%s between layers is not supported", module, class)
}

// An operated is an operation of a file that takes several operations here, such as a mean that keeps its axes. In the graph it is one.
type operated struct {
	name   string // in package ops
	class  operationClass
	config arguments
}

// record notes the operation in a graph, as one line.
func (o *operated) record(out ops.Spec, in []ops.Tensor) []ops.Tensor {
	return ops.Opaque(o, o.name, []ops.Spec{out}, in...)
}

// call is what the operation computes.
func (o *operated) call(in []ops.Tensor) []ops.Tensor {
	out, err := o.class.record(in, maps.Clone(o.config))
	if err != nil {
		out = ops.Fail("", err)
	}
	return []ops.Tensor{out}
}

// again notes the operation on other tensors.
func (o *operated) again(in []ops.Tensor) []ops.Tensor {
	out := o.call(in)
	if out[0].Err() != nil {
		return out
	}
	return o.record(out[0].Spec(), in)
}

// isOperation reports whether an object of Keras's JSON is an operation between layers.
func isOperation(module string) bool { return strings.HasPrefix(module, "keras.src.ops") }
