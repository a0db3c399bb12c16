package activations_test

import (
	"fmt"
	"testing"

	"github.com/gokeras/gokeras/internal/golden/fixture"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// all maps Go's names to Keras's, so that a constant with another's text shows.
var all = map[string]activations.Function{
	"linear": activations.Linear, "relu": activations.ReLU, "relu6": activations.ReLU6, "sigmoid": activations.Sigmoid,
	"tanh": activations.Tanh, "softmax": activations.Softmax, "log_softmax": activations.LogSoftmax, "softplus": activations.Softplus,
	"softsign": activations.Softsign, "exponential": activations.Exponential, "elu": activations.ELU, "selu": activations.SELU,
	"gelu": activations.GELU, "silu": activations.SiLU, "mish": activations.Mish, "hard_sigmoid": activations.HardSigmoid,
	"log_sigmoid": activations.LogSigmoid,
}

func TestActivationsAreKeras(t *testing.T) {
	t.Parallel()
	type golden struct {
		Name                      string
		X, Y, Cotangent, Gradient *fixture.Array
	}
	seen := map[string]bool{}
	for i, g := range fixture.Read[golden](t, "testdata/activations.json") {
		seen[g.Name] = true
		t.Run(fmt.Sprintf("%s/%d", g.Name, i), func(t *testing.T) {
			f, ok := all[g.Name]
			require.True(t, ok)
			record := func(in []ops.Tensor) (ops.Tensor, ops.Tensor) {
				y := f.Apply(in[0])
				return y, ops.Sum(ops.Multiply(y, in[1]))
			}
			y, gradient, err := fixture.Call{Inputs: []*fixture.Array{g.X, g.Cotangent}, Record: record}.Run(g.Y.Shape)
			require.NoError(t, err)
			g.Y.RequireClose(t, y, 1e-5, "value")
			g.Gradient.RequireClose(t, gradient, 1e-4, "gradient")
		})
	}
	assert.Len(t, seen, len(all))
}

func TestUnknownActivation(t *testing.T) {
	t.Parallel()
	for _, name := range []activations.Function{"", "ReLU", "swash"} {
		err := name.Apply(ops.Placeholder("x", ops.Float32, 2).In("model/dense")).Err()
		require.EqualError(t, err, fmt.Sprintf("model/dense: activation %q is not one of Keras's", string(name)))
	}
}

func TestErrorsPassThrough(t *testing.T) {
	t.Parallel()
	broken := ops.Fail("model/dense", assert.AnError)
	for name, f := range all {
		require.ErrorIs(t, f.Apply(broken).Err(), assert.AnError, name)
	}
}
