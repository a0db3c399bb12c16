package losses_test

import (
	"testing"

	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func distance(yTrue, yPred ops.Tensor) ops.Tensor {
	return ops.Mean(ops.Absolute(ops.Subtract(yTrue, yPred)), -1)
}

var registered = losses.Func("registered", distance)

func init() { saving.RegisterFunction("losses_test>registered", registered) }

func TestFunc(t *testing.T) {
	t.Parallel()
	l := losses.Func("distance", distance)
	assert.Empty(t, losses.ReductionOf(l))
	// As Keras does, the targets get a last axis, so that they are not repeated along that of the predictions.
	y, err := ops.Evaluate(l.Loss(vector(1, 2), ops.ExpandDims(vector(1.5, 4), -1)))
	require.NoError(t, err)
	assert.Equal(t, []float32{0.5, 2}, y.Float32s())
}

func TestFuncErrors(t *testing.T) {
	t.Parallel()
	require.EqualError(t, losses.Func("mine", nil).Loss(vector(1), vector(1).In("model/out")).Err(), "model/out: loss mine: expected a function, got nil")
	err := losses.Func("mine", distance).Loss(vector(1, 2, 3), vector(1, 2)).Err()
	require.ErrorContains(t, err, "loss mine: subtract")
	require.ErrorContains(t, losses.Func("mine", distance).Loss(ops.Fail("", assert.AnError), vector(1)).Err(), assert.AnError.Error())
}

func TestFuncInFiles(t *testing.T) {
	t.Parallel()
	written, err := saving.Encode(registered)
	require.NoError(t, err)
	read, err := saving.Decode[losses.Loss](written)
	require.NoError(t, err)
	assert.Same(t, registered, read)
	_, err = saving.Encode(losses.Func("mine", distance))
	require.ErrorContains(t, err, "loss mine is not registered: register it with saving.RegisterFunction")
}
