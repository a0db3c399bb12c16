package layers_test

import (
	"math"
	"testing"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/layers/layertest"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// A block is a layer with one layer inside, for running it on numbers.
type block struct {
	layers.Base
	Inner layers.Layer
}

// run builds a layer and runs it in training mode, n times, committing what it updates.
func run(t *testing.T, l layers.Layer, seed uint64, x *tensor.Dense, n int) [][]float32 {
	t.Helper()
	outer := &block{Inner: l}
	in := ops.Placeholder("x", ops.Float32, x.Shape()...)
	trace := &layers.Trace{}
	layers.NewBuilder(trace, outer, "", true).Apply(l, in)
	require.NoError(t, trace.Commit(seed))
	trace = &layers.Trace{Sealed: true}
	y := layers.NewBuilder(trace, outer, "", true).Apply(l, in)
	p, err := ops.Compile(ops.Options{Inputs: []ops.Tensor{in}, Outputs: []ops.Tensor{y}, Updates: trace.Updates})
	require.NoError(t, err)
	copy(p.Inputs()[0].Float32s(), x.Float32s())
	var all [][]float32
	for range n {
		require.NoError(t, p.Run())
		p.Commit()
		all = append(all, append([]float32{}, p.Outputs()[0].Float32s()...))
	}
	return all
}

func ones(shape ...int) *tensor.Dense {
	x := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
	for i := range x.Float32s() {
		x.Float32s()[i] = 1
	}
	return x
}

func TestDropoutDropsItsShare(t *testing.T) {
	const n = 100 * 1000
	for _, rate := range []float64{0.1, 0.5, 0.9} {
		ys := run(t, &layers.Dropout{Rate: rate}, 3, ones(100, 1000), 2)
		dropped, both := 0, 0
		for i, y := range ys[0] {
			if y == 0 {
				dropped++
				if ys[1][i] == 0 {
					both++
				}
				continue
			}
			require.InDelta(t, 1/(1-rate), y, 1e-5)
		}
		deviation := math.Sqrt(rate * (1 - rate) / n) // of the share; five of them happen once in two million
		require.InDelta(t, rate, float64(dropped)/n, 5*deviation)
		square := rate * rate // two steps are independent
		require.InDelta(t, square, float64(both)/n, 5*math.Sqrt(square*(1-square)/n))
	}
}

func TestDropoutAtTheEnds(t *testing.T) {
	require.Equal(t, ones(2, 3).Float32s(), run(t, &layers.Dropout{}, 1, ones(2, 3), 1)[0])
	require.Equal(t, make([]float32, 6), run(t, &layers.Dropout{Rate: 1}, 1, ones(2, 3), 1)[0])
}

func TestDropoutNoiseShapeIsRepeated(t *testing.T) {
	y := run(t, &layers.Dropout{Rate: 0.5, NoiseShape: []int{-1, 1, 8}}, 1, ones(4, 5, 8), 1)[0]
	kept := 0
	for b := range 4 {
		for f := range 8 {
			for s := range 5 {
				require.Equal(t, y[b*40+f], y[b*40+s*8+f], "one draw for all steps")
			}
			if y[b*40+f] != 0 {
				kept++
			}
		}
	}
	require.Greater(t, kept, 5)
	require.Less(t, kept, 27)
}

func TestDropoutSeeds(t *testing.T) {
	x := ones(20, 20)
	a := run(t, &layers.Dropout{Rate: 0.5}, 1, x, 3)
	require.Equal(t, a, run(t, &layers.Dropout{Rate: 0.5}, 1, x, 3), "same seed, same steps")
	require.NotEqual(t, a[0], a[1], "each step draws anew")
	require.NotEqual(t, a, run(t, &layers.Dropout{Rate: 0.5}, 2, x, 3))
	own := run(t, &layers.Dropout{Rate: 0.5, Seed: new(9)}, 1, x, 3)
	require.NotEqual(t, a, own)
	require.Equal(t, own, run(t, &layers.Dropout{Rate: 0.5, Seed: new(9)}, 2, x, 3), "a seed of its own takes the model's place")
}

func TestLayersWithDropoutKeepTheContract(t *testing.T) {
	c := layertest.Case{Specs: []ops.Spec{{Shape: []int{3, 4, 5}, DType: ops.Float32}}, Trainable: new(0), NonTrainable: new(0)}
	layertest.Run(t, func() layers.Layer { return &layers.Dropout{Rate: 0.4, NoiseShape: []int{-1, 1, -1}} }, c)
	c.Trainable = new(3)
	layertest.Run(t, func() layers.Layer { return &layers.LSTM{Units: 3, Dropout: 0.4, ReturnSequences: true} }, c)
}

func TestRecurrentDropoutIsTheSameAtEachStep(t *testing.T) {
	// With a kernel of ones and no recurrence, what a step adds depends on which features were kept.
	y := run(t, &layers.LSTM{Units: 1, Dropout: 0.5, ReturnSequences: true}, 1, ones(64, 2, 3), 1)[0]
	distinct := map[float32]bool{}
	for b := range 64 {
		distinct[y[2*b]] = true
	}
	require.LessOrEqual(t, len(distinct), 8, "three features are kept or not")
	require.Greater(t, len(distinct), 3)
}
