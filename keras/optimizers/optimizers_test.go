package optimizers

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/keras/saving"
)

// A trajectory is what Keras did in 20 steps with one optimizer.
type trajectory struct {
	Config  map[string]any
	Exclude []string
	Missing string
	Every   int
	Rates   []float64
	First   []packed
	Last    []packed
	Final   []packed
	State   []struct {
		Name  string
		Shape []int
		Float packed
		Int   []int64
	}
	Scales []float64
	Bad    []int
}

type golden struct {
	Shapes    [][2]any
	Start     []packed
	Gradients [][]packed
	Cases     []trajectory
	Scaled    []trajectory
	Words     map[string]*string
	Defaults  []map[string]any
}

func loadGolden(t testing.TB) golden {
	t.Helper()
	var g golden
	load(t, "optimizers", &g)
	return g
}

// params returns fresh parameters at the fixture's starting values.
func (g golden) params() []Parameter {
	ps := make([]Parameter, len(g.Shapes))
	for i, s := range g.Shapes {
		ps[i].Path = s[0].(string)
		ps[i].Shape = []int{}
		for _, d := range s[1].([]any) {
			ps[i].Shape = append(ps[i].Shape, int(d.(float64)))
		}
		ps[i].Value = slices.Clone(g.Start[i])
		ps[i].Gradient = make([]float32, len(ps[i].Value))
	}
	return ps
}

func (c trajectory) class() string { return c.Config["class_name"].(string) }

func (c trajectory) optimizer(t testing.TB) Optimizer {
	t.Helper()
	o, err := saving.Decode[Optimizer](c.Config)
	require.NoError(t, err)
	if len(c.Exclude) > 0 {
		require.NoError(t, o.base().ExcludeFromWeightDecay(c.Exclude...))
	}
	return o
}

// set copies the gradients of a step, which the optimizer may change, and leaves out the one that Keras did not get.
func (c trajectory) set(ps []Parameter, gradients []packed, step int, scale float32) []Parameter {
	ps = slices.Clone(ps)
	for i := range ps {
		for k, g := range gradients[i] {
			ps[i].Gradient[k] = g * scale
			if slices.Contains(c.Bad, step) {
				ps[i].Gradient[k] = float32(math.Inf(1))
			}
		}
		if ps[i].name() == c.Missing && step%c.Every == 0 {
			ps[i].Gradient = nil
		}
	}
	return ps
}

// tolerance is the share that may be missing of the largest value of an array's kind: all weights, all momenta. Two optimizers lose more, in Keras
// as here. Muon's iterations of Newton and Schulz multiply what is left of small singular values, and the rounding of products with it, by 3.4 each; Ftrl
// takes differences of roots that grow.
func (c trajectory) tolerance() float64 {
	switch c.class() {
	case "Muon":
		return 2e-5
	case "Ftrl":
		return 5e-6
	}
	return 1e-6
}

func (c trajectory) near(t *testing.T, want, got []float32, top float64, what string) {
	t.Helper()
	require.Len(t, got, len(want), what)
	for i := range want {
		require.InDelta(t, want[i], got[i], c.tolerance()*top, "%s [%d]", what, i)
	}
}

// largest is the largest of x and top.
func largest(x []float32, top float64) float64 {
	for _, v := range x {
		top = max(top, math.Abs(float64(v)))
	}
	return top
}

func (c trajectory) nearAll(t *testing.T, want []packed, ps []Parameter, what string) {
	t.Helper()
	top := 0.0
	for _, w := range want {
		top = largest(w, top)
	}
	for i, p := range ps {
		c.near(t, want[i], p.Value, top, what+": "+p.Path)
	}
}

func (c trajectory) sameState(t *testing.T, ps []Parameter, state []Slot) {
	t.Helper()
	require.Len(t, state, len(c.State))
	kind := func(name string) string {
		for _, p := range ps {
			name = strings.TrimPrefix(name, strings.ReplaceAll(p.Path, "/", "_")+"_")
		}
		return name
	}
	tops := map[string]float64{}
	for _, want := range c.State {
		tops[kind(want.Name)] = largest(want.Float, tops[kind(want.Name)])
	}
	for i, want := range c.State {
		top := tops[kind(want.Name)]
		if strings.HasPrefix(want.Name, "variable") {
			want.Name = "variable" // Keras numbers what has no name.
		}
		assert.Equal(t, want.Name, state[i].Name)
		assert.Equal(t, want.Shape, state[i].Shape, want.Name)
		assert.Equal(t, want.Int, state[i].Int, want.Name)
		c.near(t, want.Float, state[i].Float, top, want.Name)
	}
}

func TestTrajectoriesAreKeras(t *testing.T) {
	t.Parallel()
	g := loadGolden(t)
	classes := map[string]int{}
	for _, c := range g.Cases {
		classes[c.class()]++
		t.Run(c.class(), func(t *testing.T) {
			t.Parallel()
			o, ps := c.optimizer(t), g.params()
			require.NoError(t, Build(o, ps))
			scale := float32(LossScale(o))
			for step, gradients := range g.Gradients {
				require.InEpsilon(t, c.Rates[step]+1, LearningRate(o)+1, 1e-8, "learning rate of step %d", step)
				require.NoError(t, Apply(o, c.set(ps, gradients, step, 1)))
				if step == 0 {
					c.nearAll(t, c.First, ps, "first step")
				}
			}
			c.nearAll(t, c.Last, ps, "last step")
			c.sameState(t, ps, State(o))
			Finalize(o)
			c.nearAll(t, c.Final, ps, "finalized")
			if factor, ok := c.Config["config"].(map[string]any)["loss_scale_factor"].(float64); ok {
				assert.Equal(t, float32(factor), scale)
			} else {
				assert.Equal(t, float32(1), scale)
			}
		})
	}
	assert.Len(t, classes, 14)
}

