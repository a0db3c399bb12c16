package layers_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/layers/layertest"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// ramp is an array without two equal numbers.
func ramp(shape ...int) *tensor.Dense {
	x := ones(shape...)
	for i := range x.Float32s() {
		x.Float32s()[i] = float32(math.Sin(float64(3*i + 1)))
	}
	return x
}

// window is the steps [from, to) of a sequence.
func window(t *testing.T, x *tensor.Dense, from, to int) *tensor.Dense {
	t.Helper()
	s, err := x.Slice(nil, tensor.S(from, to))
	require.NoError(t, err)
	return s.Materialize().(*tensor.Dense)
}

type statefulLayer interface {
	layers.Layer
	ResetStates()
}

func TestStatefulLayersGoOnWhereTheLastBatchEnded(t *testing.T) {
	one := initializers.RandomNormal{Seed: new(1)}
	for name, build := range map[string]func(stateful bool) statefulLayer{
		"SimpleRNN": func(s bool) statefulLayer {
			return &layers.SimpleRNN{Units: 3, ReturnSequences: true, Stateful: s, RecurrentInitializer: one}
		},
		"GRU": func(s bool) statefulLayer {
			return &layers.GRU{Units: 3, ReturnSequences: true, Stateful: s, RecurrentInitializer: one}
		},
		"LSTM": func(s bool) statefulLayer {
			return &layers.LSTM{Units: 3, ReturnSequences: true, Stateful: s, RecurrentInitializer: one}
		},
	} {
		for _, training := range []bool{true, false} {
			t.Run(fmt.Sprint(name, training), func(t *testing.T) {
				x := ramp(2, 4, 3)
				whole := step(t, compiled(t, build(false), x, training), x)
				stateful := build(true)
				p := compiled(t, stateful, window(t, x, 0, 2), training)
				require.Equal(t, whole.at(0, 2), step(t, p, window(t, x, 0, 2)).at(0, 2))
				require.InDeltaSlice(t, whole.at(2, 4), step(t, p, window(t, x, 2, 4)).at(0, 2), 1e-6, "the state goes on")
				stateful.ResetStates()
				require.Equal(t, whole.at(0, 2), step(t, p, window(t, x, 0, 2)).at(0, 2), "the state is reset")
			})
		}
	}
}

type sequences struct{ *tensor.Dense }

// at is the steps [from, to) as numbers.
func (s sequences) at(from, to int) []float32 {
	var v []float32
	time, units := s.Shape()[1], s.Shape()[2]
	for b := range s.Shape()[0] {
		v = append(v, s.Float32s()[(b*time+from)*units:(b*time+to)*units]...)
	}
	return v
}

func compiled(t *testing.T, l layers.Layer, x *tensor.Dense, training bool) *ops.Program {
	t.Helper()
	outer := &block{Inner: l}
	in := ops.Placeholder("x", ops.Float32, x.Shape()...)
	trace := &layers.Trace{}
	layers.NewBuilder(trace, outer, "", training).Apply(l, in)
	require.NoError(t, trace.Commit(1))
	trace = &layers.Trace{Sealed: true}
	y := layers.NewBuilder(trace, outer, "", training).Apply(l, in)
	p, err := ops.Compile(ops.Options{Inputs: []ops.Tensor{in}, Outputs: []ops.Tensor{y}, Updates: trace.Updates})
	require.NoError(t, err)
	return p
}

func step(t *testing.T, p *ops.Program, x *tensor.Dense) sequences {
	t.Helper()
	copy(p.Inputs()[0].Float32s(), x.Float32s())
	require.NoError(t, p.Run())
	p.Commit()
	return sequences{p.Outputs()[0].Clone().(*tensor.Dense)}
}

func TestStatesAreNoWeights(t *testing.T) {
	l := &layers.Bidirectional{Layer: &layers.LSTM{Units: 2, Stateful: true, ReturnSequences: true}}
	x := ramp(2, 3, 1)
	p := compiled(t, l, x, false)
	require.Len(t, layers.GetWeights(l), 6, "as in Keras")
	first := step(t, p, x).at(0, 3)
	require.NotEqual(t, first, step(t, p, x).at(0, 3))
	l.ResetStates()
	require.Equal(t, first, step(t, p, x).at(0, 3))
}

