package optimizers

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBuildErrors(t *testing.T) {
	t.Parallel()
	w := []float32{1}
	good := one("w", w, w)
	for _, c := range []struct {
		o    Optimizer
		ps   []Parameter
		says string
	}{
		{&SGD{Base: Base{ClipNorm: 1, ClipValue: 2}}, good, "expected one of ClipNorm, ClipValue and GlobalClipNorm at most, got 1, 2 and 0"},
		{&SGD{Base: Base{ClipNorm: -1}}, good, "ClipNorm: expected 0 or more, got -1"},
		{&SGD{Base: Base{WeightDecay: math.NaN()}}, good, "WeightDecay"},
		{&SGD{LearningRate: -1}, good, "LearningRate: expected 0 or more, got -1"},
		{&SGD{LearningRate: 1, Schedule: CosineDecay{DecaySteps: 1}}, good, "expected LearningRate or Schedule, got both"},
		{&SGD{Schedule: CosineDecay{}}, good, "CosineDecay: DecaySteps: expected above 0, got 0"},
		{&SGD{Schedule: CosineDecay{DecaySteps: 1, WarmupSteps: -1}}, good, "WarmupSteps"},
		{&Adam{Schedule: ExponentialDecay{DecaySteps: -2}}, good, "ExponentialDecay: DecaySteps: expected above 0, got -2"},
		{&SGD{LearningRate: math.Inf(1)}, good, "LearningRate: expected 0 or more, got +Inf"},
		{&SGD{LearningRate: 1e39}, good, "LearningRate: expected 0 or more, got 1e+39"},
		{&Adam{Epsilon: new(math.Inf(1))}, good, "Adam: Epsilon: expected 0 or more, got +Inf"},
		{&SGD{Schedule: ExponentialDecay{InitialLearningRate: -1, DecaySteps: 1}}, good, "ExponentialDecay: the rate of the first step: expected 0 or more, got -1"},
		{&SGD{Schedule: CosineDecay{InitialLearningRate: math.NaN(), DecaySteps: 1}}, good, "CosineDecay: the rate of the first step: expected 0 or more, got NaN"},
		{&SGD{Momentum: 1.5}, good, "SGD: Momentum: expected a number in [0, 1], got 1.5"},
		{&Adam{Beta1: new(1.0)}, good, "Adam: Beta1"},
		{&Adam{Beta2: new(-0.1)}, good, "Adam: Beta2"},
		{&Adam{Epsilon: new(-1.0)}, good, "Adam: Epsilon: expected 0 or more, got -1"},
		{&RMSprop{Rho: new(2.0)}, good, "RMSprop: Rho"},
		{&RMSprop{Momentum: -1}, good, "RMSprop: Momentum"},
		{&RMSprop{Epsilon: new(-1.0)}, good, "RMSprop: Epsilon"},
		{&AdamW{WeightDecay: new(-1.0)}, good, "AdamW: WeightDecay: expected 0 or more, got -1"},
		{&AdamW{Base: Base{WeightDecay: 0.1}}, good, "AdamW: Base.WeightDecay: expected 0, as AdamW has a field WeightDecay of its own, got 0.1"},
		{&AdamW{Beta1: new(2.0)}, good, "AdamW: Beta1: expected a number in [0, 1), got 2"},
		{&Adagrad{InitialAccumulatorValue: new(-1.0)}, good, "Adagrad: InitialAccumulatorValue"},
		{&Adagrad{Epsilon: new(-1.0)}, good, "Adagrad: Epsilon"},
		{&Adadelta{Rho: new(1.5)}, good, "Adadelta: Rho: expected a number in [0, 1], got 1.5"},
		{&Adadelta{Epsilon: new(-1.0)}, good, "Adadelta: Epsilon"},
		{&Adamax{Beta2: new(-1.0)}, good, "Adamax: Beta2"},
		{&Nadam{Beta1: new(1.0)}, good, "Nadam: Beta1"},
		{&Lamb{Epsilon: new(math.NaN())}, good, "Lamb: Epsilon: expected 0 or more, got NaN"},
		{&Lion{Beta1: new(0.0)}, good, "Lion: Beta1: expected a number above 0 and at most 1, got 0"},
		{&Lion{Beta2: new(-1.0)}, good, "Lion: Beta2"},
		{&Ftrl{LearningRatePower: new(0.5)}, good, "Ftrl: LearningRatePower: expected 0 or less, got 0.5"},
		{&Ftrl{L1RegularizationStrength: -1}, good, "Ftrl: L1RegularizationStrength"},
		{&Ftrl{L2RegularizationStrength: -1}, good, "Ftrl: L2RegularizationStrength"},
		{&Ftrl{L2ShrinkageRegularizationStrength: -1}, good, "Ftrl: L2ShrinkageRegularizationStrength"},
		{&Ftrl{InitialAccumulatorValue: new(-1.0)}, good, "Ftrl: InitialAccumulatorValue"},
		{&Ftrl{Beta: math.NaN()}, good, "Ftrl: Beta: expected a number, got NaN"},
		{&Adafactor{Beta2Decay: new(1.0)}, good, "Adafactor: Beta2Decay: expected 0 or less, got 1"},
		{&Adafactor{ClipThreshold: new(0.0)}, good, "Adafactor: ClipThreshold: expected a number above 0, got 0"},
		{&Adafactor{Epsilon1: new(-1.0)}, good, "Adafactor: Epsilon1"},
		{&Adafactor{Epsilon2: new(-1.0)}, good, "Adafactor: Epsilon2"},
		{&Muon{NSSteps: new(-1)}, good, "Muon: NSSteps: expected 0 or more, got -1"},
		{&Muon{RMSRate: new(0.1), NoRMSRate: true}, good, "Muon: expected RMSRate or NoRMSRate, got both: 0.1 and true"},
		{&Muon{ExcludeLayers: []string{"("}}, good, "Muon: ExcludeLayers: expected regular expressions"},
		{&Muon{AdamBeta1: new(1.0)}, good, "Muon: AdamBeta1"},
		{&Muon{Momentum: new(-1.0)}, good, "Muon: Momentum"},
		{&Muon{Base: Base{WeightDecay: 1}}, good, "Muon: Base.WeightDecay"},
		{&ScheduleFreeAdamW{Beta1: new(0.0)}, good, "ScheduleFreeAdamW: Beta1: expected a number above 0"},
		{&ScheduleFreeAdamW{WarmupSteps: -1}, good, "ScheduleFreeAdamW: WarmupSteps: expected 0 or more, got -1"},
		{&LossScaleOptimizer{}, good, "LossScaleOptimizer: InnerOptimizer: expected an optimizer, got none"},
		{&LossScaleOptimizer{InnerOptimizer: &LossScaleOptimizer{}}, good, "got a LossScaleOptimizer"},
		{&LossScaleOptimizer{InnerOptimizer: &SGD{}, InitialScale: -1}, good, "LossScaleOptimizer: InitialScale"},
		{&LossScaleOptimizer{InnerOptimizer: &SGD{}, DynamicGrowthSteps: new(-1)}, good, "LossScaleOptimizer: DynamicGrowthSteps"},
		{&LossScaleOptimizer{InnerOptimizer: &SGD{Momentum: 2}}, good, "SGD: Momentum"},
		{&SGD{Base: Base{GradientAccumulationSteps: 1}}, good, "GradientAccumulationSteps: expected 2 or more, or 0 for none, got 1"},
		{&SGD{Base: Base{EMAOverwriteFrequency: -1}}, good, "EMAOverwriteFrequency: expected 1 or more, or 0 for never, got -1"},
		{&SGD{Base: Base{UseEMA: true, EMAMomentum: new(1.5)}}, good, "EMAMomentum: expected a number in [0, 1], got 1.5"},
		{&SGD{Base: Base{LossScaleFactor: -1}}, good, "LossScaleFactor"},
		{&SGD{Schedule: CosineDecayRestarts{FirstDecaySteps: 1, TMul: new(0.5)}}, good, "CosineDecayRestarts: TMul: expected 1 or more, got 0.5"},
		{&SGD{Schedule: CosineDecayRestarts{}}, good, "CosineDecayRestarts: FirstDecaySteps: expected above 0, got 0"},
		{&SGD{Schedule: InverseTimeDecay{}}, good, "InverseTimeDecay: DecaySteps"},
		{&SGD{Schedule: PolynomialDecay{}}, good, "PolynomialDecay: DecaySteps"},
		{&SGD{Schedule: PiecewiseConstantDecay{}}, good, "PiecewiseConstantDecay: expected at least one of Boundaries and one more of Values, got 0 and 0"},
		{&SGD{Schedule: PiecewiseConstantDecay{Boundaries: []float64{2, 1}, Values: []float64{1, 2, 3}}}, good, "Boundaries: expected each above the one before, got 1 after 2"},
		{&SGD{}, []Parameter{{Path: "w"}}, "parameter w: shape []: expected 0 values, and at least one, got 0"},
		{&SGD{}, []Parameter{{Path: "w", Shape: []int{2}, Value: w}}, "shape [2]: expected 2 values"},
		{&SGD{}, []Parameter{good[0], good[0]}, "parameters 0 and 1 (w, w) are the same weight"},
	} {
		err := Build(c.o, c.ps)
		require.ErrorContains(t, err, c.says)
		assert.ErrorContains(t, err, "optimizers: Build: ")
	}
	opt := &SGD{}
	require.NoError(t, Build(opt, good))
	require.NoError(t, Build(opt, good))
	other := one("v", []float32{1}, nil)
	require.ErrorContains(t, Build(opt, other), "weight 0: expected w as the optimizer was built with, got v")
	require.ErrorContains(t, Build(opt, append(other, good...)), "expected the 1 weights that the optimizer was built with, got 2")
}
