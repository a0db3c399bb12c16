package optimizers

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func one(path string, value, gradient []float32) []Parameter {
	return []Parameter{{Path: path, Value: value, Gradient: gradient}}
}

func TestRestoredStateContinuesWithTheSameBits(t *testing.T) {
	t.Parallel()
	g := load(t)
	for _, c := range g.Cases {
		straight, broken := g.params(t), g.params(t)
		opt := c.optimizer()
		for step := range g.Gradients {
			require.NoError(t, Build(opt, straight), "again and again")
			require.NoError(t, Apply(opt, c.set(straight, g.Gradients[step], step)))
		}
		first := c.optimizer()
		require.NoError(t, Build(first, broken))
		if c.Name == "sgd_momentum" {
			require.NoError(t, SetLearningRate(first, 0.01))
		}
		for step := range 7 {
			require.NoError(t, Apply(first, c.set(broken, g.Gradients[step], step)))
		}
		second := c.optimizer()
		require.NoError(t, Build(second, broken))
		require.NoError(t, SetState(second, State(first)))
		for step := 7; step < len(g.Gradients); step++ {
			require.NoError(t, Apply(second, c.set(broken, g.Gradients[step], step)))
		}
		for i := range straight {
			assert.Equal(t, straight[i].Value, broken[i].Value, "%s: %s", c.Name, straight[i].Path)
		}
		assert.Equal(t, State(opt), State(second), c.Name)
	}
}

func TestSetStateCopiesAndChecks(t *testing.T) {
	t.Parallel()
	ps := one("dense/kernel", []float32{1, 2}, []float32{1, 1})
	opt := &Adam{}
	require.ErrorContains(t, SetState(opt, State(opt)), "call Build first")
	require.NoError(t, Apply(opt, ps))
	saved := []Slot{
		{Shape: []int{}, Int: []int64{41}},
		{Shape: []int{}, Float: []float32{0.25}},
		{Shape: []int{2}, Float: []float32{3, 4}},
		{Shape: []int{2}, Float: []float32{5, 6}},
	}
	require.NoError(t, SetState(opt, saved))
	saved[2].Float[0] = 99
	state := State(opt)
	assert.Equal(t, []string{"iteration", "learning_rate", "dense_kernel_momentum", "dense_kernel_velocity"},
		[]string{state[0].Name, state[1].Name, state[2].Name, state[3].Name})
	assert.Equal(t, []float32{3, 4}, state[2].Float)
	assert.Equal(t, 41, opt.Iterations())
	assert.Equal(t, 0.25, LearningRate(opt))

	for name, wrong := range map[string]func(s []Slot) []Slot{
		"expected 4 arrays":             func(s []Slot) []Slot { return s[:3] },
		"array 2 (dense_kernel_moment":  func(s []Slot) []Slot { s[2].Shape = []int{1, 2}; return s },
		"2 floats":                      func(s []Slot) []Slot { s[3].Float = s[3].Float[:1]; return s },
		"0 floats and 1 integers":       func(s []Slot) []Slot { s[0] = s[1]; return s },
		"iteration: expected 0 or more": func(s []Slot) []Slot { s[0].Int = []int64{-1}; return s },
	} {
		copied := append([]Slot(nil), State(opt)...)
		require.ErrorContains(t, SetState(opt, wrong(copied)), name)
		assert.Equal(t, 41, opt.Iterations())
		assert.Equal(t, []float32{5, 6}, State(opt)[3].Float)
	}
}

func TestLearningRate(t *testing.T) {
	t.Parallel()
	w := []float32{1}
	opt := &SGD{LearningRate: 0.5}
	ps := one("w", w, []float32{1})
	require.NoError(t, Apply(opt, ps))
	assert.Equal(t, float32(0.5), w[0])

	require.NoError(t, SetLearningRate(opt, 0))
	require.NoError(t, Apply(opt, ps))
	assert.Equal(t, float32(0.5), w[0], "a rate of 0 is a rate")
	assert.Equal(t, 0.5, opt.LearningRate, "the field stays what the user wrote")

	require.NoError(t, SetLearningRate(opt, 0.1))
	assert.Equal(t, float64(float32(0.1)), LearningRate(opt))
	opt.LearningRate = 0.25
	assert.Equal(t, 0.25, LearningRate(opt), "a change of the field is seen")
	require.NoError(t, Apply(opt, ps))
	assert.Equal(t, float32(0.25), w[0])

	require.ErrorContains(t, SetLearningRate(opt, -1), "expected 0 or more, got -1")
	require.ErrorContains(t, SetLearningRate(opt, math.NaN()), "got NaN")
	scheduled := &SGD{Schedule: ExponentialDecay{0.1, 10, 0.5, false}}
	require.ErrorContains(t, SetLearningRate(scheduled, 0.1), "comes from a schedule (optimizers.ExponentialDecay)")
	assert.Equal(t, float64(float32(0.1)), LearningRate(scheduled))

	assert.Equal(t, float64(float32(0.01)), LearningRate(&SGD{}))
	assert.Equal(t, float64(float32(0.001)), LearningRate(&Adam{}))
	assert.Equal(t, float64(float32(0.001)), LearningRate(&RMSprop{}))
}

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

