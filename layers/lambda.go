package layers

import (
	"strings"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// A LambdaFunction is a Go function under the name by which files know it. [RegisterFunction] and [RegisterFunctionWith] make one.
type LambdaFunction interface {
	call(b *Builder, x ops.Tensor, arguments map[string]any) ops.Tensor
}

type lambdaFunction struct {
	f func(b *Builder, x ops.Tensor, arguments map[string]any) ops.Tensor
}

func (l *lambdaFunction) call(b *Builder, x ops.Tensor, arguments map[string]any) ops.Tensor {
	return l.f(b, x, arguments)
}

// RegisterFunction gives a function of one tensor a name, for [Lambda] and for files that have one of this name. In Python,
// register_keras_serializable("Package") names a function "Package>function"; one that is not registered there is just "function".
//
// RegisterFunction is called while the program starts, mostly for a package's variable. It panics if the name is taken.
func RegisterFunction(name string, f func(x ops.Tensor) ops.Tensor) LambdaFunction {
	return RegisterFunctionWith(name, func(_ *Builder, x ops.Tensor, _ map[string]any) ops.Tensor { return f(x) })
}

// RegisterFunctionWith is [RegisterFunction] for a function that asks whether the model is in training, as [Builder.Training] says, or has
// [Lambda].Arguments, whose numbers are float64 when they come from a file.
func RegisterFunctionWith(name string, f func(b *Builder, x ops.Tensor, arguments map[string]any) ops.Tensor) LambdaFunction {
	l := &lambdaFunction{f}
	saving.RegisterFunction(name, l)
	return l
}

// Lambda calls a Go function. It has no weights; for a function of several tensors, call operations between layers.
//
// Files hold the function's name alone. Python code in a file is not run: loading is an error that says so.
type Lambda struct {
	Base
	Function LambdaFunction // required
	// OutputShape is checked against the shape that the function gives, behind the batch; nil: any shape.
	OutputShape []int
	// Mask gives the mask of the result, bool, from the input, whose own is [ops.Tensor.Mask]. Nil, or if it gives the zero Tensor: the
	// result has none.
	Mask LambdaFunction
	// Arguments are handed to Function; nil: none.
	Arguments map[string]any
}

func init() { saving.Register[Lambda]("Lambda", "keras.layers") }

// Call implements [Layer].
func (l *Lambda) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if l.Function == nil {
		return b.Errorf("function is required: expected one that layers.RegisterFunction made, got nil")
	}
	if x.Err() != nil {
		return x
	}
	y := l.Function.call(b, x, l.Arguments).WithMask(ops.Tensor{})
	if y.Err() != nil {
		return located(b, "function", y)
	}
	if got := y.Shape(); l.OutputShape != nil && (len(got) == 0 || !couldBe(got[1:], l.OutputShape)) {
		return b.Errorf("the function's result behind the batch: expected output_shape %v, got shape %v", l.OutputShape, got)
	}
	if l.Mask == nil {
		return y
	}
	mask := l.Mask.call(b, x, nil)
	if mask.Valid() && mask.Err() != nil {
		return located(b, "mask", mask)
	}
	return y.WithMask(mask)
}

// located is a tensor with an error that names the layer.
func located(b *Builder, what string, y ops.Tensor) ops.Tensor {
	if strings.Contains(y.Err().Error(), b.Path()) {
		return y
	}
	return b.Errorf("%s: %s", what, y.Err())
}

// SaveConfig implements [saving.ConfigSaver]. Keras takes a function for one only in this form.
func (l *Lambda) SaveConfig(config map[string]any) error {
	if l.Function == nil {
		return errors.New("function is required: expected one that layers.RegisterFunction made, got nil")
	}
	for _, key := range []string{"function", "mask"} {
		if name, ok := config[key].(string); ok {
			config[key] = map[string]any{"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}
		}
	}
	return nil
}

// LoadConfig implements [saving.ConfigLoader].
func (l *Lambda) LoadConfig(config map[string]any) error {
	for _, key := range []string{"function_type", "module", "output_shape_type", "output_shape_module"} { // of Keras 2
		delete(config, key)
	}
	if _, listed := config["output_shape"].([]any); !listed {
		delete(config, "output_shape") // A function that works out a shape that is known anyway.
	}
	return nil
}
