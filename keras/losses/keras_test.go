package losses_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"testing"

	"github.com/gokeras/gokeras/internal/golden/fixture"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A golden is one loss with Keras's answer; without a value where Keras refused.
type golden struct {
	Class              string
	Options, Config    map[string]any // the arguments, and what get_config makes of them
	Activation         string         // makes the predictions of pred
	Smooth             bool           // differences make sense
	True, Pred, Weight *fixture.Array
	Mask               *fixture.Array // of the predictions
	ValuesMask         *fixture.Array `json:"values_mask"`
	Value, Gradient    *fixture.Array
}

// decode is the loss that a file describes so.
func (g golden) decode(t *testing.T, config map[string]any) losses.Loss {
	t.Helper()
	l, err := saving.Decode[losses.Loss](map[string]any{
		"module": "keras.losses", "class_name": g.Class, "config": config, "registered_name": nil,
	})
	require.NoError(t, err)
	return l
}

// whole is Keras's config with the arguments that get_config forgets.
func (g golden) whole() map[string]any {
	all := maps.Clone(g.Config)
	maps.Copy(all, g.Options)
	return all
}

func (g golden) predictions(x ops.Tensor) ops.Tensor {
	switch g.Activation {
	case "sigmoid":
		return ops.Sigmoid(x)
	case "softmax":
		return ops.Softmax(x, -1)
	}
	return x
}

func (g golden) call(loss losses.Loss) fixture.Call {
	record := func(in []ops.Tensor) (ops.Tensor, ops.Tensor) {
		yPred, yTrue, weight, mask, valuesMask := g.predictions(in[0]), in[1], in[2], in[3], in[4]
		values := loss.Loss(yTrue, yPred)
		if own := values.Mask(); own.Valid() && valuesMask.Valid() {
			valuesMask = ops.LogicalAnd(own, valuesMask)
		}
		if valuesMask.Valid() {
			values = values.WithMask(valuesMask)
		}
		y := losses.Reduce(values, yPred.WithMask(mask), weight, losses.ReductionOf(loss))
		return y, ops.Sum(y)
	}
	return fixture.Call{Inputs: []*fixture.Array{g.Pred, g.True, g.Weight, g.Mask, g.ValuesMask}, Record: record}
}

func TestLossesAreKeras(t *testing.T) {
	t.Parallel()
	answered, refused := map[string]int{}, 0
	for i, g := range fixture.Read[golden](t, "testdata/losses.json.gz").Cases {
		t.Run(fmt.Sprintf("%s/%d", g.Class, i), func(t *testing.T) {
			loss := g.decode(t, g.Options)
			if g.Value == nil {
				_, _, err := g.call(loss).Run(nil)
				require.Error(t, err, "Keras refuses targets of shape %v for predictions of shape %v", g.True.Shape, g.Pred.Shape)
				refused++
				return
			}
			answered[g.Class]++
			value, gradient, err := g.call(loss).Run(g.Value.Shape)
			require.NoError(t, err)
			g.Value.RequireClose(t, value, 1e-5, "value")
			g.Gradient.RequireClose(t, gradient, 1e-4, "gradient")
			if g.Smooth {
				g.call(loss).RequireDifferences(t)
			}
		})
	}
	assert.Len(t, answered, 22)
	assert.Positive(t, refused)
}

func TestConfigs(t *testing.T) {
	t.Parallel()
	for i, g := range fixture.Read[golden](t, "testdata/losses.json.gz").Cases {
		t.Run(fmt.Sprintf("%s/%d", g.Class, i), func(t *testing.T) {
			loss, ofKeras := g.decode(t, g.Options), g.decode(t, g.whole())
			written, err := saving.ToConfig(loss)
			require.NoError(t, err)
			assert.Equal(t, "keras.losses", written["module"])
			assert.Equal(t, g.Class, written["class_name"])
			text, err := json.Marshal(written["config"])
			require.NoError(t, err)
			var config map[string]any
			require.NoError(t, json.Unmarshal(text, &config))
			g.requireArguments(t, config)
			again, err := saving.Decode[losses.Loss](written)
			require.NoError(t, err)
			assert.Equal(t, loss, again)
			if g.Value == nil || i%3 > 0 {
				return
			}
			value, _, err := g.call(loss).Run(g.Value.Shape)
			require.NoError(t, err)
			same, _, err := g.call(ofKeras).Run(g.Value.Shape)
			require.NoError(t, err)
			assert.Equal(t, value, same, "with all of get_config said")
		})
	}
}

// requireArguments compares what is written with the arguments. What is left out is zero.
func (g golden) requireArguments(t *testing.T, written map[string]any) {
	t.Helper()
	for key, want := range g.Options {
		got, ok := written[key]
		switch list, isList := got.([]any); {
		case !ok:
			assert.Contains(t, []any{nil, false, 0.0}, want, key)
		case want == nil:
			assert.Equal(t, "none", got, key)
		case isList && len(list) == 1 && key == "alpha":
			assert.Equal(t, want, list[0], key)
		default:
			assert.Equal(t, want, got, key)
		}
	}
	for key := range written {
		assert.Contains(t, g.Options, key)
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	words := fixture.Read[golden](t, "testdata/losses.json.gz").Words
	assert.Len(t, words, 54)
	for word, class := range words {
		l, err := losses.Get(word)
		require.NoError(t, err, word)
		name, _ := saving.ClassName(l)
		assert.Equal(t, class, name, word)
	}
	for _, word := range []string{"", "Mse", "mean squared error", "Loss", "huber_loss"} {
		_, err := losses.Get(word)
		require.EqualError(t, err, fmt.Sprintf("losses: %q is not the name of one of Keras's losses", word))
	}
}