func TestLossScaleOptimizerIsKeras(t *testing.T) {
	t.Parallel()
	g := loadGolden(t)
	require.NotEmpty(t, g.Scaled)
	for _, c := range g.Scaled {
		o, ps := c.optimizer(t), g.params()
		require.NoError(t, Build(o, ps))
		for step, gradients := range g.Gradients {
			require.Equal(t, c.Scales[step], LossScale(o), "step %d", step)
			require.NoError(t, Apply(o, c.set(ps, gradients, step, float32(LossScale(o)))))
		}
		c.nearAll(t, c.Last, ps, "last step")
		c.sameState(t, ps, State(o))
	}
}

func TestRestoredStateContinuesWithTheSameBits(t *testing.T) {
	t.Parallel()
	g := loadGolden(t)
	for i, c := range append(g.Cases, g.Scaled...) {
		straight, broken := g.params(), g.params()
		step := func(o Optimizer, ps []Parameter, step int) {
			require.NoError(t, Apply(o, c.set(ps, g.Gradients[step], step, float32(LossScale(o)))), c.class())
		}
		first := c.optimizer(t)
		require.NoError(t, Build(first, broken))
		for n := range 7 {
			step(first, broken, n)
		}
		second := c.optimizer(t)
		require.NoError(t, Build(second, broken))
		require.NoError(t, SetState(second, State(first)))
		for n := 7; n < len(g.Gradients); n++ {
			step(second, broken, n)
		}
		o := c.optimizer(t)
		for n := range g.Gradients {
			require.NoError(t, Build(o, straight), "again and again")
			step(o, straight, n)
		}
		for i := range straight {
			assert.Equal(t, straight[i].Value, broken[i].Value, "%s: %s", c.class(), straight[i].Path)
		}
		assert.Equal(t, State(o), State(second), "%d: %s", i, c.class())
	}
}

func TestConfigsAreKeras(t *testing.T) {
	t.Parallel()
	g := loadGolden(t)
	for _, c := range append(g.Cases, g.Scaled...) {
		o := c.optimizer(t)
		written, err := saving.ToConfig(o)
		require.NoError(t, err)
		assert.Equal(t, c.Config["module"], written["module"])
		contains(t, c.Config["config"], written["config"], c.class())
		again, err := saving.Decode[Optimizer](written)
		require.NoError(t, err)
		rewritten, err := saving.ToConfig(again)
		require.NoError(t, err)
		assert.Equal(t, written, rewritten)
		assert.Equal(t, LearningRate(o), LearningRate(again))
	}
}

// contains asserts that what we write of a config is what Keras has written. What we leave out is Keras's default or null.
func contains(t *testing.T, keras, ours any, where string) {
	t.Helper()
	switch ours := ours.(type) {
	case map[string]any:
		for key, value := range ours {
			if key == "registered_name" {
				continue
			}
			k, ok := keras.(map[string]any)
			require.True(t, ok, where)
			require.Contains(t, k, key, where)
			contains(t, k[key], value, where+"."+key)
		}
	case []any:
		require.Len(t, keras, len(ours), where)
		for i := range ours {
			contains(t, keras.([]any)[i], ours[i], where)
		}
	case int64:
		assert.Equal(t, keras, float64(ours), where)
	case float64:
		if keras == nil {
			keras = 0.0 // Of a weight decay: None and 0 are the same.
		}
		assert.Equal(t, keras, ours, where)
	default:
		assert.Equal(t, keras, ours, where)
	}
}

// Keras's defaults, read as explicit values, do the same as fields that were left alone.
func TestDefaultsAreKeras(t *testing.T) {
	t.Parallel()
	g := loadGolden(t)
	require.Len(t, g.Defaults, 14)
	for _, config := range g.Defaults {
		explicit, err := saving.Decode[Optimizer](config)
		require.NoError(t, err)
		bare, err := saving.Decode[Optimizer](map[string]any{"module": "keras.optimizers", "class_name": config["class_name"]})
		require.NoError(t, err)
		a, b := g.params(), g.params()
		for step := range 3 {
			require.NoError(t, Apply(explicit, trajectory{Every: 1}.set(a, g.Gradients[step], step, 1)))
			require.NoError(t, Apply(bare, trajectory{Every: 1}.set(b, g.Gradients[step], step, 1)))
		}
		for i := range a {
			assert.Equal(t, a[i].Value, b[i].Value, "%T: %s", bare, a[i].Path)
		}
		assert.Equal(t, State(explicit), State(bare))
	}
}

func TestGetIsKeras(t *testing.T) {
	t.Parallel()
	words := loadGolden(t).Words
	require.Greater(t, len(words), 30)
	for word, class := range words {
		o, err := Get(word)
		if class == nil && word != "lamb" && word != "Lamb" {
			require.Error(t, err, word)
			require.ErrorContains(t, err, word)
			continue
		}
		require.NoError(t, err, word)
		name, _ := saving.ClassName(o)
		if class != nil {
			assert.Equal(t, *class, name, word)
		}
		other, err := Get(word)
		require.NoError(t, err)
		assert.NotSame(t, o, other)
	}
	_, err := Get("P>Unheard")
	require.ErrorContains(t, err, `"P>Unheard" is unknown`)
	o, err := Get("P>ascent")
	require.NoError(t, err)
	assert.IsType(t, &ascent{}, o)
}
