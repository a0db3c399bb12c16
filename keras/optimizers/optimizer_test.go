package optimizers

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/keras/saving"
)

func one(path string, value, gradient []float32) []Parameter {
	return []Parameter{{Path: path, Value: value, Gradient: gradient}}
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
		"expected 4 arrays":               func(s []Slot) []Slot { return s[:3] },
		"array 2 (dense_kernel_moment":    func(s []Slot) []Slot { s[2].Shape = []int{1, 2}; return s },
		"2 floats":                        func(s []Slot) []Slot { s[3].Float = s[3].Float[:1]; return s },
		"0 floats and 1 integers":         func(s []Slot) []Slot { s[0] = s[1]; return s },
		"(iteration): expected 0 or more": func(s []Slot) []Slot { s[0].Int = []int64{-1}; return s },
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

func TestApplyAllocatesNothing(t *testing.T) {
	g := loadGolden(t)
	for _, c := range append(g.Cases, g.Scaled...) {
		o, ps := c.optimizer(t), g.params()
		for i := range ps {
			copy(ps[i].Gradient, g.Gradients[1][i])
		}
		require.NoError(t, Apply(o, ps), c.class())
		for range unwrap(o).base().GradientAccumulationSteps {
			require.NoError(t, Apply(o, ps), c.class())
		}
		assert.Zero(t, testing.AllocsPerRun(20, func() { _ = Apply(o, ps) }), c.class())
	}
}

// ascent is an optimizer of a user's own: it goes up, and counts in a number that all weights share.
type ascent struct {
	Base
	LearningRate float64

	steps *float32
}

func init() { saving.Register[ascent]("P>ascent", "") }

func (o *ascent) Rate() Rate { return Rate{LearningRate: o.LearningRate, Default: 0.001} }

func (o *ascent) Build() error {
	o.AddSlots("momentum")
	o.steps = o.AddShared("steps", 3)
	o.AddSlotSpecs(
		SlotSpec{Name: "twice", Shape: func(p *Parameter) []int { return []int{2, len(p.Value)} }, Value: 0.5},
		SlotSpec{Name: "start", Copy: true, Skip: func(p *Parameter) bool { return len(p.Value) == 1 }},
	)
	return nil
}

func (o *ascent) Begin(s Step) { *o.steps += float32(s.Number) }

func (o *ascent) Update(p *Parameter, s Step) {
	m := p.Slot(0)
	for i, g := range p.Gradient {
		m[i] = g
		p.Value[i] += s.Rate * g
	}
}

func TestOwnOptimizer(t *testing.T) {
	t.Parallel()
	w, v := []float32{1, 1}, []float32{2}
	o := &ascent{Base: Base{WeightDecay: 0.5}, LearningRate: 0.125}
	ps := []Parameter{
		{Path: "a/w", Value: w, Gradient: []float32{3, -5}},
		{Path: "a/v", Shape: []int{}, Value: v, Gradient: []float32{1}},
	}
	require.NoError(t, o.ExcludeFromWeightDecay("^v$"))
	require.NoError(t, Apply(o, ps))
	require.NoError(t, Apply(o, []Parameter{{Path: "a/w", Value: w, Gradient: []float32{0, 0}}}))
	assert.Equal(t, []float32{(1 - 0.0625 + 0.375) * (1 - 0.0625), (1 - 0.0625 - 0.625) * (1 - 0.0625)}, w)
	assert.Equal(t, []float32{2.125}, v)
	assert.Equal(t, []Slot{
		{Name: "iteration", Shape: []int{}, Int: []int64{2}},
		{Name: "learning_rate", Shape: []int{}, Float: []float32{0.125}},
		{Name: "a_w_momentum", Shape: []int{2}, Float: []float32{0, 0}},
		{Name: "a_v_momentum", Shape: []int{}, Float: []float32{1}},
		{Name: "steps", Shape: []int{}, Float: []float32{6}},
		{Name: "a_w_twice", Shape: []int{2, 2}, Float: []float32{0.5, 0.5, 0.5, 0.5}},
		{Name: "a_w_start", Shape: []int{2}, Float: []float32{1, 1}},
		{Name: "a_v_twice", Shape: []int{2, 1}, Float: []float32{0.5, 0.5}},
	}, State(o))
	saved := State(o)
	saved[4].Float = []float32{100}
	require.NoError(t, SetState(o, saved))
	assert.Equal(t, float32(100), *o.steps)
	p := &o.params[1]
	assert.Nil(t, p.Slot(2), "left out by Skip")
	assert.Nil(t, p.Slot(3))
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
		{"Adagrad", &Adagrad{}},
		{"Nadam", &Nadam{}},
		{"Lamb", &Lamb{}},
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
