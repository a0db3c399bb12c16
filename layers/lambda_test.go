package layers_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/layers/layertest"
	"github.com/stretchr/testify/require"
)

// Functions that internal/golden/layer_wrapping.py has in Python.
var (
	squares = layers.RegisterFunctionWith("Golden>squares", func(_ *layers.Builder, x ops.Tensor, arguments map[string]any) ops.Tensor {
		factor := 1.0
		if f, ok := arguments["factor"].(float64); ok {
			factor = f
		}
		return ops.Multiply(ops.Square(x), ops.Scalar(factor))
	})
	halved = layers.RegisterFunction("Golden>halves", func(x ops.Tensor) ops.Tensor {
		parts := ops.Split(x, 2, -1)
		return ops.Subtract(parts[0], ops.Tanh(parts[1]))
	})
	_ = layers.RegisterFunctionWith("Golden>in_training", func(b *layers.Builder, x ops.Tensor, _ map[string]any) ops.Tensor {
		if b.Training() {
			return ops.Negative(x)
		}
		return ops.Add(x, x)
	})
	positive = layers.RegisterFunction("Golden>positive", func(x ops.Tensor) ops.Tensor {
		return ops.Any(ops.Greater(x, ops.Scalar(0)), -1)
	})
	_ = layers.RegisterFunction("Golden>inverted", func(x ops.Tensor) ops.Tensor {
		if !x.Mask().Valid() {
			return ops.Tensor{}
		}
		return ops.LogicalNot(x.Mask())
	})
	failing = layers.RegisterFunction("Golden>failing", func(x ops.Tensor) ops.Tensor { return ops.LogicalNot(x.Mask()) })
	doubled = layers.RegisterFunction("doubled", func(x ops.Tensor) ops.Tensor { return ops.Multiply(x, ops.Scalar(2)) })
)

func TestLambdaWithoutArguments(t *testing.T) {
	layertest.Run(t, func() layers.Layer { return &layers.Lambda{Function: doubled, OutputShape: []int{-1, 2}} },
		layertest.Case{Specs: []ops.Spec{{Shape: []int{3, 4, 2}, DType: ops.Float32}}})
}

func TestLambdaRefusals(t *testing.T) {
	x := input(2, 3)
	_, err := trace(&layers.Lambda{}, false, x)
	require.ErrorContains(t, err, "inner (Lambda): function is required: expected one that layers.RegisterFunction made, got nil")
	_, err = trace(&layers.Lambda{Function: squares, OutputShape: []int{4}}, false, x)
	require.ErrorContains(t, err, "expected output_shape [4], got shape [2 3]")
	_, err = trace(&layers.Lambda{Function: failing}, false, x)
	require.ErrorContains(t, err, "inner (Lambda): function: ops: a tensor without a value was used")
	_, err = trace(&layers.Lambda{Function: doubled, Mask: failing}, false, x)
	require.ErrorContains(t, err, "inner (Lambda): mask: ops: a tensor without a value was used")
	_, err = trace(&layers.Lambda{Function: halved}, false, input(2, 3))
	require.ErrorContains(t, err, "inner (Lambda)")
	require.Equal(t, 1, strings.Count(err.Error(), "(Lambda)"), "%s", err)
	_, err = saving.ToConfig(&layers.Lambda{})
	require.ErrorContains(t, err, "function is required")
	require.PanicsWithError(t, "saving: RegisterFunction doubled: the name is taken by "+fmt.Sprintf("%#v", doubled), func() {
		layers.RegisterFunction("doubled", func(x ops.Tensor) ops.Tensor { return x })
	})
}

func TestLambdaMask(t *testing.T) {
	x := input(2, 3, 4).WithMask(ops.Placeholder("mask", ops.Bool, 2, 3))
	y, err := trace(&layers.Lambda{Function: doubled}, false, x)
	require.NoError(t, err)
	require.False(t, y.Mask().Valid())
	y, err = trace(&layers.Lambda{Function: doubled, Mask: positive}, false, x)
	require.NoError(t, err)
	require.True(t, y.Mask().Valid())
	require.Equal(t, []int{2, 3}, y.Mask().Shape())
}

// lambdaConfig is a Lambda as a file has it.
func lambdaConfig(t *testing.T, config string) map[string]any {
	t.Helper()
	var c map[string]any
	require.NoError(t, json.Unmarshal([]byte(config), &c))
	return map[string]any{"module": "keras.layers", "class_name": "Lambda", "config": c, "registered_name": nil}
}

func TestLambdaFiles(t *testing.T) {
	for name, config := range map[string]string{
		"Keras 3": `{"name": "twice", "function": {"module": "builtins", "class_name": "function", "config": "doubled", "registered_name": "function"}, "arguments": {}}`,
		"Keras 2": `{"name": "twice", "function": "doubled", "function_type": "function", "module": "__main__", "output_shape": null,
			"output_shape_type": "raw", "output_shape_module": null, "arguments": {}}`,
		"a shape by code": `{"name": "twice", "function": {"module": "builtins", "class_name": "function", "config": "doubled", "registered_name": "function"},
			"output_shape": {"class_name": "__lambda__", "config": {"code": "x"}}, "arguments": {}}`,
	} {
		l, err := saving.FromConfig(lambdaConfig(t, config))
		require.NoError(t, err, name)
		require.Equal(t, &layers.Lambda{Base: layers.Base{Name: "twice"}, Function: doubled, Arguments: map[string]any{}}, l, name)
	}
}

func TestLambdaFilesWithPythonCode(t *testing.T) {
	for name, config := range map[string]string{
		"Keras 3": `{"name": "double_it", "function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA", "defaults": null, "closure": null}}}`,
		"Keras 2": `{"name": "double_it", "function": ["4wEAAAA", null, null], "function_type": "lambda", "module": "__main__"}`,
	} {
		_, err := saving.FromConfig(lambdaConfig(t, config))
		require.ErrorContains(t, err, `Lambda "double_it": Python code in files is not run`, name)
	}
	unknown := `{"name": "n", "function": {"module": "builtins", "class_name": "function", "config": "Mine>never_registered", "registered_name": "function"}}`
	_, err := saving.FromConfig(lambdaConfig(t, unknown))
	require.ErrorContains(t, err, `no layers.LambdaFunction is named "Mine>never_registered"`)
}

// A function is registered once, for a variable of the package, and files of models know it by its name.
var centered = layers.RegisterFunction("MyProject>centered", func(x ops.Tensor) ops.Tensor {
	return ops.Subtract(x, ops.KeepDims(ops.Mean, x, -1))
})

func ExampleRegisterFunction() {
	config, err := saving.ToConfig(&layers.Lambda{Function: centered})
	if err != nil {
		fmt.Println(err)
		return
	}
	loaded, err := saving.FromConfig(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(config["config"].(map[string]any)["function"].(map[string]any)["config"], loaded.(*layers.Lambda).Function == centered)
	// Output: MyProject>centered true
}