func TestDroppedPartsOfTheStateAreTheSameAtEachStep(t *testing.T) {
	// Without an input, a linear layer whose weights are the identity multiplies its state by what is kept.
	const units, rate = 400, 0.5
	l := &layers.SimpleRNN{
		Units: units, Activation: activations.Linear, RecurrentInitializer: initializers.Identity{}, BiasInitializer: initializers.Ones{},
		RecurrentDropout: rate, ReturnSequences: true,
	}
	y := run(t, l, 1, tensor.New(tensor.WithShape(1, 3, 1), tensor.Of(tensor.Float32)), 2)
	kept := 0
	for j := range units {
		first, second, third := y[0][j], y[0][units+j], y[0][2*units+j]
		require.Equal(t, float32(1), first)
		if second == 1 {
			require.Equal(t, float32(1), third, "dropped at each step")
			continue
		}
		kept++
		require.Equal(t, []float32{3, 7}, []float32{second, third}, "1 + 2·h")
	}
	require.InDelta(t, units*(1-rate), kept, 60)
	require.NotEqual(t, y[0], y[1], "each batch draws anew")
}

func TestEachGateLosesOtherFeaturesWhereTheStateIsDropped(t *testing.T) {
	distinct := func(l layers.Layer) int {
		values := map[float32]bool{}
		y := run(t, l, 1, ones(64, 1, 3), 1)[0]
		for _, v := range y {
			values[v] = true
		}
		return len(values)
	}
	require.LessOrEqual(t, distinct(&layers.LSTM{Units: 1, Dropout: 0.5}), 8, "three features are kept or not")
	require.Greater(t, distinct(&layers.LSTM{Units: 1, Dropout: 0.5, RecurrentDropout: 0.5}), 16)
	require.LessOrEqual(t, distinct(&layers.GRU{Units: 1, Dropout: 0.5}), 8)
	require.Greater(t, distinct(&layers.GRU{Units: 1, Dropout: 0.5, RecurrentDropout: 0.5}), 16)
	require.Equal(t, 1, distinct(&layers.GRU{Units: 1, Dropout: 1}), "Keras takes a rate of 1 for 0")
}

func TestRecurrentLayersKeepTheContract(t *testing.T) {
	c := layertest.Case{Specs: []ops.Spec{{Shape: []int{3, 4, 5}, DType: ops.Float32}}, Trainable: new(3), NonTrainable: new(0)}
	for _, build := range []func() layers.Layer{
		func() layers.Layer { return &layers.SimpleRNN{Units: 3, Dropout: 0.4, RecurrentDropout: 0.3} },
		func() layers.Layer {
			return &layers.GRU{Units: 3, Dropout: 0.4, RecurrentDropout: 0.3, ReturnSequences: true, Unroll: true}
		},
		func() layers.Layer {
			return &layers.GRU{Units: 3, RecurrentDropout: 0.3, ResetAfter: new(false), Seed: new(3)}
		},
		func() layers.Layer {
			return &layers.LSTM{Units: 3, Dropout: 0.4, RecurrentDropout: 0.3, ReturnSequences: true}
		},
		func() layers.Layer { return &layers.LSTM{Units: 3, RecurrentDropout: 0.3} },
	} {
		layertest.Run(t, build, c)
	}
	c.Trainable = new(6)
	layertest.Run(t, func() layers.Layer {
		return &layers.Bidirectional{Layer: &layers.LSTM{Units: 2, ReturnSequences: true}}
	}, c)
	layertest.Run(t, func() layers.Layer {
		return &layers.Bidirectional{Layer: &layers.GRU{Units: 2, Dropout: 0.3}, MergeMode: layers.MergeSum}
	}, c)
	c.Trainable = new(2)
	layertest.Run(t, func() layers.Layer {
		return &layers.TimeDistributed{Layer: &layers.Dense{Units: 2, KernelRegularizer: regularizers.L2{}}}
	}, c)
	c.NonTrainable = new(2)
	layertest.Run(t, func() layers.Layer { return &layers.TimeDistributed{Layer: &layers.BatchNormalization{}} }, c)
}

