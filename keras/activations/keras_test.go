package activations_test

import (
	"fmt"
	"testing"

	"github.com/gokeras/gokeras/internal/golden/fixture"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// all maps Keras's names to Go's, so that a constant with another's text shows.
var all = map[string]activations.Function{
	"linear": activations.Linear, "relu": activations.ReLU, "relu6": activations.ReLU6, "leaky_relu": activations.LeakyReLU,
	"sigmoid": activations.Sigmoid, "hard_sigmoid": activations.HardSigmoid, "log_sigmoid": activations.LogSigmoid,
	"sparse_sigmoid": activations.SparseSigmoid, "tanh": activations.Tanh, "hard_tanh": activations.HardTanh,
	"tanh_shrink": activations.TanhShrink, "soft_shrink": activations.SoftShrink, "hard_shrink": activations.HardShrink,
	"softmax": activations.Softmax, "log_softmax": activations.LogSoftmax, "sparsemax": activations.Sparsemax,
	"softplus": activations.Softplus, "sparse_plus": activations.SparsePlus, "squareplus": activations.SquarePlus,
	"softsign": activations.Softsign, "exponential": activations.Exponential, "elu": activations.ELU, "selu": activations.SELU,
	"celu": activations.CELU, "gelu": activations.GELU, "glu": activations.GLU, "silu": activations.SiLU, "swish": activations.Swish,
	"hard_silu": activations.HardSiLU, "hard_swish": activations.HardSwish, "mish": activations.Mish,
}

// with maps Keras's names to the types that take arguments.
var with = map[string]string{
	"relu": "ReLUWith", "leaky_relu": "LeakyReLUWith", "elu": "ELUWith", "celu": "CELUWith", "gelu": "GELUWith", "glu": "GLUWith",
	"softmax": "SoftmaxWith", "log_softmax": "LogSoftmaxWith", "sparsemax": "SparsemaxWith", "squareplus": "SquarePlusWith",
	"soft_shrink": "SoftShrinkWith", "hard_shrink": "HardShrinkWith", "threshold": "ThresholdWith",
}

type golden struct {
	Name                      string
	Options                   map[string]any
	X, Y, Cotangent, Gradient *fixture.Array
}

// forms are the ways to say what Keras was asked for.
func (g golden) forms(t *testing.T) []activations.Activation {
	var forms []activations.Activation
	if len(g.Options) == 0 {
		named, ok := all[g.Name]
		require.True(t, ok)
		word, err := saving.Decode[activations.Activation](g.Name)
		require.NoError(t, err)
		forms = append(forms, named, word)
	}
	class, ok := with[g.Name]
	if !ok {
		return forms
	}
	a, err := saving.Decode[activations.Activation](map[string]any{
		"module": nil, "class_name": class, "config": g.Options, "registered_name": "gokeras>" + class,
	})
	require.NoError(t, err)
	written, err := saving.ToConfig(a)
	require.NoError(t, err)
	for key, value := range written["config"].(map[string]any) {
		assert.EqualValues(t, g.Options[key], value, key)
	}
	again, err := saving.Decode[activations.Activation](written)
	require.NoError(t, err)
	assert.Equal(t, a, again)
	return append(forms, a)
}

func TestActivationsAreKeras(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for i, g := range fixture.Read[golden](t, "testdata/activations.json.gz").Cases {
		seen[g.Name] = true
		t.Run(fmt.Sprintf("%s/%d", g.Name, i), func(t *testing.T) {
			forms := g.forms(t)
			require.NotEmpty(t, forms)
			for _, f := range forms {
				record := func(in []ops.Tensor) (ops.Tensor, ops.Tensor) {
					y := f.Apply(in[0])
					return y, ops.Sum(ops.Multiply(y, in[1]))
				}
				call := fixture.Call{Inputs: []*fixture.Array{g.X, g.Cotangent}, Record: record}
				y, gradient, err := call.Run(g.Y.Shape)
				require.NoError(t, err)
				g.Y.RequireClose(t, y, 1e-5, "value")
				g.Gradient.RequireClose(t, gradient, 1e-4, "gradient")
				call.RequireDifferences(t)
			}
		})
	}
	for name := range all {
		assert.Contains(t, seen, name)
	}
	for name := range with {
		assert.Contains(t, seen, name)
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	words := fixture.Read[golden](t, "testdata/activations.json.gz").Words
	for word, function := range words {
		a, err := activations.Get(word)
		if word == "threshold" {
			require.ErrorContains(t, err, "activations.ThresholdWith")
			continue
		}
		require.NoError(t, err, word)
		assert.Equal(t, activations.Function(function), a, word)
	}
	assert.Len(t, words, len(all)+1)
	for _, word := range []string{"", "ReLU", "tan", "threshold_with"} {
		_, err := activations.Get(word)
		require.ErrorContains(t, err, fmt.Sprintf("%q is not the name", word))
	}
}

func TestNamesInFiles(t *testing.T) {
	t.Parallel()
	for name, f := range all {
		word, err := saving.Encode(activations.Activation(f))
		require.NoError(t, err)
		assert.Equal(t, string(f), word, name)
	}
	_, err := saving.Decode[activations.Activation]("threshold")
	require.Error(t, err, "it has no default arguments")
}

func TestUnknownActivation(t *testing.T) {
	t.Parallel()
	for _, name := range []activations.Function{"", "ReLU", "swash"} {
		err := name.Apply(ops.Placeholder("x", ops.Float32, 2).In("model/dense")).Err()
		require.EqualError(t, err, fmt.Sprintf("model/dense: activation %q is not one of Keras's", string(name)))
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	x := ops.Placeholder("x", ops.Float32, 2, 3).In("model/dense")
	for message, y := range map[string]ops.Tensor{
		"softmax: axis 2 does not exist":      activations.SoftmaxWith{Axis: new(2)}.Apply(x),
		"log_softmax: axis -3 does not exist": activations.LogSoftmaxWith{Axis: new(-3)}.Apply(x),
		"axis 5 does not exist":               activations.SparsemaxWith{Axis: new(5)}.Apply(x),
		"[2 3]":                               activations.GLU.Apply(x),
		"bounds 0 and -1":                     activations.ReLUWith{MaxValue: new(-1.0)}.Apply(x),
	} {
		require.ErrorContains(t, y.Err(), message)
		require.ErrorContains(t, y.Err(), "model/dense")
	}
}

func TestErrorsPassThrough(t *testing.T) {
	t.Parallel()
	broken := ops.Fail("model/dense", assert.AnError)
	for name, f := range all {
		require.ErrorIs(t, f.Apply(broken).Err(), assert.AnError, name)
	}
	a := activations.ReLUWith{NegativeSlope: 0.1, MaxValue: new(1.0), Threshold: 0.5}
	require.ErrorIs(t, a.Apply(broken).Err(), assert.AnError)
}
