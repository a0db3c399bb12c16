package losses_test

import (
	"fmt"
	"testing"

	"github.com/gokeras/gokeras/internal/golden/fixture"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A golden is one loss with Keras's answer; without a value where Keras refused.
type golden struct {
	Class   string
	Options struct {
		Reduction      losses.Reduction
		FromLogits     bool    `json:"from_logits"`
		LabelSmoothing float64 `json:"label_smoothing"`
	}
	Activation         string // makes the predictions of pred
	True, Pred, Weight *fixture.Array
	Mask               *fixture.Array // of the predictions
	ValuesMask         *fixture.Array `json:"values_mask"`
	Value, Gradient    *fixture.Array
}

func (g golden) loss() losses.Loss {
	o, base := g.Options, losses.Base{Reduction: g.Options.Reduction}
	switch g.Class {
	case "MeanSquaredError":
		return losses.MeanSquaredError{Base: base}
	case "MeanAbsoluteError":
		return losses.MeanAbsoluteError{Base: base}
	case "BinaryCrossentropy":
		return losses.BinaryCrossentropy{Base: base, FromLogits: o.FromLogits, LabelSmoothing: o.LabelSmoothing}
	case "CategoricalCrossentropy":
		return losses.CategoricalCrossentropy{Base: base, FromLogits: o.FromLogits, LabelSmoothing: o.LabelSmoothing}
	case "SparseCategoricalCrossentropy":
		return losses.SparseCategoricalCrossentropy{Base: base, FromLogits: o.FromLogits}
	}
	return nil
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

func (g golden) run() (value, gradient []float32, err error) {
	loss := g.loss()
	record := func(in []ops.Tensor) (ops.Tensor, ops.Tensor) {
		yPred, yTrue, weight, mask, valuesMask := g.predictions(in[0]), in[1], in[2], in[3], in[4]
		values := loss.Loss(yTrue, yPred).WithMask(valuesMask)
		total := losses.Reduce(values, yPred.WithMask(mask), weight, losses.ReductionOf(loss))
		return total, total
	}
	call := fixture.Call{Inputs: []*fixture.Array{g.Pred, g.True, g.Weight, g.Mask, g.ValuesMask}, Record: record}
	if g.Value == nil {
		return call.Run(nil)
	}
	return call.Run(g.Value.Shape)
}

func TestLossesAreKeras(t *testing.T) {
	t.Parallel()
	answered, refused := map[string]int{}, 0
	for i, g := range fixture.Read[golden](t, "testdata/losses.json") {
		t.Run(fmt.Sprintf("%s/%d", g.Class, i), func(t *testing.T) {
			value, gradient, err := g.run()
			if g.Value == nil {
				require.Error(t, err, "Keras refuses targets of shape %v for predictions of shape %v", g.True.Shape, g.Pred.Shape)
				refused++
				return
			}
			require.NoError(t, err)
			answered[g.Class]++
			g.Value.RequireClose(t, value, 1e-5, "value")
			g.Gradient.RequireClose(t, gradient, 1e-4, "gradient")
		})
	}
	assert.Len(t, answered, 5)
	assert.Positive(t, refused)
}