func TestParametersAreToldByTheirMemory(t *testing.T) {
	t.Parallel()
	a := Parameter{Path: "a", Value: []float32{1, 1}, Gradient: []float32{1, 1}}
	b := Parameter{Path: "b", Value: []float32{1}, Gradient: []float32{1}}
	opt := &SGD{LearningRate: 0.5}
	require.NoError(t, Build(opt, []Parameter{a, b}))
	require.NoError(t, Apply(opt, []Parameter{b}), "a part of the weights")
	require.NoError(t, Apply(opt, []Parameter{b, a}), "in another order")
	assert.Equal(t, []float32{0.5, 0.5}, a.Value)
	assert.Equal(t, []float32{0}, b.Value)
	assert.Equal(t, 2, opt.Iterations())

	require.NoError(t, Apply(opt, nil))
	assert.Equal(t, 2, opt.Iterations(), "nothing to do is not a step")

	stranger := Parameter{Path: "c", Value: []float32{1}, Gradient: []float32{1}}
	short := a
	short.Gradient = short.Gradient[:1]
	none := a
	none.Gradient = nil
	for says, ps := range map[string][]Parameter{
		"parameter c: expected a weight that the optimizer was built with": {a, stranger},
		"parameter a: expected a gradient of 2 values, got 1":              {b, short},
		"parameter a: expected it once, got it twice":                      {a, b, a},
		"expected a gradient for at least one of 1 parameters, got none":   {none},
		"parameter : expected a weight":                                    {{}},
	} {
		require.ErrorContains(t, Apply(opt, ps), says)
	}
	assert.Equal(t, []float32{0.5, 0.5}, a.Value, "a failed step changes nothing")
	assert.Equal(t, 2, opt.Iterations())
}

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
		{&SGD{Momentum: 1.5}, good, "SGD: Momentum: expected a number in [0, 1], got 1.5"},
		{&Adam{Beta1: new(1.0)}, good, "Adam: Beta1"},
		{&Adam{Beta2: new(-0.1)}, good, "Adam: Beta2"},
		{&Adam{Epsilon: -1}, good, "Adam: Epsilon"},
		{&RMSprop{Rho: new(2.0)}, good, "RMSprop: Rho"},
		{&RMSprop{Momentum: -1}, good, "RMSprop: Momentum"},
		{&RMSprop{Epsilon: -1}, good, "RMSprop: Epsilon"},
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

func TestApplyAllocatesNothing(t *testing.T) {
	g := load(t)
	for _, c := range g.Cases {
		if c.Missing {
			continue
		}
		opt, ps := c.optimizer(), g.params(t)
		require.NoError(t, Apply(opt, ps[:]), c.Name)
		assert.Zero(t, testing.AllocsPerRun(20, func() { _ = Apply(opt, ps) }), c.Name)
	}
}

// lion is an optimizer of a user's own: sign of an interpolated momentum (Chen et al. 2023).
type lion struct {
	Base
	LearningRate float64
}

func (o *lion) Rate() Rate { return Rate{LearningRate: o.LearningRate, Default: 0.001} }

func (o *lion) Build() error { o.AddSlots("momentum"); return nil }

func (o *lion) Update(p *Parameter, s Step) {
	m := p.Slot(0)
	for i, g := range p.Gradient {
		p.Value[i] -= s.Rate * float32(math.Copysign(1, float64(0.9*m[i]+0.1*g)))
		m[i] += (g - m[i]) * 0.01
	}
}

func TestOwnOptimizer(t *testing.T) {
	t.Parallel()
	w := []float32{1, 1}
	opt := &lion{Base: Base{WeightDecay: 0.5}, LearningRate: 0.125}
	require.NoError(t, Apply(opt, one("w", w, []float32{3, -5})))
	assert.Equal(t, []float32{1 - 0.0625 - 0.125, 1 - 0.0625 + 0.125}, w)
	assert.Equal(t, "w_momentum", State(opt)[2].Name)
}

func BenchmarkApply(b *testing.B) {
	const n = 784*64 + 64 + 64*10 + 10
	for _, c := range []struct {
		name string
		o    Optimizer
	}{
		{"SGD", &SGD{}},
		{"Adam", &Adam{}},
		{"AdamGlobalClipNorm", &Adam{Base: Base{GlobalClipNorm: 1}}},
		{"RMSprop", &RMSprop{}},
	} {
		b.Run(c.name, func(b *testing.B) {
			ps := one("w", make([]float32, n), make([]float32, n))
			for i := range ps[0].Gradient {
				ps[0].Gradient[i] = 1e-3
			}
			b.SetBytes(4 * n)
			b.ReportAllocs()
			for b.Loop() {
				if err := Apply(c.o, ps); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
