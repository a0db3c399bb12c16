package optimizers

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type config struct {
	LearningRate   float64  `json:"learning_rate"`
	Momentum       float64  `json:"momentum"`
	Nesterov       bool     `json:"nesterov"`
	ClipNorm       float64  `json:"clipnorm"`
	ClipValue      float64  `json:"clipvalue"`
	GlobalClipNorm float64  `json:"global_clipnorm"`
	WeightDecay    float64  `json:"weight_decay"`
	Beta1          *float64 `json:"beta_1"`
	Beta2          *float64 `json:"beta_2"`
	Epsilon        float64  `json:"epsilon"`
	AMSGrad        bool     `json:"amsgrad"`
	Rho            *float64 `json:"rho"`
	Centered       bool     `json:"centered"`
}

type trajectory struct {
	Name, Class string
	Config      config
	Missing     bool
	Rates       []float64
	First, Last [][]float32
	State       []struct {
		Name  string
		Shape []int
		Data  []float64
	}
}

type golden struct {
	Shapes    [][2]json.RawMessage
	Start     [][]float32
	Gradients [][][]float32
	Cases     []trajectory
	Schedules []struct {
		Class        string
		Rate, Decay  float64
		Steps        int
		Staircase    bool
		Alpha        float64
		WarmupTarget *float64 `json:"warmup_target"`
		WarmupSteps  int      `json:"warmup_steps"`
		Values       []float64
	}
}

func load(t testing.TB) golden {
	t.Helper()
	raw, err := os.ReadFile("testdata/optimizers.json")
	require.NoError(t, err)
	var g golden
	require.NoError(t, json.Unmarshal(raw, &g))
	return g
}

// params returns fresh parameters at the fixture's starting values.
func (g golden) params(t testing.TB) []Parameter {
	t.Helper()
	ps := make([]Parameter, len(g.Shapes))
	for i, s := range g.Shapes {
		require.NoError(t, json.Unmarshal(s[0], &ps[i].Path))
		require.NoError(t, json.Unmarshal(s[1], &ps[i].Shape))
		ps[i].Value = append([]float32(nil), g.Start[i]...)
		ps[i].Gradient = make([]float32, len(ps[i].Value))
	}
	return ps
}

func (c trajectory) optimizer() Optimizer {
	k := c.Config
	base := Base{ClipNorm: k.ClipNorm, ClipValue: k.ClipValue, GlobalClipNorm: k.GlobalClipNorm, WeightDecay: k.WeightDecay}
	var schedule Schedule
	switch c.Name {
	case "sgd_exponential":
		schedule = ExponentialDecay{InitialLearningRate: 0.1, DecaySteps: 7, DecayRate: 0.8}
	case "adam_cosine":
		schedule = CosineDecay{DecaySteps: 10, Alpha: 0.1, WarmupTarget: new(0.02), WarmupSteps: 5}
	}
	switch c.Class {
	case "SGD":
		return &SGD{Base: base, LearningRate: k.LearningRate, Schedule: schedule, Momentum: k.Momentum, Nesterov: k.Nesterov}
	case "Adam":
		return &Adam{
			Base: base, LearningRate: k.LearningRate, Schedule: schedule, Beta1: k.Beta1, Beta2: k.Beta2,
			Epsilon: k.Epsilon, AMSGrad: k.AMSGrad,
		}
	}
	return &RMSprop{
		Base: base, LearningRate: k.LearningRate, Schedule: schedule, Rho: k.Rho, Momentum: k.Momentum,
		Epsilon: k.Epsilon, Centered: k.Centered,
	}
}

// set copies the gradients of a step; the optimizer may change them.
func (c trajectory) set(ps []Parameter, gradients [][]float32, step int) []Parameter {
	ps = append([]Parameter(nil), ps...)
	for i := range ps {
		copy(ps[i].Gradient, gradients[i])
		if c.Missing && ps[i].Path == "bias" && step%2 == 1 {
			ps[i].Gradient = nil
		}
	}
	return ps
}

// near asserts equality to 1e-6 of the largest value.
func near(t *testing.T, want, got []float32, what string) {
	t.Helper()
	require.Len(t, got, len(want), what)
	top := 0.0
	for _, v := range want {
		top = max(top, math.Abs(float64(v)))
	}
	for i := range want {
		require.InDelta(t, want[i], got[i], 1e-6*top, "%s [%d]", what, i)
	}
}

func TestTrajectoriesAreKeras(t *testing.T) {
	t.Parallel()
	g := load(t)
	classes := map[string]int{}
	for _, c := range g.Cases {
		classes[c.Class]++
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			opt, ps := c.optimizer(), g.params(t)
			for step, gradients := range g.Gradients {
				if step == 0 {
					require.NoError(t, Build(opt, ps))
				}
				assert.InEpsilon(t, c.Rates[step]+1, LearningRate(opt)+1, 1e-8, "learning rate of step %d", step)
				require.NoError(t, Apply(opt, c.set(ps, gradients, step)))
				if step == 0 {
					for i, p := range ps {
						near(t, c.First[i], p.Value, "first step: "+p.Path)
					}
				}
			}
			for i, p := range ps {
				near(t, c.Last[i], p.Value, "last step: "+p.Path)
			}
			state := State(opt)
			require.Len(t, state, len(c.State))
			for i, want := range c.State {
				assert.Equal(t, want.Name, state[i].Name)
				assert.Equal(t, want.Shape, state[i].Shape)
				if want.Name == "iteration" {
					assert.Equal(t, []int64{int64(want.Data[0])}, state[i].Int)
					continue
				}
				data := make([]float32, len(want.Data))
				for k, v := range want.Data {
					data[k] = float32(v)
				}
				near(t, data, state[i].Float, want.Name)
			}
		})
	}
	assert.Len(t, classes, 3)
}

func TestSchedulesAreKeras(t *testing.T) {
	t.Parallel()
	g := load(t)
	require.NotEmpty(t, g.Schedules)
	for _, c := range g.Schedules {
		var s Schedule = ExponentialDecay{c.Rate, c.Steps, c.Decay, c.Staircase}
		if c.Class == "CosineDecay" {
			s = CosineDecay{c.Rate, c.Steps, c.Alpha, c.WarmupTarget, c.WarmupSteps}
		}
		require.Len(t, c.Values, 30)
		for step, want := range c.Values {
			// Keras computes in float32, a few units in the last place of the largest rate.
			assert.InDelta(t, want, s.At(step), 3e-8, "%+v at %d", s, step)
		}
	}
}
