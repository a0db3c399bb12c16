package losses_test

import (
	"math"
	"testing"

	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
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
	for _, r := range []losses.Reduction{"None", "average", "SUM"} {
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
		"focal, repeated":        {losses.BinaryFocalCrossentropy{}, x(4, 1), x(4, 3), "targets of shape [4 1] do not fit predictions of shape [4 3]"},
		"no such axis":           {losses.BinaryCrossentropy{Axis: new(2)}, x(4, 3), x(4, 3), "axis 2 does not exist"},
		"no such class axis":     {losses.CategoricalCrossentropy{Axis: new(-3)}, x(4, 3), x(4, 3), "axis -3 does not exist"},
		"no such sparse axis":    {losses.SparseCategoricalCrossentropy{Axis: new(2)}, x(4), x(4, 3), "axis 2 does not exist"},
		"no such direction":      {losses.CosineSimilarity{Axis: new(4)}, x(4, 3), x(4, 3), "axis 4 does not exist"},
		"no such region":         {losses.Dice{Axis: []int{1, 2}}, x(4, 3), x(4, 3), "axis 2 does not exist"},
		"an axis twice":          {losses.Tversky{Axis: []int{1, -1}}, x(4, 3), x(4, 3), "twice"},
		"alphas":                 {losses.CategoricalFocalCrossentropy{Alpha: []float64{1, 2}}, x(4, 3), x(4, 3), "[2]"},
		"q":                      {losses.CategoricalGeneralizedCrossEntropy{Q: 1}, x(4), x(4, 3), "q is 1: expected a number between 0 and 1"},
		"negative q":             {losses.CategoricalGeneralizedCrossEntropy{Q: -0.5}, x(4), x(4, 3), "q is -0.5"},
		"circle of images":       {losses.Circle{}, x(4), x(4, 3, 3), "circle: targets of shape [4] and predictions of shape [4 3 3]"},
		"circle of classes":      {losses.Circle{}, x(4, 2), x(4, 3), "circle: targets of shape [4 2]"},
		"circle of nothing":      {losses.Circle{}, ops.Tensor{}, x(4, 3), "without a value"},
		"sequences of numbers":   {losses.CTC{}, x(4, 2), x(4, 3), "ctc: targets of shape [4 2] and predictions of shape [4 3]"},
		"labels of one step":     {losses.CTC{}, x(4), x(4, 5, 3), "ctc: targets of shape [4]"},
		"sequences of nothing":   {losses.CTC{}, x(4, 2), ops.Tensor{}, "without a value"},
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
	const unknown = ops.Unknown
	x := func(shape ...int) ops.Tensor { return ops.Placeholder("x", ops.Float32, shape...) }
	for name, c := range map[string]struct {
		loss        losses.Loss
		yTrue, pred ops.Tensor
	}{
		"targets known": {losses.BinaryCrossentropy{}, x(4, 3), x(unknown, 3)},
		"circle":        {losses.Circle{}, x(unknown), x(unknown, 3)},
		"ctc":           {losses.CTC{}, x(unknown, 2), x(unknown, 5, 3)},
		"ignored":       {losses.SparseCategoricalCrossentropy{IgnoreClass: new(0)}, x(unknown), x(unknown, 3)},
	} {
		mask := ops.Placeholder("mask", ops.Bool, unknown)
		y := losses.Reduce(c.loss.Loss(c.yTrue, c.pred), c.pred.WithMask(mask), x(unknown), "")
		require.NoError(t, y.Err(), name)
		assert.Empty(t, y.Shape(), name)
	}
}

func TestLabelThatIsNoClass(t *testing.T) {
	t.Parallel()
	p := ops.Reshape(vector(0.2, 0.3, 0.5, 0.5, 0.25, 0.25), 2, 3)
	for name, loss := range map[string]losses.Loss{
		"probabilities": losses.SparseCategoricalCrossentropy{}, "logits": losses.SparseCategoricalCrossentropy{FromLogits: true},
		"another ignored": losses.SparseCategoricalCrossentropy{IgnoreClass: new(255)}, "generalized": losses.CategoricalGeneralizedCrossEntropy{},
	} {
		for _, label := range []float64{-1, 3} {
			_, err := ops.Evaluate(loss.Loss(vector(0, label), p))
			require.ErrorContains(t, err, "at position 1 is outside [0, 3)", "%s: label %v", name, label)
		}
	}
	_, err := ops.Evaluate(losses.CTC{}.Loss(ops.Reshape(vector(1, 3), 1, 2), ops.Reshape(p, 1, 2, 3)))
	require.ErrorContains(t, err, "label 3 at position [0 1] is outside [0, 3)")
}

func TestIgnoredPredictionsMayBeAnything(t *testing.T) {
	t.Parallel()
	for _, fromLogits := range []bool{false, true} {
		p := ops.Placeholder("p", ops.Float32, 3, 2)
		values := losses.SparseCategoricalCrossentropy{FromLogits: fromLogits, IgnoreClass: new(-1)}.Loss(vector(1, -1, -1), p)
		loss := losses.Reduce(values, p, ops.Tensor{}, "")
		program, err := ops.Compile(ops.Options{Inputs: []ops.Tensor{p}, Outputs: []ops.Tensor{loss}, Loss: loss, WithRespectTo: []ops.Tensor{p}})
		require.NoError(t, err)
		x := program.Inputs()[0].Float32s()
		copy(x, []float32{0.5, 0.5, float32(math.NaN()), 0, 0, 0})
		require.NoError(t, program.Run())
		assert.InDelta(t, math.Ln2, program.Outputs()[0].Float32s()[0], 1e-6)
		g := program.Gradients()[0].Float32s()
		assert.InDelta(t, g[0], -g[1], 1e-6)
		assert.NotZero(t, g[0])
		assert.Equal(t, []float32{0, 0, 0, 0}, g[2:])
	}
}

func TestGeneralizedCrossEntropyOfAColumnOfLabels(t *testing.T) {
	t.Parallel()
	p := ops.Reshape(vector(0.2, 0.8, 0.5, 0.5), 2, 2)
	loss := losses.CategoricalGeneralizedCrossEntropy{Q: 0.5}
	row, err := ops.Evaluate(loss.Loss(vector(1, 0), p))
	require.NoError(t, err)
	column, err := ops.Evaluate(loss.Loss(ops.ExpandDims(vector(1, 0), -1), p))
	require.NoError(t, err)
	assert.Equal(t, row.Float32s(), column.Float32s())
	assert.InDelta(t, (1-math.Sqrt(0.8))/0.5, row.Float32s()[0], 1e-6)
}

func TestOldReductions(t *testing.T) {
	t.Parallel()
	for reduction, want := range map[any]losses.Reduction{"auto": "", nil: losses.None, "none": losses.None, "sum": losses.Sum} {
		l, err := saving.Decode[losses.Loss](map[string]any{"class_name": "Huber", "module": "keras.losses", "config": map[string]any{"reduction": reduction}})
		require.NoError(t, err)
		assert.Equal(t, losses.Huber{Base: losses.Base{Reduction: want}}, l)
	}
	l, err := saving.Decode[losses.Loss](map[string]any{"class_name": "Huber", "module": "keras.losses", "config": map[string]any{}})
	require.NoError(t, err)
	assert.Equal(t, losses.Huber{}, l)
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
