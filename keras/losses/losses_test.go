package losses_test

import (
	"testing"

	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func vector(v ...float64) ops.Tensor {
	return ops.Array(tensor.New(tensor.WithShape(len(v)), tensor.WithBacking(v)))
}

func TestUnknownReduction(t *testing.T) {
	t.Parallel()
	x := vector(1, 2).In("model/out")
	for _, r := range []losses.Reduction{"none", "average", "SUM"} {
		l := losses.MeanSquaredError{Base: losses.Base{Reduction: r}}
		err := losses.Reduce(x, x, ops.Tensor{}, losses.ReductionOf(l)).Err()
		require.EqualError(t, err, `model/out: loss reduction "`+string(r)+`" is not one of Keras's`)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	x := func(shape ...int) ops.Tensor { return ops.Placeholder("x", ops.Float32, shape...) }
	for name, c := range map[string]struct {
		loss        losses.Loss
		yTrue, pred ops.Tensor
		message     string
	}{
		"repeated targets":       {losses.BinaryCrossentropy{}, x(4, 1), x(4, 3), "targets of shape [4 1] do not fit predictions of shape [4 3]"},
		"repeated predictions":   {losses.BinaryCrossentropy{FromLogits: true}, x(4, 3), x(4, 1), "targets of shape [4 3] do not fit predictions of shape [4 1]"},
		"without a last axis":    {losses.BinaryCrossentropy{}, x(ops.Unknown), x(ops.Unknown, 3), "do not fit"},
		"repeated classes":       {losses.CategoricalCrossentropy{}, x(4, 1), x(4, 3), "targets of shape [4 1] do not fit predictions of shape [4 3]"},
		"smoothed classes":       {losses.CategoricalCrossentropy{LabelSmoothing: 0.1}, x(4, 3), x(4, 2), "targets of shape [4 3] do not fit"},
		"other batch":            {losses.MeanSquaredError{}, x(5, 3), x(4, 3), "[5 3]"},
		"labels as classes":      {losses.CategoricalCrossentropy{FromLogits: true}, x(4), x(4, 3), "do not fit"},
		"classes as labels":      {losses.SparseCategoricalCrossentropy{FromLogits: true}, x(4, 3), x(4, 3), "do not fit"},
		"no predictions":         {losses.BinaryCrossentropy{}, x(4), ops.Tensor{}, "without a value"},
		"several by position":    {losses.Each{losses.MeanSquaredError{}}, x(4), x(4), "no loss of one"},
		"several by name":        {losses.Named{"out": losses.MeanSquaredError{}}, x(4), x(4), "no loss of one"},
		"failed in what is true": {losses.MeanAbsoluteError{}, ops.Fail("a", assert.AnError), x(4), assert.AnError.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			values := c.loss.Loss(c.yTrue, c.pred)
			require.ErrorContains(t, values.Err(), c.message)
			require.ErrorContains(t, losses.Reduce(values, c.pred, ops.Tensor{}, losses.Sum).Err(), c.message)
		})
	}
}

func TestUnknownBatchIsNoDifference(t *testing.T) {
	t.Parallel()
	yTrue, yPred := ops.Placeholder("t", ops.Float32, 4, 3), ops.Placeholder("p", ops.Float32, ops.Unknown, 3)
	require.NoError(t, losses.BinaryCrossentropy{}.Loss(yTrue, yPred).Err())
}

func TestLabelThatIsNoClass(t *testing.T) {
	t.Parallel()
	p := ops.Reshape(vector(0.2, 0.3, 0.5, 0.5, 0.25, 0.25), 2, 3)
	for _, fromLogits := range []bool{false, true} {
		for _, label := range []float64{-1, 3} {
			_, err := ops.Evaluate(losses.SparseCategoricalCrossentropy{FromLogits: fromLogits}.Loss(vector(0, label), p))
			require.ErrorContains(t, err, "at position 1 is outside [0, 3)", "label %v, from logits %v", label, fromLogits)
		}
	}
}

func TestForOutputs(t *testing.T) {
	t.Parallel()
	mse, mae := losses.MeanSquaredError{}, losses.MeanAbsoluteError{}
	names := []string{"a", "b"}
	for name, c := range map[string]struct {
		loss    losses.Loss
		want    []losses.Loss
		message string
	}{
		"one for all":      {mse, []losses.Loss{mse, mse}, ""},
		"by position":      {losses.Each{mae, nil}, []losses.Loss{mae, nil}, ""},
		"by name":          {losses.Named{"a": nil, "b": mae}, []losses.Loss{nil, mae}, ""},
		"too few":          {losses.Each{mse}, nil, "1 losses for 2 outputs"},
		"too many":         {losses.Each{mse, mae, mse}, nil, "3 losses for 2 outputs"},
		"no such output":   {losses.Named{"a": mse, "c": mae}, nil, `loss for output "c": the outputs are ["a" "b"]`},
		"one not named":    {losses.Named{"b": mae}, nil, `output "a" has no loss; name all of ["a" "b"], with nil where there is none`},
		"none by position": {losses.Each{}, nil, "0 losses for 2 outputs"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := losses.ForOutputs(c.loss, names)
			if c.message != "" {
				require.EqualError(t, err, c.message)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestReductionOf(t *testing.T) {
	t.Parallel()
	assert.Equal(t, losses.Sum, losses.ReductionOf(losses.MeanSquaredError{Base: losses.Base{Reduction: losses.Sum}}))
	assert.Empty(t, losses.ReductionOf(losses.Named{}), "a loss that does not say")
}