func TestWrappedLayersHaveKerasNames(t *testing.T) {
	l := &layers.Bidirectional{Layer: &layers.GRU{Units: 2}}
	trace := &layers.Trace{}
	y := layers.NewBuilder(trace, &block{Inner: l}, "", false).Apply(l, ops.Placeholder("x", ops.Float32, -1, -1, 3))
	require.NoError(t, y.Err())
	require.Equal(t, []int{-1, 4}, y.Shape())
	require.Equal(t, []string{
		"inner/forward_gru/cell/kernel", "inner/forward_gru/cell/recurrent_kernel", "inner/forward_gru/cell/bias",
		"inner/backward_gru/cell/kernel", "inner/backward_gru/cell/recurrent_kernel", "inner/backward_gru/cell/bias",
	}, paths(trace.Declared()))
	var attributes []string
	for _, c := range layers.Children(l) {
		attributes = append(attributes, c.Attr)
	}
	require.Equal(t, []string{"forward_layer", "backward_layer"}, attributes)

	config, err := saving.ToConfig(&layers.Bidirectional{Layer: &layers.GRU{Units: 2}, MergeMode: layers.MergeNone})
	require.NoError(t, err)
	mode, there := config["config"].(map[string]any)["merge_mode"]
	require.True(t, there)
	require.Nil(t, mode)
	loaded, err := saving.FromConfig(config)
	require.NoError(t, err)
	require.Equal(t, layers.MergeNone, loaded.(*layers.Bidirectional).MergeMode)
}

func TestTimeDistributedNeedsNoKnownTime(t *testing.T) {
	l := &layers.TimeDistributed{Layer: &layers.BatchNormalization{}}
	for _, shape := range [][]int{{-1, -1, 3}, {2, -1, 3}, {-1, 4, 3}} {
		y := layers.NewBuilder(&layers.Trace{}, &block{Inner: l}, "", true).Apply(l, ops.Placeholder("x", ops.Float32, shape...))
		require.NoError(t, y.Err())
		require.Equal(t, shape, y.Shape())
	}
}

func TestStatefulLayersKeepTheirBatch(t *testing.T) {
	l := &layers.GRU{Units: 1, Stateful: true}
	compiled(t, l, ramp(2, 3, 1), true)
	y := layers.NewBuilder(&layers.Trace{Sealed: true}, &block{Inner: l}, "", true).Apply(l, ops.Placeholder("x", ops.Float32, 4, 3, 1))
	require.ErrorContains(t, y.Err(), "expected a batch of 2")
	require.ErrorContains(t, y.Err(), "got 4")
}

// unknown is a recurrent layer of a type that is not registered.
type unknown struct {
	layers.Base
	GoBackwards, ReturnSequences, ReturnState, Stateful bool
}

// CallAll implements [layers.MultiLayer].
func (u *unknown) CallAll(_ *layers.Builder, xs ...ops.Tensor) []ops.Tensor {
	if u.GoBackwards {
		return []ops.Tensor{ops.Max(xs[0], 1)}
	}
	return []ops.Tensor{ops.Min(xs[0], 1)}
}

func TestBidirectionalTakesLayersOfOnesOwn(t *testing.T) {
	l := &layers.Bidirectional{Layer: &unknown{}}
	y := layers.NewBuilder(&layers.Trace{}, &block{Inner: l}, "", false).Apply(l, ops.Placeholder("x", ops.Float32, 2, 3, 1))
	require.ErrorContains(t, y.Err(), "register")

	l = &layers.Bidirectional{Layer: &unknown{}, BackwardLayer: &unknown{GoBackwards: true}}
	x := ramp(1, 3, 1)
	v := x.Float32s()
	require.Equal(t, []float32{min(v[0], v[1], v[2]), max(v[0], v[1], v[2])}, run(t, l, 1, x, 1)[0])
}

func TestZeroOutputForMaskOfUnknownLength(t *testing.T) {
	x := input(ops.Unknown, ops.Unknown, 2).WithMask(ops.Placeholder("mask", ops.Bool, ops.Unknown, ops.Unknown))
	y, err := trace(&layers.GRU{Units: 3, ZeroOutputForMask: true}, false, x)
	require.NoError(t, err)
	require.Equal(t, []int{ops.Unknown, 3}, y.Shape())
}
