package optimizers

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/keras/saving"
)

func TestClippingOfGradientsThatAreNotFinite(t *testing.T) {
	t.Parallel()
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		base     Base
		gradient []float32
		nan      []bool // where the weight becomes NaN, as Keras's formula says
	}{
		{Base{ClipNorm: 1}, []float32{nan, 1}, []bool{true, true}},
		{Base{ClipNorm: 1}, []float32{inf, 1}, []bool{true, false}},
		{Base{GlobalClipNorm: 1}, []float32{inf, 1}, []bool{true, true}},
		{Base{ClipNorm: 1}, []float32{0, 0}, []bool{false, false}},
		{Base{GlobalClipNorm: 1}, []float32{0, 0}, []bool{false, false}},
	} {
		w := []float32{1, 1}
		require.NoError(t, Apply(&SGD{Base: c.base}, one("w", w, c.gradient)))
		for i := range w {
			assert.Equal(t, c.nan[i], w[i] != w[i], "%+v: weight %d is %v", c.base, i, w[i])
		}
	}
}

func TestExcludeFromWeightDecay(t *testing.T) {
	t.Parallel()
	kernel, bias := []float32{1}, []float32{1}
	ps := []Parameter{{Path: "bias_layer/kernel", Value: kernel, Gradient: []float32{0}}, {Path: "d/bias", Value: bias, Gradient: []float32{0}}}
	o := &SGD{Base: Base{WeightDecay: 0.5}, LearningRate: 1}
	require.NoError(t, o.ExcludeFromWeightDecay("bias", "gamma"))
	require.NoError(t, Apply(o, ps))
	assert.Equal(t, []float32{0.5, 1}, []float32{kernel[0], bias[0]}, "the layer's name does not count")
	require.NoError(t, o.ExcludeFromWeightDecay("k.*l$"))
	require.NoError(t, Apply(o, ps))
	assert.Equal(t, []float32{0.5, 0.5}, []float32{kernel[0], bias[0]}, "the last call counts")
	require.ErrorContains(t, o.ExcludeFromWeightDecay("(", "x"), "expected regular expressions")
	require.NoError(t, o.ExcludeFromWeightDecay())
	require.NoError(t, Apply(o, ps))
	assert.Equal(t, []float32{0.25, 0.25}, []float32{kernel[0], bias[0]})
}

func TestAverages(t *testing.T) {
	t.Parallel()
	w := []float32{1}
	ps := one("w", w, []float32{1})
	o := &SGD{Base: Base{UseEMA: true, EMAMomentum: new(0.5)}, LearningRate: 1}
	require.ErrorContains(t, SwapEMA(o), "call Build first")
	Finalize(o)
	for range 3 {
		require.NoError(t, Apply(o, ps)) // 0, -1, -2; averages 0, -0.5, -1.25
	}
	require.NoError(t, SwapEMA(o))
	assert.Equal(t, []float32{-1.25}, w)
	require.NoError(t, SwapEMA(&LossScaleOptimizer{InnerOptimizer: o}), "of the optimizer inside")
	assert.Equal(t, []float32{-2}, w)
	Finalize(&LossScaleOptimizer{InnerOptimizer: o})
	assert.Equal(t, []float32{-1.25}, w)
	Finalize(&SGD{})
	require.ErrorContains(t, SwapEMA(&SGD{}), "SwapEMA: *optimizers.SGD: expected UseEMA true, got false")
}

func TestLossScaleOptimizerLeavesStepsOut(t *testing.T) {
	t.Parallel()
	inf := float32(math.Inf(1))
	w, v := []float32{1}, []float32{1}
	inner := &SGD{Base: Base{LossScaleFactor: 1000}, LearningRate: 1}
	o := &LossScaleOptimizer{InnerOptimizer: inner, InitialScale: 8, DynamicGrowthSteps: new(2)}
	assert.Equal(t, 8.0, LossScale(o), "before Build")
	step := func(a, b float32) {
		t.Helper()
		require.NoError(t, Apply(o, []Parameter{{Path: "w", Value: w, Gradient: []float32{a}}, {Path: "v", Value: v, Gradient: []float32{b}}}))
	}
	step(4, 8)
	assert.Equal(t, []float32{0.5, 0}, []float32{w[0], v[0]}, "divided by 8, and by nothing else")
	step(4, inf)
	assert.Equal(t, []float32{0.5, 0}, []float32{w[0], v[0]}, "not a step of any weight")
	assert.Equal(t, 4.0, LossScale(o))
	assert.Equal(t, 1, o.Iterations())
	step(4, 0)
	step(4, 0)
	assert.Equal(t, 8.0, LossScale(o), "two good ones in a row")
	step(float32(math.NaN()), 0)
	assert.Equal(t, 4.0, LossScale(o))
	require.NoError(t, SetLearningRate(o, 0.25))
	assert.Equal(t, 0.25, LearningRate(inner))
	assert.Equal(t, 0.25, LearningRate(o))
	saved, err := saving.ToConfig(o)
	require.NoError(t, err)
	assert.Equal(t, 0.25, saved["config"].(map[string]any)["inner_optimizer"].(map[string]any)["config"].(map[string]any)["learning_rate"])

	assert.Equal(t, 32768.0, LossScale(&LossScaleOptimizer{}))
	assert.Len(t, State(&LossScaleOptimizer{}), 4)
	_, err = saving.ToConfig(&LossScaleOptimizer{})
	require.NoError(t, err)
	assert.Equal(t, 0.5, LossScale(&SGD{Base: Base{LossScaleFactor: 0.5}}))
}

func TestGradientAccumulation(t *testing.T) {
	t.Parallel()
	w := []float32{0}
	o := &SGD{Base: Base{GradientAccumulationSteps: 2}, LearningRate: 1}
	for i, want := range []float32{0, -1.5, -1.5, -5} {
		require.NoError(t, Apply(o, one("w", w, []float32{float32(i + 1)})))
		assert.Equal(t, []float32{want}, w, "step %d", i)
	}
	assert.Equal(t, 2, o.Iterations())
	assert.Equal(t, []int64{4}, State(o)[0].Int)
	assert.Equal(t, Slot{Name: "w_gradient_accumulator", Shape: []int{1}, Float: []float32{0}}, State(o)[2])
}

// What can only be set before Build changes nothing after it, and nothing panics.
func TestFieldsChangedAfterBuild(t *testing.T) {
	t.Parallel()
	sgd, adam, rms := &SGD{}, &Adam{}, &RMSprop{}
	for _, o := range []Optimizer{sgd, adam, rms} {
		changed, fixed := []float32{1}, []float32{1}
		require.NoError(t, Apply(o, one("w", changed, []float32{1})))
		twin := builtin(map[Optimizer]string{sgd: "sgd", adam: "adam", rms: "rmsprop"}[o])
		require.NoError(t, Apply(twin, one("w", fixed, []float32{1})))
		sgd.Momentum, adam.AMSGrad, rms.Momentum, rms.Centered = 0.5, true, 0.5, true
		o.base().UseEMA, o.base().GradientAccumulationSteps = true, 2
		for range 3 {
			require.NoError(t, Apply(o, one("w", changed, []float32{1})))
			require.NoError(t, Apply(twin, one("w", fixed, []float32{1})))
		}
		require.NoError(t, SwapEMA(o))
		assert.InDelta(t, fixed[0], changed[0], 0.05, "%T", o)
	}
}
